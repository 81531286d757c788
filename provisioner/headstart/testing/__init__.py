"""Fakes and small tools for tests, shipped so that others can test what they build on us."""
