"""Random sequences of all that happens to kernels of a server and their environments."""
