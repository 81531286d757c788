"""Headstart: a notebook's kernel, in an environment that has exactly what its header requires.

The names below are Headstart's public API. Each is imported when it is first used, so that ``import
headstart`` takes next to no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.header.normalise import spec_of
    from .core.header.parse import parse_header
    from .core.header.spec import EnvironmentSpec, Header
    from .core.notebook.find import find_header
    from .core.progress import Progress
    from .core.store.manifest import Environment
    from .environments.context import open_context
    from .environments.ready import Ready, ensure
    from .errors import HeadstartError
    from .request.notebook_files import read_notebook
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
    "Environment": "core.store.manifest",
    "EnvironmentSpec": "core.header.spec",
    "Header": "core.header.spec",
    "HeadstartError": "errors",
    "Progress": "core.progress",
    "Ready": "environments.ready",
    "Settings": "settings",
    "ensure": "environments.ready",
    "find_header": "core.notebook.find",
    "open_context": "environments.context",
    "parse_header": "core.header.parse",
    "read_notebook": "request.notebook_files",
    "read_settings": "settings",
    "spec_of": "core.header.normalise",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # kernel starts do not need it

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
