"""What a call of uv gives."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["UvResult"]


@dataclass(frozen=True, slots=True)
class UvResult:
    """What a successful call said, redacted, and how many seconds it took.

    ``stdout`` is data: parameters of its URLs are left as they are.
    """

    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    seconds: float = 0.0
