"""``headstart upgrade``: renew the versions that a notebook's header pins."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ...editing.draft import read_draft
from ...editing.edit_requirements import upgrade_requirements
from ...environments.context import open_context
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..edit_report import report
from ..terminal import ProgressLine

SUMMARY = "renew the versions that a notebook's header pins"
DESCRIPTION = """\
Write the newest versions that fit together in place of those that a notebook's header pins with
==. For a package that is named here, a range that excludes the newest version begins with it."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument("packages", nargs="*", metavar="PKG", help="only these packages")


def main(notebook: Path, packages: Sequence[str], as_json: bool) -> int:
    """Write the newest versions that fit together in place of those that are pinned.

    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    with ProgressLine() as line:
        edited = upgrade_requirements(draft, packages, open_context(settings, line.report))
    return report(edited, as_json)
