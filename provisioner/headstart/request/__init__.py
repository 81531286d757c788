"""From a notebook on disk to the spec that it asks for, with the files that its header names."""
