"""``headstart add``: add packages to a notebook's header."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ...editing.draft import read_draft
from ...editing.edit_requirements import add_requirements
from ...environments.context import open_context
from ..cli_settings import read_settings
from ..common_arguments import add_frozen, add_notebook
from ..edit_report import report
from ..terminal import ProgressLine

SUMMARY = "add packages to a notebook's header"
DESCRIPTION = """\
Add packages to a notebook's header; a notebook that has none gets one. They are resolved first,
together with the requirements that it has: what cannot be resolved is not written. Of a package
that it has already, the version is changed. All else in the file stays as it is, and so does the
header's layout; a lock in the notebook is renewed."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument("packages", nargs="+", metavar="PKG", help='as "pandas" or "pandas>=2"')
    parser.add_argument("--pin", action="store_true", help="with the versions that they have now")
    add_frozen(parser)


def main(notebook: Path, packages: Sequence[str], pin: bool, frozen: bool, as_json: bool) -> int:
    """Add requirements to the header, or give the notebook a header with them.

    :raises HeadstartError: if they cannot be had; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings, allow_no_header=True)
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        edited = add_requirements(draft, packages, context, pin=pin, frozen=frozen)
    return report(edited, as_json)
