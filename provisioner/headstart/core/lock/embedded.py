"""Read and write the lock in a notebook: its metadata's ``headstart.lock``.

Such a lock may be a stranger's, as a header may: only texts are read here, which are compared with
the header and shown in messages. What it would install is checked by `core.lock.pylock` and
`core.policy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import LockError
from ..header.spec import RESOLUTION_FIELDS, EnvironmentSpec, Hashes, Kind, ProvidedLock
from ..messages import kind_of, shown
from ..notebook.model import DEPENDENCIES, METADATA_KEY, Notebook
from .own_digest import is_intact, with_digest
from .pylock import MAX_LOCK_CHARACTERS

__all__ = [
    "LOCK_FIELD",
    "NotebookLock",
    "embed",
    "find_lock",
    "how_to_lock",
    "lock_again",
    "read_record",
]

LOCK_FIELD = "lock"
"""Field of the metadata's ``headstart`` that has the lock."""

ORIGIN = "the lock in the notebook's metadata"
"""Its name in messages."""

_VERSION = 1
_MAX_ITEMS = 3000
"""Items of a list; a header has at most 300, and the files that it names may have more."""
_MAX_CHARACTERS = 256 * 1024
"""Characters of all items of a list."""
_MAX_TEXT = 1000
"""Characters of a text. Longer ones were not written by Headstart; cut, they fit no header."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotebookLock:
    """A lock, and what it was made for.

    ``spec`` has what decides a resolution, and nothing else (`EnvironmentSpec.resolution`);
    ``pylock`` is the lock's text. ``until`` is the moment that ``exclude_newer`` meant, ISO 8601 in
    UTC, or ``""``. A lock that is not ``universal`` is for ``platform`` alone; a universal one was
    made there. ``created`` is when: ISO 8601 in UTC. ``intact`` says whether it is unchanged since
    it was written, None if that is not known: earlier versions wrote no digest.
    """

    spec: EnvironmentSpec
    pylock: str
    until: str = ""
    universal: bool = True
    platform: str = ""
    created: str = ""
    intact: bool | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the lock's text, as 64 hex digits."""
        return ProvidedLock(self.pylock, ORIGIN).digest

    def record(self) -> dict[str, Any]:
        """The record: all but the lock's text, as JSON, with a digest of both."""
        facts = {
            "universal": self.universal,
            "platform": self.platform,
            "created": self.created,
            **({"until": self.until} if self.until else {}),
        }
        # In this order since the first version, so that an unchanged lock makes no diff.
        fields = {**self._fields(optional=False), **facts, **self._fields(optional=True)}
        # Without the last newline, which the list of lines in JSON does not keep.
        return with_digest(fields, self.pylock.rstrip())

    def _fields(self, *, optional: bool) -> dict[str, Any]:
        """The fields of the header that it was made for, as JSON."""
        return {
            row.name: _FORMS[row.kind].write(row.of(self.spec))
            for row in RESOLUTION_FIELDS
            if row.optional is optional and (row.of(self.spec) or not optional)
        }

    def to_json(self) -> dict[str, Any]:
        """The value of the metadata's field; the text in lines, so that a diff shows packages."""
        return {"version": _VERSION, **self.record(), "pylock": self.pylock.splitlines()}


def find_lock(notebook: Notebook) -> NotebookLock | None:
    """The lock in a notebook's metadata, or None.

    :raises LockError: if the field is not a lock.
    """
    ours = notebook.metadata.get(METADATA_KEY)
    value = ours.get(LOCK_FIELD) if isinstance(ours, Mapping) else None
    if value is None:
        return None
    try:
        if not isinstance(value, Mapping):
            raise _Unreadable(f"it is {kind_of(value)}")
        if value.get("version") != _VERSION:
            raise _Unreadable("it has another version, which this Headstart does not know")
        lines = _strings(value.get("pylock", ()), "pylock", MAX_LOCK_CHARACTERS)
        return _read(value, "\n".join(lines))
    except _Unreadable as reason:
        raise _error(reason, notebook.path) from None


def embed(text: str, notebook: Notebook, lock: NotebookLock) -> str:
    """The text of a notebook (``.ipynb``) with a lock in its metadata, and the rest unchanged.

    :param notebook: the content of the text.
    :raises NotebookError: if the text is not a notebook.
    """
    from ..notebook.patch_notebook import set_metadata  # kernel starts only read locks

    header = notebook.metadata.get(METADATA_KEY)
    if isinstance(header, str | list):
        # A short form of the header, which has no room for a field: it becomes an object.
        both = {DEPENDENCIES: header, LOCK_FIELD: lock.to_json()}
        return set_metadata(text, (METADATA_KEY,), both)
    return set_metadata(text, (METADATA_KEY, LOCK_FIELD), lock.to_json())


def read_record(record: Fields, pylock: str, path: str) -> NotebookLock:
    """The lock of a record that `NotebookLock.record` wrote, and of its text.

    :param path: of the notebook, for messages.
    :raises LockError: if it cannot be read.
    """
    try:
        return _read(record, pylock)
    except _Unreadable as reason:
        raise _error(reason, path) from None


class _Unreadable(Exception):
    """Why a record cannot be read, as the end of a sentence."""


def _error(reason: _Unreadable, path: str) -> LockError:
    return LockError(
        f"The lock in the notebook's metadata cannot be read: {reason}.", hint=lock_again(path)
    )


def _read(value: Fields, pylock: str) -> NotebookLock:
    record = {name: item for name, item in value.items() if name not in ("version", "pylock")}
    universal = value.get("universal", False)
    if not isinstance(universal, bool):
        raise _Unreadable(f"universal is {kind_of(universal)}")
    if not pylock.strip():
        raise _Unreadable("it is empty")
    return NotebookLock(
        EnvironmentSpec(
            **{
                row.attribute: _FORMS[row.kind].read(value[row.name], row.name)
                for row in RESOLUTION_FIELDS
                if row.name in value
            }
        ),
        f"{pylock.rstrip()}\n",
        universal=universal,
        **{name: _text(value.get(name, ""), name) for name in ("until", "platform", "created")},
        intact=is_intact(record, pylock.rstrip()),
    )


def _strings(value: object, name: str, limit: int = _MAX_CHARACTERS) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise _Unreadable(f"{name} is {kind_of(value)}")
    length = 0
    for item in value:
        if not isinstance(item, str):
            raise _Unreadable(f"an item of {name} is {kind_of(item)}")
        length += len(item) + 1
    if length > limit:
        raise _Unreadable(f"{name} is longer than {limit} characters")
    return tuple(value)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _Unreadable(f"{name} is {kind_of(value)}")
    return value[:_MAX_TEXT]


def _hashes(value: object, name: str) -> Hashes:
    if not isinstance(value, Mapping) or len(value) > _MAX_ITEMS:
        raise _Unreadable(f"{name} is {kind_of(value)}")
    return tuple(
        (str(package), _strings(value[package], f"{name} of {shown(str(package))}"))
        for package in sorted(value, key=str)
    )


class _Form(NamedTuple):
    """How a kind of value is read from a record, and written into one."""

    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]


_FORMS: Mapping[Kind | None, _Form] = {
    Kind.REQUIREMENTS: _Form(_strings, list),
    Kind.TEXT: _Form(_text, str),
    Kind.HASHES: _Form(_hashes, lambda hashes: {name: list(digests) for name, digests in hashes}),
}


def how_to_lock(path: str) -> str:
    """The command that locks the notebook at ``path``, ``""`` if that is not known."""
    import shlex  # only an error needs it

    return f"headstart lock {shlex.quote(path) if path else 'NOTEBOOK'}"


def lock_again(path: str) -> str:
    """The hint for a lock that cannot be used any more."""
    return f"Lock the notebook again: {how_to_lock(path)}"
