"""What the notebook of a session asks for: when its kernel starts, and while that runs."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.notebook.find import Cell, Notebook, find_header
from ..core.notebook.run_cell import with_cell_run
from ..errors import HeaderError, HeadstartError, LockError
from ..request.read import NO_REQUEST, Request, request_of
from .notebook.notebook_source import Source
from .session import KernelSession
from .status import NOT_FOUND, NOT_FOUND_AGAIN
from .threads import in_thread

__all__ = ["is_header_of", "read_request", "read_request_again", "request_or_error"]


async def request_or_error(
    session: KernelSession, environ: Mapping[str, str] | None, cwd: str | None
) -> Request | HeadstartError | None:
    """What the notebook asks for now; the error, if that cannot be read.

    None if this kernel is none of ours: its kernelspec names another provisioner or none, and
    a header was not found, for whatever reason.
    """
    owner = session.owner
    try:
        request = await read_request(session, environ, cwd)
        if request.header is not None or owner.names_headstart:
            return request
    except HeadstartError as unreadable:
        # A header with an error is one: a start without its packages would hide the error.
        if isinstance(unreadable, HeaderError | LockError) or owner.names_headstart:
            return unreadable
        owner.log.warning("Headstart: %s", unreadable)
    except Exception:
        if owner.names_headstart:
            raise
        owner.log.exception("Headstart: a notebook's header could not be looked for.")
    return None


async def read_request(
    session: KernelSession, environ: Mapping[str, str] | None, cwd: str | None
) -> Request:
    """What the notebook that is starting asks for now; its warnings go to the log.

    A restart may come from another client than the start, from which the notebook was known: then
    it is what the notebook asked for last.

    :raises HeadstartError: if there is a notebook, and it or its header cannot be read.
    """
    owner = session.owner
    source = await owner.find_notebook(environ, cwd)
    if source is None:
        _note_missing(session)
        return session.request
    session.path, session.note = source.path, ""
    request = await in_thread(lambda: request_of(source.notebook, source.folder, owner.settings))
    for warning in request.header.warnings if request.header is not None else ():
        owner.log.warning("Headstart: %s", warning)
    return request


def _note_missing(session: KernelSession) -> None:
    """Say that no notebook was found, wherever a user may have expected one."""
    owner = session.owner
    if session.request is NO_REQUEST:
        session.path, session.note = "", NOT_FOUND
    else:
        session.note = NOT_FOUND_AGAIN
    if owner.is_server and (owner.names_headstart or session.request is not NO_REQUEST):
        owner.log.warning("Headstart: kernel %s: %s", session.kernel_id, session.note)
    elif owner.names_headstart and owner.may_be_nbclient:
        owner.log.warning(
            "Headstart: %s Run notebooks with nbclient's own kernel manager, or `headstart run`.",
            session.note,
        )


def is_header_of(code: str, request: Request) -> bool:
    """Whether the header in the source of a cell is the one that a request was read from."""
    try:
        found = find_header(Notebook(cells=(Cell(0, "code", code),)))
    except HeadstartError:  # told when it is read as the notebook's
        return False
    return found is not None and request.found is not None and found.text == request.found.text


async def read_request_again(
    session: KernelSession, environ: Mapping[str, str] | None, cwd: str | None, code: str
) -> Request:
    """What the notebook of a kernel that runs asks for now.

    :param code: the source of the cell that is run, if it holds a header: it is newer than what
        is known of the notebook. Else ``""``.
    :raises HeadstartError: if there is a notebook, and it or its header cannot be read.
    """
    owner = session.owner
    source = await owner.find_notebook(environ, cwd)
    if source is None and not code:
        return session.request
    source = source or Source(Notebook())
    notebook = with_cell_run(source.notebook, code) if code else source.notebook
    if source.path:
        session.path = source.path
    return await in_thread(lambda: request_of(notebook, source.folder, owner.settings))
