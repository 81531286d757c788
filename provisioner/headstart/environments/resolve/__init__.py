"""From a spec to a lock: an interpreter, and a resolution that is cached or made by uv."""
