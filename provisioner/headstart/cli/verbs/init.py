"""``headstart init``: give an old notebook a header, from what its cells import and install."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.header.create import NewHeader, put_header
from ...core.header.exclude_newer import parse_exclude_newer
from ...core.notebook.find import HeaderPlace
from ...editing.draft import Draft, Edited, Resolved, read_draft, resolve_draft, save
from ...editing.infer import Inferred, infer_requirements
from ...editing.last_commit import last_commit
from ...environments.context import Context, open_context
from ...errors import HeaderError, NoCompatibleWheel, NoSuchPackage, ResolutionError
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
"""The value of ``--as-of`` that stands for the file's last commit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A header to be: what is guessed, where it goes, and the limit on upload times."""

    inferred: Inferred
    place: HeaderPlace | None
    exclude_newer: str

    def draft(self, before: Draft) -> Draft:
        """The notebook with that header."""
        header = NewHeader(
            self.inferred.texts,
            self.inferred.requires_python(bool(self.exclude_newer)),
            self.exclude_newer,
        )
        return replace(before, text=put_header(before.notebook, before.text, header, self.place))


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
    :param frozen: resolve nothing, write what is guessed.
    :raises HeaderError: if the notebook has a header, or is not one of Python's.
    :raises HeadstartError: if the packages cannot be had; the notebook is then as it was.
    """
    settings = read_settings()
    before = read_draft(notebook, settings, may_be_without=True, may_be_beside=True)
    if before.header is not None:
        raise HeaderError(
            f"The notebook has a header already: {before.location}.",
            hint="Change it with headstart add and headstart remove.",
        )
    plan = Plan(
        infer_requirements(notebook, before.notebook),
        HeaderPlace(place) if place else None,
        _limit(notebook, as_of),
    )
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        after, resolved = plan.draft(before), None
        if not frozen:
            plan, resolved = _resolve(plan, before, context)
            after = plan.draft(before)
        edited = save(Edited(before, after, resolved), context, frozen=True)
    for remark in plan.inferred.all_remarks if not as_json else ():
        print_note(remark)
    return report(edited, as_json, plan.inferred.to_json())


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


def _resolve(plan: Plan, before: Draft, context: Context) -> tuple[Plan, Resolved]:
    """Resolve what is guessed; without names that nobody has, if they are a guess or a module's."""
    while True:
        try:
            return plan, resolve_draft(plan.draft(before), context)
        except ResolutionError as error:
            inferred = _without_missing(plan.inferred, error)
            if inferred is not None:
                plan = replace(plan, inferred=inferred)
                continue
            if not isinstance(error, NoSuchPackage):
                error.hint = f"{error.hint} To write the header all the same: --frozen.".strip()
            raise


def _without_missing(inferred: Inferred, error: ResolutionError) -> Inferred | None:
    """The guess without a name that nobody has, or that is a module's; None if it has no such."""
    name = canonicalize_name(str(error.details.get("package", "")))
    if isinstance(error, NoSuchPackage | NoCompatibleWheel) and inferred.names_module(name):
        return inferred.with_package_of(name)
    if isinstance(error, NoSuchPackage) and name in inferred.guessed:
        return inferred.without(name)
    return None
