"""``headstart pin``: write the locked versions into a notebook's header."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ...editing.draft import read_draft
from ...editing.edit_requirements import pin_requirements
from ...environments.context import open_context
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..edit_report import report
from ..terminal import ProgressLine

SUMMARY = "write the locked versions into a notebook's header"
DESCRIPTION = """\
Write the versions that a notebook runs with into its header, as name==version: those of its lock,
if it has one."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument("packages", nargs="*", metavar="PKG", help="only these packages")


def main(notebook: Path, packages: Sequence[str], as_json: bool) -> int:
    """Make the requirements say exactly which versions the notebook runs with.

    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    with ProgressLine() as line:
        edited = pin_requirements(draft, packages, open_context(settings, line.report))
    return report(edited, as_json)
