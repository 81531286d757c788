"""The Jupyter Server extension: handlers that only translate, and the events of builds."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """The entry point for Jupyter Server, which is imported only when this is called."""
    from .extension import HeadstartExtension

    return [{"module": "headstart", "app": HeadstartExtension}]
