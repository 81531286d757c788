"""A kernel to start, as a value: which Python, which launcher's file, and what it is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

import headstart_kernel
from headstart_kernel.install import launcher_path
from headstart_kernel.launch_request import FAILURE, Launch

from ...core.header.spec import NO_OPTIONS, KernelOptions
from ...core.refresh import RefreshMode
from ...core.store.manifest import differing
from ...errors import HeadstartError, LaunchError

if TYPE_CHECKING:
    from ...environments.ready import Ready
    from ...store.leases import LeasedEnvironment

__all__ = [
    "KernelLaunch",
    "fail_message",
    "launch_before_environment",
    "launch_failed",
    "launch_in",
]

FIRST_WITH_CURVE = Version("7.3")

LONGEST_LOG = 6_000
"""Characters of a tool's raw output that a failed kernel is told.

A variable has room for 128 KiB on Linux, and a character may become 12 bytes of JSON."""

LONGEST_TEXT = 1_500
"""Characters of a message or a hint that it is told."""


# A named tuple, as all values that each start loads: its class is made in 0.1 ms, that of a frozen
# dataclass in 0.35.
class KernelLaunch(NamedTuple):
    """A kernel to start: the Python, the launcher's file, and what the process is told.

    ``leases`` are descriptors of this process that the kernel inherits; ``ipykernel`` is the
    version that it runs; ``options`` are what the notebook's header says of the process;
    ``preload`` are modules that may be imported before a kernel is requested; ``headerless`` and
    ``link``, a descriptor of this process that the kernel inherits, too, are as in
    `headstart_kernel.launch_request.Launch`.
    """

    python: str
    launcher: str
    environment: str | None = None
    leases: tuple[int, ...] = ()
    failure: HeadstartError | None = None
    ipykernel: str = ""
    options: KernelOptions = NO_OPTIONS
    preload: tuple[str, ...] = ()
    headerless: str = ""
    link: int | None = None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """All descriptors of this process that the kernel inherits by this launch."""
        return self.leases if self.link is None else (*self.leases, self.link)

    @property
    def can_encrypt(self) -> bool:
        """Whether its ipykernel speaks CurveZMQ, which the kernelspec promises for all."""
        return Version(self.ipykernel or "0") >= FIRST_WITH_CURVE

    def variables(self) -> dict[str, str]:
        """What the process is told in its environment."""
        return {} if self.failure is None else {FAILURE: json.dumps(_short(self.failure))}

    def command(self, connection_file: str, extra_arguments: list[str]) -> list[str]:
        """The process's argv."""
        launch = Launch(
            self.environment,
            list(self.leases),
            list(self.preload),
            headerless=self.headerless,
            link=self.link,
        )
        return [
            self.python,
            self.launcher,
            launch.to_json(),
            "-f",
            connection_file,
            *extra_arguments,
        ]

    def with_listeners(self, command: list[str], listeners: Mapping[int, int]) -> list[str]:
        """The argv of a kernel that takes sockets which listen already.

        :param command: the argv that came of `command`; a wrapper may have been put before it.
            What cannot be recognised stays as it is, and that kernel binds its own sockets.
        :param listeners: descriptors of this process, which the kernel inherits, by their ports.
        """
        if self.launcher not in command:
            return command
        index = command.index(self.launcher) + 1
        launch = Launch.from_json(command[index])
        launch.listeners = {str(port): descriptor for port, descriptor in listeners.items()}
        return [*command[:index], launch.to_json(), *command[index + 1 :]]


def launch_in(ready: Ready) -> KernelLaunch:
    """A kernel of a layer that attaches an environment.

    :raises LaunchError: if the two hold different files of one distribution: what the layer has
        loaded would silently be of another version than the environment's metadata says.
    """
    environment, layer = ready.environment.environment, ready.layer.environment
    for twin, item in differing(layer.manifest, environment.manifest):
        raise LaunchError(
            f"The kernel layer has {item.name} {twin.version}, the environment {item.version}.",
            hint="This is an error in Headstart; please report it.",
        )
    return KernelLaunch(
        python=layer.python,
        launcher=launcher_path(layer.site_packages),
        environment=environment.prefix,
        leases=(ready.environment.lease.fileno(), ready.layer.lease.fileno()),
        ipykernel=layer.manifest.versions.get("ipykernel", ""),
        options=ready.spec.kernel,
        # The next kernel of this notebook has this environment, unless it is ephemeral.
        preload=() if ready.spec.refresh is RefreshMode.EPHEMERAL else ready.spec.kernel.preload,
    )


def launch_failed(error: HeadstartError) -> KernelLaunch:
    """A kernel that answers every cell with ``error``, on Jupyter's own Python and ipykernel."""
    return _launch_of_jupyter()._replace(failure=error)


def launch_before_environment(layer: LeasedEnvironment | None, link: int) -> KernelLaunch:
    """A kernel that starts before its environment, which it is given on a link.

    :param layer: the layer that it runs in; None for Jupyter's own Python and ipykernel.
    :param link: the kernel's end of the link, see `KernelLink`.
    """
    if layer is None:
        return _launch_of_jupyter()._replace(link=link)
    return _launch_of_layer(layer)._replace(link=link)


def _launch_of_layer(layer: LeasedEnvironment) -> KernelLaunch:
    distributions = layer.environment.manifest.distributions
    versions = (item.version for item in distributions if item.name == "ipykernel")
    return KernelLaunch(
        python=layer.environment.python,
        launcher=launcher_path(layer.environment.site_packages),
        leases=(layer.lease.fileno(),),
        ipykernel=next(versions, ""),
    )


def _launch_of_jupyter() -> KernelLaunch:
    site_packages = str(Path(headstart_kernel.__file__).parent.parent)
    return KernelLaunch(
        sys.executable, launcher_path(site_packages), ipykernel=metadata.version("ipykernel")
    )


def fail_message(error: HeadstartError) -> dict[str, object]:
    """What a kernel that waits for its environment is told on its link: there is none."""
    return {"type": "fail", "error": _short(error)}


def _short(error: HeadstartError) -> dict[str, object]:
    """The error as JSON, short enough for a variable, too: the end of a log tells most."""
    from ...printable import printable  # most kernels start without an error

    log = printable(error.log or "")
    return {
        "code": error.code,
        "message": printable(error.message)[:LONGEST_TEXT],
        "hint": printable(error.hint)[:LONGEST_TEXT],
        "details": {"log": log[-LONGEST_LOG:]} if log else {},
    }
