"""Kernels: the only place that knows jupyter_client."""
