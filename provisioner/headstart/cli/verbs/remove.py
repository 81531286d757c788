"""``headstart remove``: remove packages from a notebook's header."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ...editing.draft import read_draft
from ...editing.edit_requirements import remove_requirements
from ...environments.context import open_context
from ..cli_settings import read_settings
from ..common_arguments import add_frozen, add_notebook
from ..edit_report import report
from ..terminal import ProgressLine

SUMMARY = "remove packages from a notebook's header"
DESCRIPTION = "Remove packages from a notebook's header. A lock in the notebook is renewed."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument("packages", nargs="+", metavar="PKG", help="the name of a package")
    add_frozen(parser)


def main(notebook: Path, packages: Sequence[str], frozen: bool, as_json: bool) -> int:
    """Remove requirements from the header's dependencies.

    :raises HeaderError: if there is none of a name; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        edited = remove_requirements(draft, packages, context, frozen=frozen)
    return report(edited, as_json)
