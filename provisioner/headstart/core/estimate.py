"""How much of a build is done, and how long the rest takes, from what earlier builds have taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

__all__ = ["MOST", "Step", "Timing", "Work", "estimate", "read_timings"]

MOST = 20
"""How many builds are remembered: the last ones."""

_OVERDUE = 0.95
"""How much of a step counts as done, at most, that has not ended yet."""

_LEAST_BYTES = 256 * 1024
"""Less tells nothing of how fast a download is."""

_LEAST_SECONDS = 0.2
"""What each step takes at least: it starts a process, or waits for the disk."""

_LONGEST = 86_400.0


class Step(StrEnum):
    """The steps of a build, in their order; the last two are for the environment alone."""

    INTERPRETER = "interpreter"
    RESOLVE = "resolve"
    LAYER = "layer"
    DOWNLOAD = "download"
    INSTALL = "install"


class Timing(NamedTuple):
    """One finished build: seconds of its steps, 0 for what it had not, and what it was."""

    interpreter: float = 0.0
    resolve: float = 0.0
    layer: float = 0.0
    download: float = 0.0
    install: float = 0.0
    bytes: int = 0
    packages: int = 0


class Work(NamedTuple):
    """What a build has to do: its steps; bytes and packages are None while they are not known."""

    steps: frozenset[Step]
    bytes: int | None = None
    packages: int | None = None


_USUAL = Timing(8.0, 2.0, 10.0, 3.0, 1.5, 24_000_000, 12)
"""What a build takes where none was seen yet: only for the shares that the steps have."""


def estimate(
    work: Work,
    past: Sequence[Timing],
    elapsed: Mapping[Step, float],
    done: Mapping[Step, float],
) -> tuple[float, float | None]:
    """How much of a build is done, from 0 to 1, and the seconds that the rest takes.

    A step has the share in the whole that it has in the time. The seconds are None while a step is
    not done of which no earlier build tells.

    :param elapsed: seconds that the steps have taken until now.
    :param done: what is known of how much of a step is done, from 0 to 1; 1 only if it has ended.
    """
    whole = left = 0.0
    known = True
    for step in work.steps:
        seconds, seen = _seconds(step, work, past)
        share = done.get(step, 0.0)
        if share < 1:
            share = min(_OVERDUE, max(share, elapsed.get(step, 0.0) / seconds))
            known = known and seen
        whole += seconds
        left += (1 - share) * seconds
    return (1 - left / whole if whole else 0.0), (left if known else None)


def read_timings(value: Any) -> tuple[Timing, ...]:
    """Timings from JSON, which may be damaged: what is none is left out."""
    found = (_timing(item) for item in (value if isinstance(value, list) else ()))
    return tuple(timing for timing in found if timing is not None)[-MOST:]


def _timing(value: Any) -> Timing | None:
    if not isinstance(value, list) or len(value) != len(Timing._fields):
        return None
    # Not isinstance: True is an int in Python.
    numbers = all(type(number) in (int, float) and 0 <= number < 1 << 50 for number in value)
    return Timing(*value) if numbers and max(value[:5]) <= _LONGEST else None


def _seconds(step: Step, work: Work, past: Sequence[Timing]) -> tuple[float, bool]:
    """What a step takes, and whether an earlier build tells that."""
    match step:
        case Step.DOWNLOAD:
            rates = [it.download / it.bytes for it in past if it.bytes >= _LEAST_BYTES]
            size = _amount(work.bytes, (it.bytes for it in past if it.bytes), _USUAL.bytes)
            seconds = _median(rates, _USUAL.download / _USUAL.bytes) * size
            seen = bool(rates) or size < _LEAST_BYTES
        case Step.INSTALL:
            each = [it.install / it.packages for it in past if it.packages]
            count = (it.packages for it in past if it.packages)
            packages = _amount(work.packages, count, _USUAL.packages)
            seconds = _median(each, _USUAL.install / _USUAL.packages) * packages
            seen = bool(each)
        case _:
            taken = [value for it in past if (value := getattr(it, step.value))]
            seconds, seen = _median(taken, getattr(_USUAL, step.value)), bool(taken)
    return max(seconds, _LEAST_SECONDS), seen


def _amount(known: int | None, past: Iterable[int], usual: int) -> float:
    return known if known is not None else _median(list(past), usual)


def _median(values: Sequence[float], usual: float) -> float:
    # Not `statistics`: it takes 10 ms to import.
    ordered = sorted(values)
    return (ordered[len(ordered) // 2] + ordered[~(len(ordered) // 2)]) / 2 if ordered else usual
