"""How a kernel's process is started: what every launcher does, and the one that always can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Launcher", "Process", "ProcessLauncher"]


class Process(Protocol):
    """What a provisioner needs of a kernel's process: a part of `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None:
        """The exit status, or None while the process lives."""

    def wait(self) -> int:
        """Wait for the end; the exit status."""

    def send_signal(self, signum: int) -> None:
        """Signal the process alone, not its group."""


class Launcher(Protocol):
    """A way to start a kernel's process."""

    def launch(self, command: list[str], descriptors: Sequence[int], **options: Any) -> Process:
        """Start a process that leads a session of its own.

        :param command: its argv, see `KernelLaunch.command`.
        :param descriptors: of this process; the kernel inherits them.
        :param options: ``env``, ``cwd`` and the like, as `subprocess.Popen` takes them.
        """


class ProcessLauncher:
    """Starts a new Python: always right, on every system."""

    def launch(self, command: list[str], descriptors: Sequence[int], **options: Any) -> Process:
        """Start the process as jupyter_client does."""
        # Imported here: `headstart launch` starts none, and has no use for it.
        from jupyter_client.launcher import launch_kernel

        if descriptors:
            options["pass_fds"] = tuple(descriptors)
        process: Process = launch_kernel(command, **options)
        return process
