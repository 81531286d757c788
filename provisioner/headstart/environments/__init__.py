"""Joins pure code with effects: from a spec to an environment that somebody holds a lease on."""
