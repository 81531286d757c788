"""Find and read the notebook that a kernel is started for."""
