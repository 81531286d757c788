"""The only place that knows jupyter_client: from an environment to a running kernel."""
