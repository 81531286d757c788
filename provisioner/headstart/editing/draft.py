"""Edit a header: read the notebook, resolve what it would ask for, write it, renew its lock."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ..core.header.create import NewHeader, put_header
from ..core.header.edit import edit_header, written_dependencies
from ..core.interpreter import Interpreter
from ..core.lock.held_back import HeldBack
from ..core.lock.pylock import Lock
from ..core.lock.selection import select
from ..core.notebook.find import FoundHeader, HeaderPlace, Notebook, find_header, notebook_of
from ..core.notebook.jupytext import is_text_notebook
from ..core.requirements.string_list import Dependencies, rewritten, texts_of
from ..environments.context import Context
from ..environments.ready import lock_for, requires_python_of
from ..environments.resolve.interpreters import find_interpreter
from ..environments.resolve.newer_versions import recall_held_back
from ..environments.resolve.notices import notices_for
from ..error_facts import SourceLocation
from ..errors import HeaderError, LockError
from ..request.directory import DiskFolder
from ..request.notebook_files import read_notebook, read_text, write_text
from ..request.read import Request, request_of
from ..settings import Settings
from .lock_storage import read_own_lock
from .relock import lock_notebook

__all__ = [
    "Draft",
    "Edited",
    "Resolved",
    "check_pylock",
    "is_locked",
    "read_draft",
    "resolve_draft",
    "save",
]


@dataclass(frozen=True)
class Draft:
    """A notebook as it would be written: the file's path, its text, and the user's settings."""

    path: Path
    text: str
    settings: Settings

    @cached_property
    def notebook(self) -> Notebook:
        """What the text holds."""
        if is_text_notebook(str(self.path)):
            return Notebook(path=str(self.path), text=self.text)
        # `json` refuses a byte order mark, which some editors write.
        return notebook_of(json.loads(self.text.removeprefix("\ufeff")), str(self.path))

    @cached_property
    def header(self) -> FoundHeader | None:
        """Where its header is; None if it has none."""
        return find_header(self.notebook)

    @cached_property
    def dependencies(self) -> Dependencies:
        """The value of the field, as it is written."""
        return written_dependencies(self.header) if self.header else []

    @property
    def place(self) -> str:
        """Where its header is: the value of a `HeaderPlace`, or ``""``."""
        return self.header.place.value if self.header else ""

    @property
    def location(self) -> str:
        """The header's location in the file, for people."""
        if self.header is None or not self.header.line:
            return f"{self.path}, its metadata"
        return f"{self.path}, {SourceLocation(self.header.cell, self.header.line)}"

    @property
    def texts(self) -> list[str]:
        """The requirements among the dependencies, each as it is written."""
        return texts_of(self.dependencies)

    def request(self, *, locked: bool) -> Request:
        """What it asks for.

        :param locked: with the lock that it has.
        :raises HeadstartError: if its header, or a file that it names, cannot be read.
        """
        folder = DiskFolder(self.path.absolute().parent)
        return request_of(self.notebook, folder, lambda: self.settings, locked=locked)

    def with_texts(self, texts: Sequence[str]) -> Draft:
        """The same with other dependencies; in a header of its own if it has none.

        :raises HeaderError: if the header cannot be edited.
        """
        if self.header is None:
            text = put_header(self.notebook, self.text, NewHeader(texts))
        elif list(texts) == self.texts:
            return self
        else:
            value = rewritten(self.dependencies, texts)
            edit = edit_header(self.notebook, self.header, "dependencies", value)
            text = edit.in_file(self.text)
        draft = replace(self, text=text)
        # What was written is read again: an edit that went wrong must not reach the file.
        if draft.texts != list(texts):
            raise HeaderError(
                f"The header in {self.location} cannot be edited safely.",
                hint="Change its dependencies there yourself.",
            )
        return draft


def read_draft(
    path: Path,
    settings: Settings,
    *,
    allow_no_header: bool = False,
    allow_requirements_file: bool = False,
) -> Draft:
    """The notebook as it is.

    :param allow_no_header: it may have none.
    :param allow_requirements_file: its requirements may be in a file next to it, and in no header.
    :raises NotebookError: if it cannot be read.
    :raises HeaderError: if its header cannot be read, is missing, or is in a file next to it.
    """
    # Before the text is parsed: its errors say what is wrong with a file that is no notebook.
    read_notebook(path)
    draft = Draft(path, read_text(path), settings)
    header = draft.request(locked=False).found
    if (
        header is not None
        and header.place is HeaderPlace.REQUIREMENTS_TXT
        and not allow_requirements_file
    ):
        raise HeaderError(
            f"The requirements of {path} are in the requirements.txt next to it.",
            hint="Change that file, or give the notebook a header of its own: headstart init.",
        )
    if header is None and not allow_no_header:
        raise HeaderError(
            f"{path} has no header.", hint="Give it one: headstart init, or headstart add."
        )
    return draft


@dataclass(frozen=True, slots=True)
class Resolved:
    """A lock for a draft, and the interpreter that it was made for.

    ``held_back`` are packages of which it has an old version for lack of wheels; ``notices`` are
    all that people should know of it.
    """

    lock: Lock
    interpreter: Interpreter
    held_back: tuple[HeldBack, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions that the interpreter gets, by normalised name."""
        return {package.name: package.version for package, _ in select(self.lock, self.interpreter)}


def resolve_draft(draft: Draft, context: Context, *, locked: bool = False) -> Resolved:
    """The lock that a draft would get.

    :param locked: the lock that it has, and no other.
    :raises HeadstartError: if there is none.
    """
    spec = draft.request(locked=locked).spec
    interpreter = find_interpreter(requires_python_of(spec, context), context)
    lock = lock_for(spec, interpreter, context)
    facts = (spec, lock.versions, interpreter.version, context.store)
    return Resolved(lock, interpreter, recall_held_back(*facts), notices_for(*facts))


def is_locked(draft: Draft) -> bool:
    """Whether the notebook has a lock that Headstart has written."""
    try:
        return read_own_lock(draft.path, draft.notebook, draft.request(locked=False)) is not None
    except LockError:  # damaged: it is renewed with the header as well
        return True


def check_pylock(draft: Draft) -> None:
    """Check that a lock of another tool, if the header names one, fits the header.

    :raises LockError: with the difference.
    """
    request = draft.request(locked=False)
    # A lock of ours need not fit: it is renewed when the header is written.
    if request.header is not None and request.header.pylock and not is_locked(draft):
        draft.request(locked=True)


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit has changed.

    ``resolved`` is None if nothing was resolved. ``notes`` are remarks for people.
    """

    before: Draft
    after: Draft
    resolved: Resolved | None = None
    relocked: bool = False
    notes: tuple[str, ...] = ()

    @property
    def added(self) -> list[str]:
        """Requirements that are new, as they are written."""
        return [text for text in self.after.texts if text not in self.before.texts]

    @property
    def removed(self) -> list[str]:
        """Requirements that were removed, as they were written."""
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
    after = edited.after
    # Before the file is touched: no header is written that cannot be read.
    request = after.request(locked=False)
    locked = edited.before.header is not None and is_locked(edited.before)
    write_text(after.path, after.text)
    if not locked:
        return edited
    if frozen:
        note = f"The lock is as it was. Renew it: headstart lock {after.path}"
        return replace(edited, notes=(note,))
    names = sorted(upgrade) if upgrade is not None else None
    relocked = lock_notebook(after.path, after.notebook, request, context, names)
    return replace(edited, relocked=True, notes=relocked.notes)
