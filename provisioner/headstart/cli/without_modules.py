"""Import a library without those of its optional parts that are slow and not needed here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["FORMATS", "left_out"]

FORMATS = ("rfc3987_syntax", "rfc3986_validator", "isoduration")
"""jsonschema's checkers of IRIs, URIs and durations, which no notebook has. Jupyter's server brings
them; the first prepares a grammar for most of a second when it is imported."""


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Within it, modules count as not installed, unless they are loaded already.

    For a process of our own only: what is imported meanwhile stays loaded without them.
    """
    missing = [name for name in names if name not in sys.modules]
    # `None` makes an import raise ModuleNotFoundError (Python's reference, "The module cache").
    blocked: dict[str, None] = dict.fromkeys(missing)
    sys.modules.update(blocked)  # type: ignore[arg-type]  # typeshed knows modules only
    try:
        yield
    finally:
        for name in missing:
            sys.modules.pop(name, None)
