"""From a notebook to what it asks for: the first half of the line, for every client."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .beside import DiskFolder, Folder
from .core.header import Header, parse_header
from .core.notebook import FoundHeader, Notebook, find_header
from .core.spec import EMPTY_SPEC, EnvironmentSpec, spec_of
from .notebooks import read_notebook

__all__ = ["NOTHING", "Wanted", "read_wanted", "want"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notebook's header, None if it has none, where it stands, and the spec that it gives."""

    header: Header | None = None
    spec: EnvironmentSpec = EMPTY_SPEC
    found: FoundHeader | None = None


NOTHING = Wanted()
"""What a notebook without a header asks for."""


def want(notebook: Notebook, folder: Folder) -> Wanted:
    """What a notebook asks for.

    :param folder: where the paths in its header begin.
    :raises HeadstartError: if its header, or a file that it names, cannot be read.
    """
    found = find_header(notebook)
    if found is None:
        return NOTHING
    header = parse_header(found)
    return Wanted(header, spec_of(header), found)


def read_wanted(path: Path) -> Wanted:
    """What the notebook in a file asks for.

    :raises HeadstartError: if the notebook, its header, or a file that it names cannot be read.
    """
    return want(read_notebook(path), DiskFolder(path.absolute().parent))
