"""The only place that runs uv: commands as values, a runner, a diagnosis of failures."""
