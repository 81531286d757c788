"""Read a notebook, its header, and the files that the header names, into a spec."""
