"""``headstart remove``: remove packages from a notebook's header."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ...core.requirements.edits import removed
from ...editing.draft import Edited, read_draft, save
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

    :param packages: their names.
    :param frozen: leave the notebook's lock as it is.
    :raises HeaderError: if there is none of a name; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    after = draft.with_texts(removed(draft.texts, packages))
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        edited = save(Edited(draft, after), context, frozen=frozen)
    return report(edited, as_json)
