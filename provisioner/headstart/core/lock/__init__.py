"""Locks as values: ``pylock.toml``, what is selected from it, and whether it is up to date."""
