"""From a kernel start to a launch: read what the notebook asks for, and prepare it or refuse."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.plan import Build, Refuse, Reuse, plan_start
from ..errors import HeaderError, HeadstartError, LaunchError, LockError
from ..request.read import NO_REQUEST, Request, request_of, with_locations
from .launch.kernel_launch import KernelLaunch, launch_failed, launch_in
from .session import KernelSession
from .status import NOT_FOUND, NOT_FOUND_AGAIN
from .threads import in_thread

__all__ = ["prepare_launch", "read_request"]


async def prepare_launch(
    session: KernelSession, environ: Mapping[str, str] | None, cwd: str | None, *, died: bool
) -> KernelLaunch | None:
    """Give a kernel its environment, and say how it is launched; None if it is none of ours.

    Must be awaited in the same chain of calls as the kernel manager's start, see `find_notebook`.

    :param environ: the variables that the client gave for the kernel, or None.
    :param cwd: the kernel's working directory as the client gave it, or None.
    :param died: whether this is an autorestart of a kernel whose process has ended by itself.
    :raises HeadstartError: in a headless client, if the environment cannot be had.
    """
    if died and session.launch is None:
        return None
    try:
        request = await _request_or_error(session, environ, cwd)
        if request is None and not (died and session.ready):
            await session.end()
            return None
        await _follow(session, request, died=died)
        return launch_in(session.environment())._replace(headerless=session.headerless)
    except HeadstartError as error:
        return await _refuse(session, error)
    except Exception as error:  # see `_refuse`: a server has to have a kernel
        if not session.owner.is_server:
            raise
        session.owner.log.exception("Headstart: a kernel start failed in a way that it should not.")
        return await _refuse(session, _unforeseen(error))


async def _follow(
    session: KernelSession, request: Request | HeadstartError | None, *, died: bool
) -> None:
    """Have the environment that the plan for this start names.

    :raises HeadstartError: if there is none.
    """
    spec = request.spec if isinstance(request, Request) else request or NO_REQUEST.spec
    plan = plan_start(spec, session.last_good, autorestart=died)
    if isinstance(plan, Reuse):
        session.show_ready(reused=True)
        return
    # Before the build: the status that tells of its progress has the request.
    session.request = request if isinstance(request, Request) else NO_REQUEST
    match plan:
        case Build(spec):
            await session.use_environment(spec)
        case Refuse(reason):
            raise reason


async def _request_or_error(
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


async def _refuse(session: KernelSession, error: HeadstartError) -> KernelLaunch:
    """How to launch a kernel whose environment could not be had.

    JupyterLab would wait forever for a restart that failed, so in a server the kernel starts
    all the same, and every cell explains. A headless run must not look like a success.
    """
    error = with_locations(error, session.request)
    if not session.owner.is_server:
        raise error
    session.owner.log.warning("Headstart: %s", error)
    await session.release()
    session.show_failed(error)
    return launch_failed(error)


def _unforeseen(error: Exception) -> HeadstartError:
    """The error that a cell shows for an unexpected exception."""
    return LaunchError(
        f"Headstart failed: {type(error).__name__}: {error}.",
        hint="This is an error in Headstart; please report it.",
    )
