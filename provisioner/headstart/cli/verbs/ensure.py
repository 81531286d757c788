"""``headstart ensure``: make a notebook's environment ready."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path

from ...core.refresh import RefreshMode
from ...environments.agreement import KERNEL_NAME, agree
from ...environments.context import open_context, open_system_context
from ...environments.ready import Ready, ensure
from ...environments.resolve.notices import notices_in
from ...environments.upkeep.auto_prune import start_pruning
from ...environments.upkeep.compile_wheels import start_compiling
from ...request.read import Request, naming_locations, read_request
from ...settings import Settings
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..output import print_json, print_note
from ..terminal import ProgressLine

SUMMARY = "make a notebook's environment ready"
DESCRIPTION = """\
Make a notebook's environment ready, so that its next kernel need not wait for a build, and print
the environment's prefix."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument(
        "--system", action="store_true", help="build it in the system store, for all users"
    )


def main(notebook: Path, system: bool, as_json: bool) -> int:
    """Build the environment unless it is cached, and print its prefix.

    :param system: build it in the system store.
    :raises HeadstartError: if it cannot be had.
    """
    settings = read_settings()
    request = read_request(notebook, lambda: settings)
    return make_ready(notebook, request, settings, system=system, as_json=as_json)


def make_ready(
    notebook: Path,
    request: Request,
    settings: Settings,
    *,
    system: bool = False,
    as_json: bool = False,
) -> int:
    """Build the environment of a request unless it is cached, and print its prefix, or all as JSON.

    Who asks for it agrees to it: a server has kernels of it at once from then on.

    :param system: build it in the system store.
    :raises HeadstartError: if it cannot be had.
    """
    spec = request.spec
    for warning in request.header.warnings if request.header else ():
        print_note(warning)
    if spec.refresh is RefreshMode.EPHEMERAL:
        print_note(
            "The header asks for a fresh environment at each start; kernels will not use it."
        )
        # An ephemeral one would be deleted with this process, and nothing would be ready.
        spec = spec._replace(refresh=RefreshMode.CACHED)
    with ProgressLine() as line, naming_locations(request):
        if system:
            os.umask(0o022)  # other users read it
            context = open_system_context(settings, line.report)
        else:
            context = open_context(settings, line.report)
        ready = ensure(spec, context)
    if not system:
        agree(request.spec, ready.lock, KERNEL_NAME, str(notebook.absolute()), context)
    # Environments of the system store have their bytecode: their users could not write any.
    if not ready.reused and not system:
        start_compiling(ready.environment.environment.manifest, settings)
        start_pruning(settings)
    for notice in notices_in(ready.environment.environment, spec, ready.store):
        print_note(notice)
    try:
        print_json(_json(ready)) if as_json else print(ready.environment.environment.prefix)
    finally:
        ready.release()
    return 0


def _json(ready: Ready) -> dict[str, object]:
    environment = ready.environment.environment
    return {
        "prefix": environment.prefix,
        "key": environment.key,
        "python": environment.manifest.python_version,
        # The environment may have been built for another lock that selects the same.
        "lock": ready.spec.lock.digest if ready.spec.lock else ready.lock.digest,
        "layer": ready.layer.environment.key,
        "packages": len(environment.manifest.distributions),
        "reused": ready.reused,
        "timings": dict(ready.timings),
    }
