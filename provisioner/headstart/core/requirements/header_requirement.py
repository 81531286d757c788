"""Requirements with their location: the line of each, in a header or a file."""

from __future__ import annotations

from typing import NamedTuple

from packaging.requirements import Requirement

from ...error_facts import SourceLocation
from .grammar import canonical


class HeaderRequirement(NamedTuple):
    """One requirement of a header, or of a file that it names.

    ``text`` is as the user wrote it. The line of ``location`` is that in the cell, in the text
    notebook or file, or in the string of the metadata, or the position in the list there.
    ``hashes`` are SHA-256 digests, as 64 hex digits, of the artifacts that may be installed for
    it; empty if any may be.
    """

    text: str
    parsed: Requirement
    location: SourceLocation
    hashes: tuple[str, ...] = ()

    @property
    def canonical(self) -> str:
        """The requirement as Headstart writes it."""
        return canonical(self.parsed)
