"""Headstart: a notebook's kernel, in an environment that has exactly what its header asks for.

A facade: the names below are Headstart's public ones, each imported when it is first used, so that
``import headstart`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.environment import Environment
    from .core.header import Header, parse_header
    from .core.notebook import find_header
    from .core.progress import Progress
    from .core.spec import EnvironmentSpec, spec_of
    from .environments.context import open_context
    from .environments.ensure import Ready, ensure
    from .errors import HeadstartError
    from .notebooks import read_notebook
    from .settings import Settings, read_settings

    __version__: str

__all__ = [
    "Environment",
    "EnvironmentSpec",
    "Header",
    "HeadstartError",
    "Progress",
    "Ready",
    "Settings",
    "__version__",
    "ensure",
    "find_header",
    "open_context",
    "parse_header",
    "read_notebook",
    "read_settings",
    "spec_of",
]

_MODULES = {
    "Environment": "core.environment",
    "EnvironmentSpec": "core.spec",
    "Header": "core.header",
    "HeadstartError": "errors",
    "Progress": "core.progress",
    "Ready": "environments.ensure",
    "Settings": "settings",
    "ensure": "environments.ensure",
    "find_header": "core.notebook",
    "open_context": "environments.context",
    "parse_header": "core.header",
    "read_notebook": "notebooks",
    "read_settings": "settings",
    "spec_of": "core.spec",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("headstart")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Where Jupyter Server finds the extension."""
    from .server import _jupyter_server_extension_points as points

    return points()
