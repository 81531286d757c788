"""``headstart sync``: make the environment of a notebook's lock ready."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from ...core.lock.embedded import how_to_lock
from ...errors import LockError
from ...request.read import read_request
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from .ensure import make_ready

SUMMARY = "make the environment of a notebook's lock ready"
DESCRIPTION = """\
Make the environment of a notebook's lock ready: exactly what the lock says, and nothing is
resolved. It is an error if there is no lock, or if the header does not fit it any more. Prints
the environment's prefix."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)


def main(notebook: Path, as_json: bool) -> int:
    """Install exactly what the lock says, unless that is cached, and print the prefix.

    :raises LockOutdated: if the lock was made for another header.
    :raises LockError: if the notebook has none.
    :raises HeadstartError: if the environment cannot be had.
    """
    settings = read_settings()
    request = read_request(notebook, lambda: settings)
    if request.spec.lock is None:
        hint = f"Lock it first: {how_to_lock(str(notebook))}"
        raise LockError(f"{notebook} has no lock.", hint=hint)
    return make_ready(notebook, request, settings, as_json=as_json)
