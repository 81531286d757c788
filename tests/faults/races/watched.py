"""A service of the server that is raced: tells what cannot be seen from outside.

It changes nothing: it notes what is built, and counts what a server should not have left.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any

from jupyter_server.base.handlers import APIHandler

from headstart.environments.build import build
from headstart.kernels.environment_build import EnvironmentBuild
from headstart.kernels.owner import KernelOwner
from headstart.kernels.status import status_board
from headstart.store import publish

ROUTE = "api/watched"

published: list[str] = []
"""Keys of all that was put into the store."""
restarts: list[str] = []
"""Ids of the kernels that the server has restarted by itself."""
wrong: list[str] = []
"""What was built by two at the same time."""
_lock = threading.Lock()


class Once:
    """Notes what is done by two at the same time."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._now: dict[str, list[Callable[[], bool]]] = {}

    def run(self, key: str, work: Callable[[], Any], counts: Callable[[], bool]) -> Any:
        """Do the work. One that does not count any more, for it was cancelled, may be ending."""
        with _lock:
            others = self._now.setdefault(key, [])
            if any(other() for other in others):
                wrong.append(f"{self._what} twice at the same time: {key}")
            others.append(counts)
        try:
            return work()
        finally:
            with _lock:
                others.remove(counts)


def begin() -> None:
    """Note what this process builds from now on."""
    kernels, fills = Once("a kernel's environment"), Once("one environment")
    move, fill, work, restart = (
        publish._move,
        build._fill,
        EnvironmentBuild._work,
        KernelOwner.restart,
    )

    def watched_move(layout: Any, built: Any, manifest: Any) -> Any:
        published.append(manifest.key)
        return move(layout, built, manifest)

    def watched_fill(prefix: Any, lock: Any, interpreter: Any, *rest: Any) -> Any:
        key = build.environment_key(lock, interpreter)
        return fills.run(key, lambda: fill(prefix, lock, interpreter, *rest), lambda: True)

    def watched_work(self: EnvironmentBuild) -> None:
        def counts() -> bool:
            return not self._cancelled.is_set()

        kernels.run(self._session.kernel_id, lambda: work(self), counts)

    def watched_restart(self: KernelOwner, kernel_id: str, loop: Any) -> Any:
        restarts.append(kernel_id)
        return restart(self, kernel_id, loop)

    publish._move, build._fill = watched_move, watched_fill
    EnvironmentBuild._work, KernelOwner.restart = watched_work, watched_restart  # type: ignore[method-assign]


class WatchedHandler(APIHandler):
    """Answers with all that was noted."""

    async def get(self) -> None:
        """What is now, and what was wrong since the last time."""
        kernels = self.kernel_manager
        pids = {
            kernel_id: getattr(manager.provisioner, "pid", None) if manager.ready.done() else None
            for kernel_id in kernels.list_kernel_ids()
            for manager in [kernels.get_kernel(kernel_id)]
        }
        found, wrong[:] = list(wrong), []
        self.finish(
            json.dumps(
                {
                    "server": os.getpid(),
                    "pids": pids,
                    "statuses": [status.kernel_id for status in status_board.all()],
                    "threads": [
                        thread.name
                        for thread in threading.enumerate()
                        if thread.name not in ("MainThread", "headstart-zygote")
                    ],
                    "published": published,
                    "restarts": restarts,
                    "wrong": found,
                }
            )
        )


default_handlers = [(f"/{ROUTE}", WatchedHandler)]
