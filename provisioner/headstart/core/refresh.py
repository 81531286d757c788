"""The refresh mode: whether a kernel start may reuse an environment."""

from __future__ import annotations

from enum import StrEnum


class RefreshMode(StrEnum):
    """Whether a kernel start may reuse an environment."""

    CACHED = "cached"
    EPHEMERAL = "ephemeral"
