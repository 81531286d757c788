"""``headstart add``: add packages to a notebook's header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.requirements.edits import added, name_of, pinned
from ..editing.draft import Edited, check_pylock, read_draft, resolve_draft, save
from ..environments.context import open_context
from .cli_settings import read_settings
from .edit_report import report
from .terminal import ProgressLine


def main(notebook: Path, packages: Sequence[str], pin: bool, frozen: bool, as_json: bool) -> int:
    """Add requirements to the header, or give the notebook a header with them.

    They are resolved first, together with all that is there: what cannot be had is not written.

    :param pin: with the versions that they have in the lock.
    :param frozen: resolve nothing, write what is given.
    :raises HeadstartError: if they cannot be had; the notebook is then as it was.
    """
    settings = read_settings()
    draft = read_draft(notebook, settings, may_be_without=True)
    after = draft.with_texts(added(draft.texts, packages))
    check_pylock(after)
    with ProgressLine() as line:
        context = open_context(settings, line.report)
        resolved = None if frozen else resolve_draft(after, context)
        if pin and resolved is not None:
            names = {name_of(text) for text in packages}
            after = after.with_texts(pinned(after.texts, resolved.versions, names))
            resolved = resolve_draft(after, context)
        edited = save(Edited(draft, after, resolved), context, frozen=frozen)
    return report(edited, as_json)
