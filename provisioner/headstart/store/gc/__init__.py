"""What is in the store, how much space it takes, and how it is removed."""
