"""What the rows have measured, printed at the end of a run; `docs/reliability.md` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_rows: list[tuple[str, Mapping[str, Any]]] = []


def record(row: str, found: Mapping[str, Any]) -> None:
    """Keep what a row has found; lists are counted."""
    counted = {
        key: len(value) if isinstance(value, list) else value for key, value in found.items()
    }
    _rows.append((row, counted))


def lines() -> list[str]:
    """A line for each row, in the order of the run."""
    return [
        f"{row}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found.items())
        for row, found in _rows
    ]
