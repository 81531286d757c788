"""The facts of errors, besides their messages, as values, each with its form as JSON."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["RequirementLocation", "SourceLocation", "Violation", "Weight"]


class SourceLocation(NamedTuple):
    """A line of a notebook, or a location in another form of header.

    ``cell`` is the 0-based index of the cell, None outside of cells; ``line`` is 1-based, in the
    cell or in the text notebook, None if it is not known; ``text`` is the text of the line or the
    field, without secrets. ``where`` is the location for people if it is not a line of the
    notebook: ``the notebook's metadata, dependencies, item 3``.
    """

    cell: int | None = None
    line: int | None = None
    text: str = ""
    where: str = ""

    def __str__(self) -> str:
        """The location for people, as it follows ``in``."""
        if self.where:
            return self.where
        if self.cell is None:
            return f"line {self.line} of the notebook"
        return f"cell {self.cell + 1}, line {self.line}"

    def to_json(self) -> dict[str, Any]:
        """The location for programs: ``cell`` is 1-based, and what is not known is left out."""
        cell = None if self.cell is None else self.cell + 1
        values = {"cell": cell, "line": self.line, "text": self.text}
        return {name: value for name, value in values.items() if value is not None}


class RequirementLocation(NamedTuple):
    """The location of one requirement in a header.

    ``name`` is normalised; the text of ``location`` is the requirement as it is written;
    ``is_direct`` says that it names a URL.
    """

    name: str
    location: SourceLocation
    is_direct: bool = False

    def to_json(self) -> dict[str, Any]:
        """The location for programs, with ``where`` for people."""
        line = self.location.to_json()
        return {"requirement": line.pop("text"), "where": str(self.location), **line}


class Violation(NamedTuple):
    """One thing that is not allowed: a code for programs, the requirement, the reason, a hint."""

    code: str
    requirement: str
    reason: str
    hint: str


class Weight(NamedTuple):
    """The size of a package (its name and version): that of its wheel until it is unpacked.

    ``files`` is None until then; ``size`` is in bytes, 0 if the index does not give the wheel's.
    """

    package: str
    size: int
    files: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The weight for programs."""
        return {"package": self.package, "bytes": self.size, "files": self.files}
