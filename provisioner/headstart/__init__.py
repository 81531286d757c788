"""Headstart: a notebook's kernel, in an environment that has exactly what its header asks for."""
