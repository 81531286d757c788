"""The results as text: as a table for the terminal, and as ``docs/benchmarks.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.measure import Sample
from tests.benchmarks.rows import FACTORS, Line, Missing, Plan, Row

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

INTRODUCTION = """\
# Benchmarks

What Headstart costs and gains, against the same work without it. `make bench` measures all of it on
your machine, `make bench WRITE=1` writes this page, and `make bench SHORT=1` only shows that
everything can be measured, as the tests do.
"""

HOW_TO_READ = """\
Times are medians. Each round has a *ratio*, Headstart's figure over the other's: 0.2 is a fifth of
the time. The median of these ratios is what is held to the budget that Headstart was designed to
(*hoped for* is what a good day should bring); the *middle half* is their spread.
"""

HOW_MEASURED = """\
## How it is measured
- **By turns.** The contenders of a row run one after the other in each round of one run, every
  other round backwards. Only ratios within a row mean anything; milliseconds are this machine's.
- **The same work.** A plain kernel is ipykernel in a venv of the very versions that Headstart's
  environment and kernel layer have, with bytecode. Client, transport and kernel arguments are the
  same for both sides of a row, except where the row says otherwise.
- **Nothing left to write.** Before each run of a row that builds, everything is written to disk
  (`sync`), untimed. Headstart's builds end with everything on disk, uv's do not: without this, each
  side would pay for what the other has left behind. Both link files hard, also for root.
- **Nothing in the background.** Before each run, zygotes and parked kernels have come to rest.
  Wheels are not compiled, and nothing is pruned, while something is measured.
- **Nothing is removed.** Removing large trees slows what follows, on ext4 for minutes: what was
  built is renamed, and is unknown again; ephemeral environments are not removed with their kernels.
  *Known wheels* are those whose files and bytecode the store has.
- **Warm.** All packages are in uv's cache, for both sides. Rounds that are not counted come first.
- **The index of ephemeral kernels.** At each start uv asks it again for every package. An index far
  away takes most of such a start, so the row with the budget has one on this machine: a mirror in a
  process of its own, which has asked the real index before, answers from memory, and says so (HTTP
  304) where nothing is new. The row below it asks the real one, and measures the way there too.
- **Other tools** run in venvs of their own, as they come, started by the same client. It tells them
  the notebook as a Jupyter server does. Their environments were made before.
- `PYTHONDONTWRITEBYTECODE` is unset. With it, plain kernels would compile what they import at each
  start, and look three times slower than they are.
"""


HEAD = ("what", "against", "Headstart", "other", "ratio", "middle half", "budget", "kept")


def table(lines: Sequence[Line], *, judged: bool = True) -> str:
    """The lines as a Markdown table, and what is missing below it.

    :param judged: say which budgets there are, and whether they are kept.
    """
    rows = [line for line in lines if isinstance(line, Row)]
    missing = [f"- *{line.what}*: {line.why}." for line in lines if isinstance(line, Missing)]
    cells = [HEAD, *map(_cells, rows)] if rows else []
    if not judged:
        cells = [row[:-2] for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    text = [_line(row, widths) for row in cells]
    if text:
        text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    if missing:
        text += ["", "Not measured:", "", *missing]
    return "\n".join(text).strip()


def page(results: Mapping[str, Sequence[Line]], facts: Mapping[str, str], plan: Plan) -> str:
    """The whole page.

    :param results: titles of benchmarks, and their lines.
    :param facts: about the machine and this run.
    """
    machine = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    sections = "\n\n".join(
        f"### {title}\n\n{table(lines, judged=plan.judges)}" for title, lines in results.items()
    )
    packages = " and ".join(plan.packages)
    scale = (
        f"Notebooks ask for {packages}, where nothing else is said. {plan.rounds} rounds; "
        f"{plan.few} of what is many kernels or takes long, {plan.many} of what takes "
        "milliseconds.\n"
    )
    if not plan.judges:
        scale = (
            f"**This was a short run, on a busy machine perhaps: nobody was to judge it.** {scale}"
        )
    return "\n".join(
        (
            *(INTRODUCTION, "## The machine", "", "| | |", "|---|---|", machine, ""),
            *("## Results", "", HOW_TO_READ, scale, sections, "", HOW_MEASURED),
        )
    )


def _cells(row: Row) -> tuple[str, ...]:
    ratio = row.ratio
    return (
        row.what,
        row.against or "–",
        _figure(row.ours, row),
        _figure(row.theirs, row) if row.theirs else "–",
        f"**{ratio.median:.3g}**" if ratio else "–",
        " to ".join(f"{bound:.3g}" for bound in ratio.half) if ratio else "–",
        _bounds(row),
        {True: "yes", False: "**no**", None: "–"}[row.kept],
    )


def _figure(sample: Sample, row: Row) -> str:
    figure = sample.median * FACTORS[row.unit]
    return f"{figure:,.0f} {row.unit}" if figure >= 100 else f"{figure:.3g} {row.unit}"


def _bounds(row: Row) -> str:
    said = []
    if row.budget is not None:
        said.append(f"≤ {row.budget:g}")
    if row.limit is not None:
        said.append(f"≤ {row.limit:g} {row.unit}")
    if row.stretch is not None:
        said.append(f"hoped for {row.stretch:g}")
    return ", ".join(said) or "–"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
