"""JupyterLab and Notebook 7 in a real browser, with a real server, kernels and uv."""
