"""From a notebook to what it asks for: the first half of the line, for every client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..core.header.normalise import NOTHING_INCLUDED, Included, spec_of
from ..core.header.parse import parse_header
from ..core.header.spec import EMPTY_SPEC, EnvironmentSpec, Header
from ..core.notebook.find import METADATA_KEY, FoundHeader, HeaderPlace, Notebook, find_header
from ..errors import HeadstartError, NotebookError, PolicyError, ResolutionError
from ..settings import Settings, read_settings
from .directory import DiskFolder, Folder
from .notebook_files import read_notebook

if TYPE_CHECKING:
    from ..core.lock.embedded import NotebookLock

__all__ = [
    "NO_REQUEST",
    "Request",
    "find",
    "naming_locations",
    "read_request",
    "request_of",
    "with_locations",
]


class Request(NamedTuple):
    """A notebook's header, None if it has none, where it stands, and the spec that it gives."""

    header: Header | None = None
    spec: EnvironmentSpec = EMPTY_SPEC
    found: FoundHeader | None = None


REQUIREMENTS_FILE = "requirements.txt"

NO_REQUEST = Request()
"""What a notebook without a header asks for."""


def request_of(
    notebook: Notebook,
    folder: Folder,
    settings: Callable[[], Settings] = read_settings,
    *,
    locked: bool = True,
) -> Request:
    """What a notebook asks for.

    :param folder: where the paths in its header begin.
    :param settings: gives the settings; few headers need one.
    :param locked: with the lock that it has, in its metadata or in a file that the header names.
    :raises LockOutdated: if the lock in its metadata was made for another header.
    :raises HeadstartError: if its header, or a file that it names, cannot be read.
    """
    found = find(notebook, folder, settings)
    if found is None:
        return NO_REQUEST
    header = parse_header(found)
    if header.indexes:
        from .index_policy import refuse_other_indexes  # most headers name none

        refuse_other_indexes(header.indexes, found, settings())
    own = _own_lock(header, notebook, folder) if locked and header.pylock else None
    # Of a lock of Headstart's own, no groups and extras are chosen: it was made for the header's.
    named = header if locked and own is None else header._replace(pylock="")
    spec = spec_of(header, _taken(named, found, folder))
    return Request(header, _with_lock(spec, notebook, own, header) if locked else spec, found)


def find(
    notebook: Notebook, folder: Folder, settings: Callable[[], Settings] = read_settings
) -> FoundHeader | None:
    """Where a notebook's header stands, or None.

    A ``requirements.txt`` beside a notebook without one stands for it, if the settings say so.

    :raises HeadstartError: if a header nearly is one, or there are two.
    """
    found = find_header(notebook)
    path = None if found else folder.path(REQUIREMENTS_FILE)
    if found or (path is not None and not _is_file(path)) or not settings().requirements_files:
        return found
    if folder.read(REQUIREMENTS_FILE) is None:
        return None
    kept = notebook.metadata.get(METADATA_KEY)
    fields = {**(kept if isinstance(kept, Mapping) else {}), "requirements": REQUIREMENTS_FILE}
    return FoundHeader(HeaderPlace.REQUIREMENTS_TXT, fields=fields)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a client may work in a folder that it may not enter
        return False


def _taken(header: Header, found: FoundHeader, folder: Folder) -> Included:
    """What the header takes in of files; most headers name none."""
    if not header.names_files:
        return NOTHING_INCLUDED
    from .includes import take_in

    return take_in(header, found, folder)


def _own_lock(header: Header, notebook: Notebook, folder: Folder) -> NotebookLock | None:
    """The lock in the file that the header names, if Headstart has written it."""
    from ..core.lock.sidecar import read_lock_file

    try:
        content = folder.read(header.pylock) or b""
    except NotebookError:
        return None  # whoever reads it for what it holds says why, and where it is named
    return read_lock_file(content.decode("utf-8", "replace"), notebook.path)


def _with_lock(
    spec: EnvironmentSpec, notebook: Notebook, own: NotebookLock | None, header: Header
) -> EnvironmentSpec:
    if own is None and not notebook.metadata.get(METADATA_KEY):
        return spec
    from ..core.lock.staleness import with_lock  # few have one

    return with_lock(spec, notebook, own, header.pylock if own is not None else "")


def read_request(path: Path, settings: Callable[[], Settings] = read_settings) -> Request:
    """What the notebook in a file asks for.

    :param settings: gives the settings; few headers need one.
    :raises HeadstartError: if the notebook, its header, or a file that it names cannot be read.
    """
    return request_of(read_notebook(path), DiskFolder(path.absolute().parent), settings)


def with_locations(error: HeadstartError, request: Request) -> HeadstartError:
    """The error with where in the header the requirements are that it is about."""
    if request.found is None or not isinstance(error, PolicyError | ResolutionError):
        return error
    from ..core.header import locations  # only an error has use for it

    return locations.with_locations(error, request.found)


@contextmanager
def naming_locations(request: Request) -> Iterator[None]:
    """What goes wrong with the header's requirements in here is raised with their places."""
    try:
        yield
    except (PolicyError, ResolutionError) as error:
        raise with_locations(error, request) from error.__cause__
