"""Cell magics: who runs what stands below them."""

from __future__ import annotations

__all__ = ["PYTHON_MAGICS", "foreign_magic"]

PYTHON_MAGICS = frozenset(
    {"capture", "debug", "heat", "ipytest", "memit", "prun", "pyinstrument", "scalene", "snakeviz",
     "time", "timeit"}
)  # fmt: skip
"""Cell magics whose body is the notebook's own Python. That of others (``%%writefile tool.py``)
belongs to another program."""

_TOP = 4096
"""Characters of a cell in which its cell magics stand."""


def foreign_magic(source: str) -> str:
    """The cell magic that gives a code cell to another program, as ``%%bash``; ``""`` if none.

    One magic may stand below another: ``%%time``, then ``%%bash``.
    """
    rest = source[:_TOP].lstrip()
    while rest.startswith("%%"):
        line, _, rest = rest.partition("\n")
        name = line.split(maxsplit=1)[0]
        if name[2:] not in PYTHON_MAGICS:
            return name
        rest = rest.lstrip()
    return ""
