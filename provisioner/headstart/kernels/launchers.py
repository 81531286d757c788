"""How a kernel's process comes to be: launch as a value, launchers that act on it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import headstart_kernel
from headstart_kernel.install import launcher_path
from headstart_kernel.launch import Launch

from ..errors import HeadstartError, LaunchError

if TYPE_CHECKING:
    from ..environments.ensure import Ready

LONGEST_LOG = 6_000
"""Characters of a tool's raw output that go into a kernel's command line.

An argument has room for 128 KiB on Linux, and a character may become 12 bytes of JSON."""

LONGEST_TEXT = 1_500
"""Characters of a message or a hint that go there."""


@dataclass(frozen=True, slots=True)
class KernelLaunch:
    """A kernel to start: the Python, the launcher's file, and what the process is told.

    ``leases`` are descriptors of this process that the kernel inherits.
    """

    python: str
    launcher: str
    environment: str | None = None
    leases: tuple[int, ...] = ()
    failure: HeadstartError | None = None

    def command(self, connection_file: str, extra_arguments: list[str]) -> list[str]:
        """The process's argv."""
        failure = None if self.failure is None else _short(self.failure)
        launch = Launch(self.environment, list(self.leases), failure)
        return [
            self.python,
            self.launcher,
            launch.to_json(),
            "-f",
            connection_file,
            *extra_arguments,
        ]


def launch_in(ready: Ready) -> KernelLaunch:
    """A kernel of a layer that attaches an environment.

    :raises LaunchError: if the two hold different files of one distribution: what the layer has
        loaded would silently be of another version than the environment's metadata says.
    """
    environment, layer = ready.environment.environment, ready.layer.environment
    in_layer = {item.name: item for item in layer.manifest.distributions}
    for item in environment.manifest.distributions:
        twin = in_layer.get(item.name, item)
        if (twin.version, twin.wheel) != (item.version, item.wheel):
            raise LaunchError(
                f"The kernel layer has {item.name} {twin.version}, the environment {item.version}.",
                hint="This is an error in Headstart; please report it.",
            )
    return KernelLaunch(
        python=layer.python,
        launcher=launcher_path(layer.site_packages),
        environment=environment.prefix,
        leases=(ready.environment.lease.fileno(), ready.layer.lease.fileno()),
    )


def launch_failed(error: HeadstartError) -> KernelLaunch:
    """A kernel that answers every cell with ``error``, on Jupyter's own Python and ipykernel."""
    site_packages = str(Path(headstart_kernel.__file__).parent.parent)
    return KernelLaunch(sys.executable, launcher_path(site_packages), failure=error)


def _short(error: HeadstartError) -> dict[str, object]:
    """The error as JSON, short enough for a command line: the end of a log tells most."""
    log = str(error.details.get("log", ""))
    return {
        "code": error.code,
        "message": error.message[:LONGEST_TEXT],
        "hint": error.hint[:LONGEST_TEXT],
        "details": {"log": log[-LONGEST_LOG:]} if log else {},
    }
