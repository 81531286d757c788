"""Base Pythons, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Interpreter(NamedTuple):
    """A base Python on this machine.

    ``path`` is absolute; ``version`` is the full version (``3.11.7``); ``implementation`` is
    ``cpython``, ``pypy``, ...; ``platform`` is ``sysconfig.get_platform()``; ``tags`` are the
    wheel tags that it accepts, best first, as strings (``cp311-cp311-manylinux_2_36_x86_64``);
    ``markers`` are the PEP 508 environment markers.
    """

    path: str
    version: str
    implementation: str
    platform: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]

    @property
    def short_version(self) -> str:
        """Major and minor version: ``3.11``."""
        return ".".join(self.version.split(".")[:2])

    def __repr__(self) -> str:
        # Without the tags, of which there are a thousand.
        return f"Interpreter({self.path!r}, {self.version!r}, {self.implementation!r})"
