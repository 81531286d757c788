"""Pure: values and decisions. No files, processes, clock, environment variables or logging."""
