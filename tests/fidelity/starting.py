"""Start a kernel in the way that is to be compared with plain, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient

from headstart.environments.context import open_context
from headstart.kernels.launch.zygote.forked_process import ForkedProcess
from headstart.settings import read_settings
from tests.kernels.managers import Kernels, server_at
from tests.waiting import LIMIT, until
from tests.zygotes import Zygotes

from .launching import Launching, waiting_kernels
from .messages import value_of

ATTEMPTS = 20
"""How many kernels are started for one that is as it is meant to be.

The first one has a zygote made, the second one a kernel that waits to be wanted, and others may
come between."""


@dataclass(frozen=True)
class Kernel:
    """A kernel to be asked.

    :param name: of its kernelspec.
    :param folder: the notebook's folder.
    :param prefixes: what stands for ``<prefix>`` in the answers.
    :param header: the notebook's first cell.
    :param launching: how it starts; None for a plain kernel.
    :param ipython: IPython's folder.
    :param zygotes: those that it may be forked from.
    :param preload: modules that a preloaded kernel has imported.
    """

    name: str
    folder: Path
    prefixes: tuple[str, ...]
    header: str
    ipython: Path
    zygotes: Zygotes
    launching: Launching | None = None
    preload: tuple[str, ...] = ()


@contextmanager
def started(kernel: Kernel, sources: Sequence[str], **options: Any) -> Iterator[NotebookClient]:
    """A client with a notebook of these cells below the header, and its kernel.

    :param options: for the kernel's process, as `subprocess.Popen` has them.
    """
    for _ in range(ATTEMPTS):
        waiting = waiting_kernels(kernel.zygotes)
        with _any_started(kernel, sources, **options) as client:
            if kernel.launching is None or _is_launched(kernel, client, waiting):
                yield client
                return
            if kernel.launching.is_forked:
                kernel.zygotes.wait()
            if kernel.launching.ahead and _is_forked(client):
                _wait_for_another(kernel.zygotes, waiting)
    raise AssertionError(f"The kernel did not start in that way. {kernel.zygotes.said()}")


def _wait_for_another(zygotes: Zygotes, waiting: set[int]) -> None:
    until(lambda: waiting_kernels(zygotes) - waiting, zygotes.said)


@contextmanager
def _any_started(
    kernel: Kernel, sources: Sequence[str], **options: Any
) -> Iterator[NotebookClient]:
    """The same, in whatever way it starts."""
    cells = [nbformat.v4.new_code_cell(source) for source in (kernel.header, *sources)]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name=kernel.name,
        allow_errors=True,
        timeout=LIMIT,
        # An argument of its own would keep a kernel from being one that started ahead.
        ipython_hist_file="",
        resources={"metadata": {"path": str(kernel.folder)}},
    )
    client.create_kernel_manager()
    if kernel.launching is not None and kernel.launching.late:
        _begin_in_server(client, kernel.folder)
    _use_sockets(client.km, kernel.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(kernel.ipython))
        for name, value in kernel.launching.environ.items() if kernel.launching else ():
            patch.setenv(name, value)
        with client.setup_kernel(**options):
            yield client


def _begin_in_server(client: NotebookClient, folder: Path) -> None:
    """Have the kernel manager be one of a server, to which nothing was agreed."""
    client.km.parent = Kernels(parent=server_at(folder))
    consents = open_context(read_settings()).store.consents
    for consent in consents.all():
        consents.forget(consent.digest)


def _use_sockets(manager: Any, folder: Path) -> None:
    """Unix sockets for both kernels: over TCP jupyter_client loads psutil in the kernel."""
    manager.transport, manager.cache_ports = "ipc", False
    manager.ip = str(folder.parent / manager.kernel_name[:1])


def _is_launched(kernel: Kernel, client: NotebookClient, waiting: set[int]) -> bool:
    """Whether the kernel came to be as it was meant to.

    :param waiting: the kernels that waited to be wanted before it started.
    """
    launching, waited = kernel.launching, client.km.provisioner.process.pid in waiting
    assert launching is not None
    assert (client.km.provisioner.follower.link is not None) == launching.late
    if (_is_forked(client), waited) != (launching.is_forked, launching.ahead):
        return False
    loaded = f"set({kernel.preload}) <= set(__import__('sys').modules)"
    return not launching.preload or bool(value_of(client, loaded))


def _is_forked(client: NotebookClient) -> bool:
    return isinstance(client.km.provisioner.process, ForkedProcess)


def restarted(client: NotebookClient, *, now: bool) -> None:
    """Restart the kernel: when it was asked to, or at once as after it was killed."""
    run_sync(client.km.restart_kernel)(now=now)
    run_sync(client.kc.wait_for_ready)(timeout=LIMIT)
