"""A shim for ``pip`` and ``uv`` in an environment: answers questions, changes nothing.

An environment is immutable and may be shared by many notebooks, so packages are added by changing
the notebook's header. Copied into each environment, and run there by its own Python:
``shim.py (pip|uv) ARGUMENT...``.
"""
