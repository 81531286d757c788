"""Text in, text out: TOML, YAML, JSON and lists, read with bounds and changed without loss."""
