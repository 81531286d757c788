"""A process that has imported what a kernel needs, and forks kernels."""
