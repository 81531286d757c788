"""From a notebook's path to what it asks for: the part of the line that all verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.header import Header, parse_header
from ..core.notebook import find_header
from ..core.spec import EnvironmentSpec, spec_of
from ..notebooks import read_notebook


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notebook's header, None if it has none, and the spec that it gives."""

    header: Header | None
    spec: EnvironmentSpec


def read_wanted(path: Path) -> Wanted:
    """What the notebook in a file asks for.

    :raises HeadstartError: if the notebook or its header cannot be read.
    """
    found = find_header(read_notebook(path))
    header = None if found is None else parse_header(found)
    return Wanted(header, spec_of(header))
