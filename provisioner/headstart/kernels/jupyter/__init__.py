"""What is changed in Jupyter's own packages, one module for each change."""
