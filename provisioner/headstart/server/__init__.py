"""The Jupyter Server extension: handlers that only translate, and the events of builds."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Where Jupyter Server finds the extension. Imports the server only when it is asked."""
    from .extension import HeadstartExtension

    return [{"module": "headstart", "app": HeadstartExtension}]
