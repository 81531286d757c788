"""Read a notebook's request: its header, and the spec of the environment that it needs."""

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
    """A notebook's header, where it was found (both None if it has none), and its spec."""

    header: Header | None = None
    spec: EnvironmentSpec = EMPTY_SPEC
    found: FoundHeader | None = None


REQUIREMENTS_FILE = "requirements.txt"

NO_REQUEST = Request()
"""The request of a notebook without a header."""


def request_of(
    notebook: Notebook,
    folder: Folder,
    settings: Callable[[], Settings] = read_settings,
    *,
    locked: bool = True,
) -> Request:
    """The request of a notebook.

    :param folder: to which the paths in its header are relative.
    :param settings: gives the settings; few headers need one.
    :param locked: with its lock, in its metadata or in a file that the header names.
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
    # From a lock of Headstart's own nothing is selected: it was made for the header's groups.
    named = header if locked and own is None else header._replace(pylock="")
    spec = spec_of(header, _included(named, found, folder))
    return Request(header, _with_lock(spec, notebook, own, header) if locked else spec, found)


def find(
    notebook: Notebook, folder: Folder, settings: Callable[[], Settings] = read_settings
) -> FoundHeader | None:
    """A notebook's header, not yet read; None if it has none.

    A ``requirements.txt`` next to a notebook without one counts as one, if the settings say so.

    :raises HeadstartError: if a block is nearly a header, or there are two headers.
    """
    found = find_header(notebook)
    # Settings last: reading them takes longer than to see that there is no such file.
    path = None if found else folder.path(REQUIREMENTS_FILE)
    if found or (path is not None and not _is_file(path)) or not settings().requirements_files:
        return found
    if folder.read(REQUIREMENTS_FILE) is None:
        return None
    metadata = notebook.metadata.get(METADATA_KEY)
    fields = {
        **(metadata if isinstance(metadata, Mapping) else {}),
        "requirements": REQUIREMENTS_FILE,
    }
    return FoundHeader(HeaderPlace.REQUIREMENTS_TXT, fields=fields)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a client may work in a folder that it may not enter
        return False


def _included(header: Header, found: FoundHeader, folder: Folder) -> Included:
    """What the header includes of files; most headers name none."""
    if not header.names_files:
        return NOTHING_INCLUDED
    from .includes import read_included

    return read_included(header, found, folder)


def _own_lock(header: Header, notebook: Notebook, folder: Folder) -> NotebookLock | None:
    """The lock in the file that the header names, if Headstart has written it."""
    from ..core.lock.sidecar import read_lock_file

    try:
        content = folder.read(header.pylock) or b""
    except NotebookError:
        return None  # the error is raised where its content is read, with the location of the field
    return read_lock_file(content.decode("utf-8", "replace"), notebook.path)


def _with_lock(
    spec: EnvironmentSpec, notebook: Notebook, own: NotebookLock | None, header: Header
) -> EnvironmentSpec:
    if own is None and not notebook.metadata.get(METADATA_KEY):
        return spec
    from ..core.lock.staleness import with_lock  # few have one

    return with_lock(spec, notebook, own, header.pylock if own is not None else "")


def read_request(path: Path, settings: Callable[[], Settings] = read_settings) -> Request:
    """The request of the notebook in a file.

    :param settings: gives the settings; few headers need one.
    :raises HeadstartError: if the notebook, its header, or a file that it names cannot be read.
    """
    return request_of(read_notebook(path), DiskFolder(path.absolute().parent), settings)


def with_locations(error: HeadstartError, request: Request) -> HeadstartError:
    """The error with the locations of the header's requirements that it is about."""
    if request.found is None or not isinstance(error, PolicyError | ResolutionError):
        return error
    from ..core.header import locations  # only an error needs it

    return locations.with_locations(error, request.found)


@contextmanager
def naming_locations(request: Request) -> Iterator[None]:
    """Errors of the header's requirements are raised with their locations."""
    try:
        yield
    except (PolicyError, ResolutionError) as error:
        raise with_locations(error, request) from error.__cause__
