"""Work on the store between builds: compiling, pruning, keeping."""
