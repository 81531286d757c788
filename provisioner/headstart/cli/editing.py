"""What the verbs that edit a header share: read, try, write, renew the lock, and report."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import envvars
from ..core.header.create import NewHeader, put_header
from ..core.header.edit import edit_header, written_dependencies
from ..core.interpreter import Interpreter
from ..core.lock.held_back import HeldBack
from ..core.lock.pylock import Lock
from ..core.lock.selection import select
from ..core.messages import place_line
from ..core.notebook.find import FoundHeader, HeaderPlace, Notebook, find_header, notebook_of
from ..core.notebook.jupytext import is_text_notebook
from ..core.requirements.string_list import Dependencies, rewritten, texts_of
from ..environments.context import Context
from ..environments.ready import lock_for, requires_python_of
from ..environments.resolve.interpreters import find_interpreter
from ..environments.resolve.newer_versions import recall_held_back
from ..environments.resolve.notices import notices_for
from ..errors import HeaderError, LockError
from ..request.directory import DiskFolder
from ..request.notebook_files import read_notebook, read_text, write_text
from ..request.read import Wanted, want
from ..settings import Settings
from .lock import lock_notebook
from .lock_place import written_lock
from .output import print_json, print_note, print_text


@dataclass(frozen=True)
class Draft:
    """A notebook as a verb would write it: the file's path, its text, and the user's settings."""

    path: Path
    text: str
    settings: Settings

    @cached_property
    def notebook(self) -> Notebook:
        """What the text holds."""
        if is_text_notebook(str(self.path)):
            return Notebook(path=str(self.path), text=self.text)
        return notebook_of(json.loads(self.text.removeprefix("\ufeff")), str(self.path))

    @cached_property
    def found(self) -> FoundHeader | None:
        """Where its header stands."""
        return find_header(self.notebook)

    @cached_property
    def dependencies(self) -> Dependencies:
        """The value of the field, as it is written."""
        return written_dependencies(self.found) if self.found else []

    @property
    def place(self) -> str:
        """The kind of place at which its header stands."""
        return self.found.place.value if self.found else ""

    @property
    def texts(self) -> list[str]:
        """The requirements among the dependencies, each as it is written."""
        return texts_of(self.dependencies)

    def wanted(self, *, locked: bool) -> Wanted:
        """What it asks for.

        :param locked: with the lock that it has.
        :raises HeadstartError: if its header, or a file that it names, cannot be read.
        """
        folder = DiskFolder(self.path.absolute().parent)
        return want(self.notebook, folder, lambda: self.settings, locked=locked)

    def with_texts(self, texts: Sequence[str]) -> Draft:
        """The same with other dependencies; in a header of its own if it has none.

        :raises HeaderError: if the header cannot be edited.
        """
        if self.found is None:
            text = put_header(self.notebook, self.text, NewHeader(texts))
        elif list(texts) == self.texts:
            return self
        else:
            value = rewritten(self.dependencies, texts)
            text = edit_header(self.notebook, self.found, "dependencies", value).in_file(self.text)
        draft = replace(self, text=text)
        if draft.texts != list(texts):
            raise HeaderError(
                f"The header in {where(self)} cannot be edited safely.",
                hint="Change its dependencies there yourself.",
            )
        return draft


def read_draft(
    path: Path, settings: Settings, *, may_be_without: bool = False, may_be_beside: bool = False
) -> Draft:
    """The notebook as it is.

    :param may_be_without: a header.
    :param may_be_beside: what it asks for may stand in a file beside it, and in no header.
    :raises NotebookError: if it cannot be read.
    :raises HeaderError: if its header cannot be read, is missing, or stands in a file beside it.
    """
    read_notebook(path)  # says what is wrong with it
    draft = Draft(path, read_text(path), settings)
    found = draft.wanted(locked=False).found
    if found is not None and found.place is HeaderPlace.BESIDE and not may_be_beside:
        raise HeaderError(
            f"What {path} asks for stands in the requirements.txt beside it.",
            hint="Change that file, or give the notebook a header of its own: headstart init.",
        )
    if found is None and not may_be_without:
        raise HeaderError(
            f"{path} has no header.", hint="Give it one: headstart init, or headstart add."
        )
    return draft


@dataclass(frozen=True, slots=True)
class Tried:
    """A lock for a draft, and the interpreter that it was made for.

    ``held_back`` are packages of which it has an old version for want of wheels; ``notices`` are
    all that there is to know, for people.
    """

    lock: Lock
    interpreter: Interpreter
    held_back: tuple[HeldBack, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions that the interpreter gets, by normalised name."""
        return {found.name: found.version for found, _ in select(self.lock, self.interpreter)}


def try_draft(draft: Draft, context: Context, *, locked: bool = False) -> Tried:
    """Whether a draft can be had: its lock.

    :param locked: the lock that it has, and no other.
    :raises HeadstartError: if there is none.
    """
    spec = draft.wanted(locked=locked).spec
    interpreter = find_interpreter(requires_python_of(spec, context), context)
    lock = lock_for(spec, interpreter, context)
    known = (spec, lock.versions, interpreter.version, context.store)
    return Tried(lock, interpreter, recall_held_back(*known), notices_for(*known))


def is_locked(draft: Draft) -> bool:
    """Whether the notebook has a lock that Headstart has written."""
    try:
        return written_lock(draft.path, draft.notebook, draft.wanted(locked=False)) is not None
    except LockError:
        return True


def check_pylock(draft: Draft) -> None:
    """Do nothing unless the header names a lock of somebody else's that does not fit it.

    :raises LockError: with the difference.
    """
    wanted = draft.wanted(locked=False)
    if wanted.header is not None and wanted.header.pylock and not is_locked(draft):
        draft.wanted(locked=True)


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit has changed. ``tried`` is None if nothing was resolved."""

    before: Draft
    after: Draft
    tried: Tried | None = None
    relocked: bool = False

    @property
    def added(self) -> list[str]:
        """Requirements that are new, as they are written."""
        return [text for text in self.after.texts if text not in self.before.texts]

    @property
    def removed(self) -> list[str]:
        """Requirements that are gone, as they were written."""
        return [text for text in self.before.texts if text not in self.after.texts]

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before.text != self.after.text


def save(
    edited: Edited, context: Context, *, frozen: bool, upgrade: Collection[str] | None = None
) -> Edited:
    """Write an edit, and renew the lock if the notebook has one.

    :param frozen: leave the lock as it is.
    :param upgrade: packages whose versions in the lock shall be the newest.
    :raises NotebookError: if the notebook cannot be written.
    :raises HeadstartError: if it cannot be locked; the header is written then.
    """
    if not edited.changed:
        return edited
    edited.after.wanted(locked=False)  # what is written can be read
    locked = edited.before.found is not None and is_locked(edited.before)
    write_text(edited.after.path, edited.after.text)
    if not locked:
        return edited
    if frozen:
        print_note(f"The lock is as it was. Renew it: headstart lock {edited.after.path}")
        return edited
    lock_notebook(
        edited.after.path,
        edited.after.notebook,
        edited.after.wanted(locked=False),
        context,
        sorted(upgrade) if upgrade is not None else None,
    )
    return replace(edited, relocked=True)


def report(edited: Edited, as_json: bool, more: Mapping[str, Any] | None = None) -> int:
    """Say what was changed; returns the exit code."""
    versions = dict(edited.tried.versions) if edited.tried else {}
    held_back = edited.tried.held_back if edited.tried else ()
    notices = edited.tried.notices if edited.tried else ()
    for notice in notices:
        print_note(notice)
    if as_json:
        said = {
            "notebook": str(edited.after.path),
            "place": edited.after.place,
            "added": edited.added,
            "removed": edited.removed,
            "written": edited.changed,
            "relocked": edited.relocked,
            "versions": versions,
            "held_back": [found.to_json() for found in held_back],
            "notices": list(notices),
        }
        print_json({**said, **(more or {})})
        return 0
    lines = [f"- {text}" for text in edited.removed] + [f"+ {text}" for text in edited.added]
    did = "Changed" if edited.changed else "Nothing to change in"
    if edited.before.found is None:
        did = "Wrote"
        _note_other_kernel(edited.after)
    lock = "; its lock is renewed" if edited.relocked else ""
    print_text("\n".join([*lines, f"{did} the header in {where(edited.after)}{lock}."]))
    return 0


def _note_other_kernel(draft: Draft) -> None:
    """Say that the notebook's kernel does not read the header that it has now."""
    spec = draft.notebook.metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, Mapping) else None
    if name in ("python", "python3") and envvars.DEFAULT_PROVISIONER not in draft.settings.environ:
        print_note(
            f'The notebook names the kernel {name}, which reads no headers: choose "Python '
            f'(notebook header)" in Jupyter, or set {envvars.DEFAULT_PROVISIONER}=headstart.'
        )


def where(draft: Draft) -> str:
    """The header's place in the file, for people."""
    found = draft.found
    if found is None or not found.line:
        return f"{draft.path}, its metadata"
    return f"{draft.path}, {place_line(found.cell, found.line)}"
