"""Parts: what a wheel installs, kept once and linked into environments."""
