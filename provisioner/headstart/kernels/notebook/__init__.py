"""Which notebook a kernel is started for, and what that notebook says."""
