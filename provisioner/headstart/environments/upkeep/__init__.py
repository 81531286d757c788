"""What is done to the store beside builds: compiling, pruning, keeping."""
