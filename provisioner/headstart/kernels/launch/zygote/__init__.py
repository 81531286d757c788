"""Start kernels by forking a zygote, as seen from the Jupyter side."""
