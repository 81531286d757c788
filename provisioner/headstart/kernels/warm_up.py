"""Make ready what a server's first kernels need: the layer that notebooks share, and its zygote.

No kernel waits for it. One that starts meanwhile waits for the same build as it would otherwise.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from headstart_kernel.install import launcher_path

from .. import envvars
from ..core.lock.pylock import Lock
from ..errors import HeadstartError
from .launch.environ import kernel_environ
from .launch.zygote.zygote_launcher import zygote_launcher
from .threads import in_thread

if TYPE_CHECKING:
    from ..core.store.manifest import Environment
    from ..environments.context import Context
    from ..settings import Settings
    from ..store.leases import LeasedEnvironment

__all__ = ["warm_up"]

logger = logging.getLogger(__name__)

NICENESS = 10
"""Of the build of a layer: whatever else the user does goes first."""


async def warm_up(settings: Settings) -> None:
    """Make the shared layer ready and start a zygote of it, unless the settings forbid it.

    Raises nothing: who needs a layer makes it, and says why it cannot be had.
    """
    if not settings.warm_up or settings.offline:
        return
    cancelled = threading.Event()

    def work() -> None:
        try:
            _warm_up(settings, cancelled.is_set)
        except (HeadstartError, OSError) as error:
            logger.debug("Headstart: the kernel layer was not made ready: %s", error)

    await in_thread(work, cancelled.set)


def _warm_up(settings: Settings, cancelled: Callable[[], bool]) -> None:
    from ..core.progress import silent
    from ..environments.context import open_context

    with _layer(open_context(settings, silent, cancelled)) as layer:
        if not cancelled():
            _start_zygote(layer.environment, settings)


def _layer(context: Context) -> LeasedEnvironment:
    """The layer that notebooks share, built if need be."""
    from ..environments.build.layers import find_common_layer
    from ..environments.resolve.interpreters import cached_interpreter

    # The one of headers that say nothing of Python.
    interpreter = cached_interpreter("", context)
    layer = None if interpreter is None else find_common_layer(interpreter, context)
    return layer or _built_at_low_priority(context)


def _built_at_low_priority(context: Context) -> LeasedEnvironment:
    """In a thread of its own: what it starts is as it is, and a user cannot take that back.

    A kernel that is forked has the priority of its zygote.
    """
    result: list[LeasedEnvironment | BaseException] = []

    def build() -> None:
        from ..environments.build.layers import layer_for
        from ..environments.resolve.interpreters import find_interpreter

        if sys.platform == "linux":  # elsewhere this would be the priority of another process
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            result.append(layer_for(Lock(), find_interpreter("", context), context))
        except BaseException as error:  # noqa: BLE001  # raised where the result is waited for
            result.append(error)

    thread = threading.Thread(target=build, name="headstart-layer", daemon=True)
    thread.start()
    thread.join()
    [layer] = result
    if isinstance(layer, BaseException):
        raise layer
    return layer


def _start_zygote(layer: Environment, settings: Settings) -> None:
    """Start the zygote that this process's kernels of a layer will ask for."""
    launcher = zygote_launcher(settings)
    if launcher is not None:
        environ = kernel_environ(os.environ)
        environ.pop(envvars.PYTHONEXECUTABLE, None)
        launcher.warm_up([layer.python, launcher_path(layer.site_packages)], environ)
