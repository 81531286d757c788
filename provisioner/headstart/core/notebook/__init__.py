"""Notebooks as values: their cells, and where a header is."""
