"""``headstart launch``: become the kernel of a notebook.

For clients that ignore provisioners and start the kernelspec's command. No wrapper stays: this
process turns into the kernel, so that signals, its parent and its end are the kernel's own.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import NoReturn

from ...environments.context import open_context
from ...environments.ready import ensure
from ...errors import HeadstartError
from ...kernels.housekeeping import note_this_process
from ...kernels.launch.environ import kernel_environ
from ...kernels.launch.kernel_launch import KernelLaunch, launch_failed, launch_in
from ...request.read import NO_REQUEST, naming_locations, read_request
from ..cli_settings import read_settings
from ..output import print_error
from ..terminal import ProgressLine

SUMMARY = "become a notebook's kernel"
DESCRIPTION = """\
Become the kernel of a notebook. For clients that start kernels by their kernelspec's command and
know nothing of provisioners."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    parser.add_argument(
        "-f",
        "--connection-file",
        metavar="FILE",
        required=True,
        help="the connection file, as Jupyter wrote it",
    )
    parser.add_argument(
        "--notebook", type=Path, help="the notebook; without one the environment is empty"
    )
    parser.add_argument(
        "arguments", nargs="*", metavar="ARGUMENT", help="passed on to the kernel, after --"
    )


def main(
    connection_file: str, notebook: Path | None, arguments: list[str], as_json: bool
) -> NoReturn:
    """Get the environment, then turn into the kernel. Without it, into one that shows the error."""
    try:
        launch = _launch(notebook)
    except HeadstartError as error:
        print_error(error, as_json)
        launch = launch_failed(error)
    # execve closes what is not inheritable, and the kernel has to hold its environment's leases.
    for lease in launch.leases:
        os.set_inheritable(lease, True)
    command = launch.command(os.path.realpath(connection_file), arguments)
    environ = kernel_environ(os.environ, launch.options)
    os.execve(command[0], command, {**environ, **launch.variables()})


def _launch(notebook: Path | None) -> KernelLaunch:
    request = NO_REQUEST if notebook is None else read_request(notebook, read_settings)
    settings = read_settings()
    with ProgressLine() as line, naming_locations(request):
        ready = ensure(request.spec, open_context(settings, line.report))
    note_this_process(ready, notebook, settings)
    return launch_in(ready)._replace(headerless="" if request.header else "headless")
