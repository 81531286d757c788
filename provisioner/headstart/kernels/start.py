"""From a kernel start to a launch: read what the notebook asks for, and prepare it or refuse."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.plan import Attach, Build, Follow, Hold, Refuse, Reuse, plan_start
from ..errors import HeadstartError
from ..request.read import NO_REQUEST, Request, with_locations
from .environment_build import unforeseen
from .follow import Follower
from .launch.kernel_launch import KernelLaunch, launch_in
from .session_request import request_or_error

__all__ = ["prepare_launch"]


async def prepare_launch(
    follower: Follower, environ: Mapping[str, str] | None, cwd: str | None, *, died: bool
) -> KernelLaunch | None:
    """Give a kernel its environment, and say how it is launched; None if it is none of ours.

    Must be awaited in the same chain of calls as the kernel manager's start, see `find_notebook`.

    :param environ: the variables that the client gave for the kernel, or None.
    :param cwd: the kernel's working directory as the client gave it, or None.
    :param died: whether this is an autorestart of a kernel whose process has ended by itself.
    :raises HeadstartError: in a headless client, if the environment cannot be had.
    """
    session = follower.session
    if died and session.launch is None:
        return None
    follower.starts(environ, cwd)
    try:
        request = await request_or_error(session, environ, cwd)
        if request is None and not (died and session.ready):
            await follower.end()
            return None
        return await _carry_out(follower, request, died=died)
    except HeadstartError as error:
        return await _refuse(follower, error)
    except Exception as error:  # see `_refuse`: a server has to have a kernel
        if not session.owner.is_server:
            raise
        session.owner.log.exception("Headstart: a kernel start failed in a way that it should not.")
        return await _refuse(follower, unforeseen(error))


async def _carry_out(
    follower: Follower, request: Request | HeadstartError | None, *, died: bool
) -> KernelLaunch:
    """Plan this start, and do what the plan says.

    :raises HeadstartError: if there is no environment, or none can follow.
    """
    session = follower.session
    spec = request.spec if isinstance(request, Request) else request or NO_REQUEST.spec
    asked = request if isinstance(request, Request) else NO_REQUEST
    last, at_hand = session.last_good, None
    if not (died and last):
        # Before all else: errors are told with its locations, and progress with its header.
        session.request = asked
    if session.owner.is_server and isinstance(request, Request) and not (died and last):
        at_hand = await follower.look(request.spec)
    match plan_start(spec, last, at_hand, autorestart=died):
        case Reuse():
            session.show_ready()
            ready = session.environment()
        case Build(spec):
            await session.use_environment(spec)
            ready = session.environment()
        case Attach():
            ready = await follower.attach(asked)
        case Follow() | Hold() as plan:
            launch = await follower.launch(plan, asked)
            return launch._replace(headerless=session.headerless)
        case Refuse(reason):
            raise reason
    return launch_in(ready)._replace(headerless=session.headerless)


async def _refuse(follower: Follower, error: HeadstartError) -> KernelLaunch:
    """How to launch a kernel whose environment could not be had.

    JupyterLab would wait forever for a restart that failed, so in a server the kernel starts
    all the same, and every cell explains. A headless run must not look like a success.
    """
    session = follower.session
    error = with_locations(error, session.request)
    if not session.owner.is_server:
        raise error
    session.owner.log.warning("Headstart: %s", error)
    return await follower.launch(Refuse(error), session.request)
