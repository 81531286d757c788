"""``headstart init``: give an old notebook a header, from what its cells import and install."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

from ...core.header.exclude_newer import parse_exclude_newer
from ...core.notebook.find import HeaderPlace
from ...editing.draft import read_draft
from ...editing.inferred_header import infer_header, write_header
from ...editing.last_commit import last_commit
from ...environments.context import open_context
from ...errors import HeaderError, NoSuchPackage, ResolutionError
from ..cli_settings import read_settings
from ..common_arguments import add_frozen, add_notebook
from ..edit_report import report
from ..output import print_note
from ..terminal import ProgressLine

SUMMARY = "give an old notebook a header"
DESCRIPTION = """\
Give an old notebook a header: the packages that bring what its cells import, what they install
with %pip, and the Python that it was last run with. They are resolved before they are written."""

COMMIT = "commit"
"""The value of ``--as-of`` that means the file's last commit."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument(
        "--place",
        choices=["cell", "front-matter", "metadata", "text"],
        help="where the header goes; a cell, or the top of a text notebook",
    )
    parser.add_argument(
        "--as-of",
        nargs="?",
        const=COMMIT,
        metavar="DATE",
        help="take nothing that was uploaded later; without DATE, than the file's last commit",
    )
    add_frozen(parser)


def main(notebook: Path, place: str | None, as_of: str | None, frozen: bool, as_json: bool) -> int:
    """Write a header with the packages that bring what the notebook imports.

    :param place: a `HeaderPlace`; where the notebook's format usually has it if it is None.
    :param as_of: nothing uploaded later is chosen: a date, or ``commit``.
    :param frozen: resolve nothing, write what is inferred.
    :raises HeaderError: if the notebook has a header, or is not one of Python's.
    :raises HeadstartError: if the packages cannot be had; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings, allow_no_header=True, allow_requirements_file=True)
    header = infer_header(draft, HeaderPlace(place) if place else None)
    header = replace(header, exclude_newer=_limit(notebook, as_of))
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        try:
            header, edited = write_header(header, draft, context, frozen=frozen)
        except NoSuchPackage:
            raise  # --frozen would write a name that no index has
        except ResolutionError as error:
            hint = "To write the header all the same: --frozen."
            raise error.with_hint(hint) from error.__cause__
    # In JSON they are members of the answer.
    for remark in header.inferred.all_remarks if not as_json else ():
        print_note(remark)
    return report(edited, as_json, header.inferred.to_json())


def _limit(path: Path, as_of: str | None) -> str:
    if as_of is None:
        return ""
    text = last_commit(path) if as_of == COMMIT else as_of
    limit = parse_exclude_newer(text)
    if not limit:
        raise HeaderError(
            f"{text} is not a date.", hint="Write --as-of 2026-01-31, or --as-of alone."
        )
    return limit
