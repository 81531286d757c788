"""``headstart upgrade``: renew the versions that a notebook's header pins."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.requirements.edits import loosened, upgraded
from ...editing.draft import Draft, Edited, Resolved, check_pylock, read_draft, save
from ...environments.context import Context, open_context
from ...environments.resolve.interpreters import find_interpreter
from ...environments.resolve.resolve import resolve
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..edit_report import report
from ..output import print_note
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

    :param packages: names; all that is pinned if there are none. A range of one of these which
        excludes the newest version begins with it.
    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings)
    names = {canonicalize_name(name) for name in packages}
    loose = draft.with_texts(loosened(draft.texts, names))
    if loose is draft and not names:
        print_note(
            "The header pins no version. To renew the versions in a lock: "
            f"headstart lock {notebook} --upgrade"
        )
        return report(Edited(draft, draft), as_json)
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        resolved = _newest(loose, context)
        after = draft.with_texts(upgraded(draft.texts, resolved.versions, names))
        check_pylock(after)
        _remember(after, resolved, context)
        edited = save(Edited(draft, after, resolved), context, frozen=False, upgrade=names)
    return report(edited, as_json)


def _newest(loose: Draft, context: Context) -> Resolved:
    """What the index has today, whatever is remembered."""
    spec = loose.wanted(locked=False).spec
    interpreter = find_interpreter(spec.requires_python, context)
    return Resolved(resolve(spec, interpreter, context, refresh=True), interpreter)


def _remember(after: Draft, resolved: Resolved, context: Context) -> None:
    """Resolve what is written: the next kernel takes the same versions without asking anybody."""
    spec = after.wanted(locked=False).spec
    resolve(spec, resolved.interpreter, context, preferences=resolved.lock.render())
