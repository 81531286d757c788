"""Measuring by turns: what is compared runs in one process, one after the other, many times."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured of one contender, one figure a round: seconds, bytes, or a ratio."""

    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    @property
    def half(self) -> tuple[float, float]:
        """The bounds of the middle half of the figures."""
        if len(self.figures) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.figures, n=4, method="inclusive")
        return low, high

    def over(self, other: Sample) -> Sample:
        """Round by round, how many times the other's figure this one's is."""
        pairs = zip(self.figures, other.figures, strict=True)
        return Sample(tuple(mine / theirs for mine, theirs in pairs))


def by_turns(
    contenders: Mapping[str, Callable[[], float]],
    rounds: int,
    warm_up: int = 0,
    before: Callable[[], object] = lambda: None,
) -> dict[str, Sample]:
    """Run each contender once a round and collect the figure that it returns.

    Every other round goes through them backwards, so that none profits from its place.

    :param warm_up: rounds that are not counted: they fill the page cache and compile bytecode.
    :param before: called before each run.
    """
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(-warm_up, rounds):
        names = list(contenders) if turn % 2 else list(reversed(contenders))
        for name in names:
            before()
            figure = contenders[name]()
            if turn >= 0:
                figures[name].append(figure)
        if sys.stderr.isatty():
            print(f"\r  round {max(turn + 1, 0)} of {rounds} ", end="", file=sys.stderr)
    return {name: Sample(tuple(found)) for name, found in figures.items()}
