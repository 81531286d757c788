"""Files, locks and system calls, below the level of environments."""
