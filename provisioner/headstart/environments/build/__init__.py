"""From a lock to an installed environment and its kernel layer."""
