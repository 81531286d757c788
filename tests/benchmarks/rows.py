"""The rows of the table: what was compared, the figures, and the budget they are held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.benchmarks.measure import Sample

Unit = Literal["ms", "MB"]

FACTORS = {"ms": 1e3, "MB": 1e-6}
"""From seconds, and from bytes."""


class CannotMeasure(Exception):
    """Something that a row needs is not there; the message says what."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured; the budgets are for these values.

    :param rounds: how often each contender runs.
    :param warm_up: rounds before these.
    :param packages: what the notebooks ask for; the first of them is also imported alone.
    :param imports: the line that imports them.
    :param notebooks: how many are run in a row, in a fifth of the rounds.
    :param kernels: how many are started at once.
    :param environments: how many a full store has.
    :param sizes: bytes of a small and of a large notebook.
    :param judges: whether the figures are held to the budgets.
    """

    rounds: int = 15
    warm_up: int = 2
    packages: tuple[str, ...] = ("pandas", "matplotlib")
    imports: str = "import pandas, matplotlib.pyplot"
    notebooks: int = 50
    kernels: int = 20
    environments: int = 10_000
    sizes: tuple[int, int] = (100_000, 20_000_000)
    judges: bool = True

    @property
    def few(self) -> int:
        """Rounds of what takes long, or is many runs in one."""
        return max(self.rounds // 5, 1)

    @property
    def many(self) -> int:
        """Rounds of what takes milliseconds."""
        return 5 * self.rounds


SHORT = Plan(
    rounds=1,
    warm_up=0,
    packages=("humanize",),
    imports="import humanize",
    notebooks=2,
    kernels=2,
    environments=100,
    sizes=(100_000, 1_000_000),
    judges=False,
)
"""Once through everything, with little: shows that it works, and says nothing of times."""


@dataclass(frozen=True, slots=True)
class Row:
    """A comparison.

    :param budget: which ratio is allowed, None where there is no budget.
    :param stretch: which ratio is hoped for.
    :param limit: how much is allowed of ``ours`` itself, in its unit; then ``theirs`` may be None.
    """

    what: str
    ours: Sample
    against: str = ""
    theirs: Sample | None = None
    budget: float | None = None
    stretch: float | None = None
    limit: float | None = None
    unit: Unit = "ms"

    @property
    def ratio(self) -> Sample | None:
        """Those of single rounds."""
        return None if self.theirs is None else self.ours.over(self.theirs)

    @property
    def kept(self) -> bool | None:
        """Whether all bounds are kept; None where there is none."""
        held = []
        if self.ratio is not None and self.budget is not None:
            held.append(self.ratio.median <= self.budget)
        if self.limit is not None:
            held.append(self.ours.median * FACTORS[self.unit] <= self.limit)
        return all(held) if held else None


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not measured, and why."""

    what: str
    why: str


Line = Row | Missing
