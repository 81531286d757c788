"""Compare what is in the store with its own records."""
