"""Read the fields of a lock's tables strictly, and say why one cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...errors import LockError
from ..messages import kind_of

RESOLVE_AGAIN = "Resolve the notebook again."
"""The hint for any damage of a lock that was made on this machine."""

MAX_MARKER = 16 * 1024
"""Characters of a marker."""

MAX_SPECIFIER = 1000
"""Characters of ``requires-python``."""

_LONG_NUMBER = re.compile(r"\d{1000}")
"""Digits that Python may refuse to convert to a number: comparing versions would raise."""

_PLAIN = re.compile(r"[^\x00-\x1f\x7f]*")


def fail(reason: str) -> NoReturn:
    """Refuse the lock, for a reason that is the end of a sentence.

    :raises LockError: always. All functions here raise it for the same reasons.
    """
    raise LockError(f"The lock is damaged: {reason}.", hint=RESOLVE_AGAIN)


def check_marker(marker: str, owner: str) -> None:
    """Refuse a marker (PEP 508) that cannot be read; ``""`` means none."""
    try:
        if len(marker) > MAX_MARKER or _LONG_NUMBER.search(marker):
            raise ValueError
        if marker:
            read_marker(marker)
    except (ValueError, RecursionError):
        fail(f"{owner} has a marker that cannot be read")


def specifier(table: Mapping[str, Any], owner: str) -> str:
    """``requires-python`` of the lock or of a package, ``""`` if it has none."""
    text = text_of(table, "requires-python", owner)
    try:
        if len(text) > MAX_SPECIFIER:
            raise ValueError
        read_specifier(text)
    except ValueError:
        fail(f"{owner} has a requires-python that is not a specifier")
    return text


def text_of(table: Mapping[str, Any], name: str, owner: str) -> str:
    """A string without control characters, ``""`` if there is none."""
    value = table.get(name, "")
    if not isinstance(value, str):
        fail(f"{name} of {owner} is {kind_of(value)}")
    # Names and versions are shown in messages, where a control character could act on a terminal.
    if not _PLAIN.fullmatch(value):
        fail(f"{name} of {owner} has a control character")
    return value


def texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """An array of strings of the lock itself."""
    items = list_of(document, name, "the lock")
    return tuple(text_of({name: item}, name, "the lock") for item in items)


def list_of(table: Mapping[str, Any], name: str, owner: str) -> list[Any]:
    """An array, empty if there is none."""
    value = table.get(name, [])
    if not isinstance(value, list):
        fail(f"{name} of {owner} is {kind_of(value)}")
    return value


# Many packages of a lock have the same few, and parsing them takes most of the time of reading it.
read_version = lru_cache(maxsize=4096)(Version)
"""A version of a lock, parsed; raises ValueError if it is invalid."""

read_marker = lru_cache(maxsize=1024)(Marker)
"""A marker of a lock, parsed; raises ValueError if it is invalid."""

read_specifier = lru_cache(maxsize=1024)(SpecifierSet)
"""A specifier of a lock, parsed; raises ValueError if it is invalid."""
