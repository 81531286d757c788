"""The header: its fields, read, normalised into a spec, compared and edited."""
