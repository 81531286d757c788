"""Install, import and try what a notebook asks for."""
