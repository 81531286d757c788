"""Record in the store what uses an environment, and start what follows a build.

All of it runs in threads that no kernel's start waits for; if they are killed, no harm is done.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import TYPE_CHECKING

from ..errors import HeadstartError

if TYPE_CHECKING:
    from ..environments.ready import Ready
    from ..settings import Settings

logger = logging.getLogger(__name__)


def note_user(ready: Ready, pid: int, folder: str, path: str) -> Callable[[], object]:
    """Record in the store that a kernel uses an environment, and for which notebook.

    :param folder: the kernel's working directory.
    :param path: the notebook's API path, or ``""`` if it is not known.
    :return: to be called when the kernel has ended.
    """

    def note() -> None:
        notebook = Path(folder).absolute() / PurePosixPath(path).name
        undo.append(_record(ready, pid, notebook, Path(sys.argv[0]).name))
        _forget_dead(ready)

    def forget() -> None:
        # A kernel may end before its start was recorded.
        recording.join()
        for remove_record in undo:
            remove_record()

    undo: list[Callable[[], None]] = []
    recording = _in_background(note)
    return lambda: _in_background(forget)


def note_this_process(ready: Ready, notebook: Path | None, settings: Settings) -> None:
    """The same for a process that is about to become a kernel; done when this returns."""

    def note() -> None:
        client = Path(f"/proc/{os.getppid()}/comm").read_text("utf-8", "replace").strip()
        _record(ready, os.getpid(), (notebook or Path()).absolute(), client)
        if not ready.reused:
            _start_background(ready, settings)

    _quietly(note)


def note_agreement(ready: Ready, kernel_name: str, notebook: str, settings: Settings) -> None:
    """Remember that the user has agreed to what they run: servers need not ask for it then."""

    def note() -> None:
        from ..environments.agreement import agree
        from ..environments.context import open_context

        agree(ready.spec, ready.lock, kernel_name, notebook, open_context(settings))

    _in_background(note)


def work_after_build(ready: Ready, settings: Settings) -> None:
    """Have new wheels compiled and the store pruned, if something was added to it."""
    if not ready.reused and (settings.auto_prune or settings.compile_bytecode):
        _in_background(lambda: _start_background(ready, settings))


# Imported in the threads, here and below: the kernel's start need not wait for these modules.


def _start_background(ready: Ready, settings: Settings) -> None:
    from ..environments.upkeep.auto_prune import start_pruning
    from ..environments.upkeep.compile_wheels import start_compiling

    start_compiling(ready.environment.environment.manifest, settings)
    start_pruning(settings)


def _record(ready: Ready, pid: int, notebook: Path, client: str) -> Callable[[], None]:
    from ..store.disk.filesystem import host_name
    from ..store.gc.users import User, started_at
    from ..store.upkeep import Upkeep

    user = User(
        environment=ready.environment.environment.key,
        layer=ready.layer.environment.key,
        pid=pid,
        started=started_at(pid),
        notebook=str(notebook),
        client=client,
        host=host_name(),
    )
    upkeep = Upkeep(ready.store.root)
    upkeep.record_user(user)
    return lambda: upkeep.forget_user(user)


def _forget_dead(ready: Ready) -> None:
    """Forget the kernels of servers that were killed, which could not record their end."""
    from ..store.upkeep import Upkeep

    Upkeep(ready.store.root).users()  # listing them forgets those whose process has ended


def _in_background(work: Callable[[], None]) -> Thread:
    thread = Thread(target=_quietly, args=(work,), name="headstart-upkeep", daemon=True)
    thread.start()
    return thread


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except (HeadstartError, OSError) as error:
        logger.warning("Headstart: %s", error)
