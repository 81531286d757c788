"""Measuring by turns: what is compared runs in one process, one after the other, many times."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WARM_UP = 2
"""Rounds that are not counted: they fill the page cache and compile bytecode."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds that one contender took, one figure a round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        """Median, the middle half and the extremes, in milliseconds."""
        low, _, high = statistics.quantiles(self.seconds, n=4)
        figures = (self.median, low, high, min(self.seconds), max(self.seconds))
        median, low, high, least, most = (f"{1000 * figure:.1f}" for figure in figures)
        return (
            f"{median:>8} ms   half {low} to {high}, all {least} to {most}, n={len(self.seconds)}"
        )


def by_turns(
    contenders: Mapping[str, Callable[[], float]], rounds: int, warm_up: int = WARM_UP
) -> dict[str, Sample]:
    """Run each contender once a round and collect the seconds it returns.

    Every other round goes through them backwards, so that none profits from its place.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(-warm_up, rounds):
        names = list(contenders) if turn % 2 else list(reversed(contenders))
        for name in names:
            taken = contenders[name]()
            if turn >= 0:
                seconds[name].append(taken)
        if sys.stderr.isatty():
            print(f"\r  round {max(turn + 1, 0)} of {rounds} ", end="", file=sys.stderr)
    return {name: Sample(tuple(figures)) for name, figures in seconds.items()}


def compare(title: str, ours: Sample, theirs: Sample, budget: float) -> str:
    """Both samples, and the ratio of their medians against the budget."""
    ratio = ours.median / theirs.median
    return (
        f"\n{title}\n  Headstart {ours}\n  plain     {theirs}\n"
        f"  ratio     {ratio:8.2f}      budget {budget:.2f}: {verdict(ratio, budget)}"
    )


def verdict(figure: float, budget: float) -> str:
    """Whether a figure is within its budget, in words."""
    return "kept" if figure <= budget else "NOT KEPT"
