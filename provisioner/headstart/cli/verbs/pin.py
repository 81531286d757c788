"""``headstart pin``: write the locked versions into a notebook's header."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.requirements.edits import pinned
from ...editing.draft import Edited, read_draft, resolve_draft, save
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

    :param packages: names; all if there are none.
    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    names = {canonicalize_name(name) for name in packages}
    pinned(draft.texts, {}, names)  # a wrong name need not wait for a lock
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        resolved = resolve_draft(draft, context, locked=True)
        after = draft.with_texts(pinned(draft.texts, resolved.versions, names))
        edited = save(Edited(draft, after, resolved), context, frozen=False)
    return report(edited, as_json)
