"""The fields of a lock's tables, each read strictly, and why one cannot be read."""

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
"""The way out of whatever is wrong with a lock that was made here."""

MAX_MARKER = 16 * 1024
"""Characters of a marker."""

MAX_SPECIFIER = 1000
"""Characters of ``requires-python``."""

_LONG_NUMBER = re.compile(r"\d{1000}")
"""What Python may not make a number of: a comparison of versions would raise."""

_PLAIN = re.compile(r"[^\x00-\x1f\x7f]*")


def fail(reason: str) -> NoReturn:
    """Refuse the lock, for a reason that is the rest of a sentence.

    :raises LockError: always. Whatever calls this raises it too.
    """
    raise LockError(f"The lock is damaged: {reason}.", hint=RESOLVE_AGAIN)


def check_marker(marker: str, owner: str) -> None:
    """Refuse a marker (PEP 508) that cannot be read; ``""`` is none."""
    try:
        if len(marker) > MAX_MARKER or _LONG_NUMBER.search(marker):
            raise ValueError
        if marker:
            read_marker(marker)
    except (ValueError, RecursionError):
        fail(f"{owner} has a marker that cannot be read")


def specifier(table: Mapping[str, Any], owner: str) -> str:
    """``requires-python`` of the lock or of a package, ``""`` if it says nothing."""
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


# The same few stand at many packages of a lock, and parsing is most of what reading one takes.
read_version = lru_cache(maxsize=4096)(Version)
"""A version of a lock, parsed; raises ValueError if it is none."""

read_marker = lru_cache(maxsize=1024)(Marker)
"""A marker of a lock, parsed; raises ValueError if it is none."""

read_specifier = lru_cache(maxsize=1024)(SpecifierSet)
"""A specifier of a lock, parsed; raises ValueError if it is none."""
