"""How a kernel's process is started."""
