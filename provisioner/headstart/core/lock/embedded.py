"""The lock in a notebook: its metadata's ``headstart.lock``.

A lock that travels is as hostile as a header: what is read here are texts, which are compared with
the header and shown in messages. What it installs is for `core.lock.pylock` and
`core.policy` to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ...errors import LockError
from ..header.spec import EnvironmentSpec, GivenLock
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
    "lock_of",
    "read_record",
]

LOCK_FIELD = "lock"
"""Field of the metadata's ``headstart`` in which the lock stands."""

ORIGIN = "the lock in the notebook's metadata"
"""What messages call it."""

_VERSION = 1
_MAX_ITEMS = 3000
"""Items of a list; a header has 300, and what it names may have more."""
_MAX_CHARACTERS = 256 * 1024
"""Of all items of a list."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotebookLock:
    """A lock, and what of the header it was made for, canonical as in `EnvironmentSpec`.

    ``pylock`` is its text. ``until`` is the moment that ``exclude_newer`` meant, ISO 8601 in UTC,
    or ``""``. A lock that is not ``universal`` is for ``platform`` alone; a universal one was made
    there. ``created`` is when: ISO 8601 in UTC. ``intact`` says whether all of it is as it was
    written, None if it cannot tell: earlier versions wrote no digest.
    """

    pylock: str
    requirements: tuple[str, ...] = ()
    requires_python: str = ""
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    hashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    until: str = ""
    universal: bool = True
    platform: str = ""
    created: str = ""
    intact: bool | None = field(default=None, compare=False)

    @property
    def asked(self) -> EnvironmentSpec:
        """What it was made for."""
        return EnvironmentSpec(
            requirements=self.requirements,
            requires_python=self.requires_python,
            constraints=self.constraints,
            overrides=self.overrides,
            exclude_newer=self.exclude_newer,
            hashes=self.hashes,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the lock's text, as 64 hex digits."""
        return GivenLock(self.pylock, ORIGIN).digest

    def record(self) -> dict[str, Any]:
        """All but the lock's own text, as JSON, with a digest of both."""
        said = {
            "requirements": list(self.requirements),
            "requires-python": self.requires_python,
            "constraints": list(self.constraints),
            "overrides": list(self.overrides),
            "exclude-newer": self.exclude_newer,
            "universal": self.universal,
            "platform": self.platform,
            "created": self.created,
        }
        if self.until:
            said["until"] = self.until
        if self.hashes:
            said["hashes"] = {name: list(digests) for name, digests in self.hashes}
        return with_digest(said, self.pylock.rstrip())

    def to_json(self) -> dict[str, Any]:
        """The value of the metadata's field; the text in lines, so that a diff shows packages."""
        return {"version": _VERSION, **self.record(), "pylock": self.pylock.splitlines()}


def lock_of(pylock: str, spec: EnvironmentSpec, **facts: Any) -> NotebookLock:
    """The lock with the text ``pylock`` for a spec; ``facts`` are further fields."""
    return NotebookLock(
        pylock,
        requirements=spec.requirements,
        requires_python=spec.requires_python,
        constraints=spec.constraints,
        overrides=spec.overrides,
        exclude_newer=spec.exclude_newer,
        hashes=spec.hashes,
        **facts,
    )


def find_lock(notebook: Notebook) -> NotebookLock | None:
    """The lock in a notebook's metadata, or None.

    :raises LockError: if what stands there is none.
    """
    ours = notebook.metadata.get(METADATA_KEY)
    value = ours.get(LOCK_FIELD) if isinstance(ours, Mapping) else None
    if value is None:
        return None
    again = lock_again(notebook.path)
    if not isinstance(value, Mapping):
        _fail(f"it is {kind_of(value)}", again)
    if value.get("version") != _VERSION:
        _fail("it has another version, which this Headstart does not know", again)
    return _read(value, "\n".join(_strings(value, "pylock", again, MAX_LOCK_CHARACTERS)), again)


def embed(text: str, notebook: Notebook, lock: NotebookLock) -> str:
    """The text of a notebook (``.ipynb``) with a lock in its metadata, and else as it is.

    :param notebook: what the text holds.
    :raises NotebookError: if the text is not a notebook.
    """
    from ..notebook.patch_notebook import set_metadata

    header = notebook.metadata.get(METADATA_KEY)
    if isinstance(header, str | list):
        both = {DEPENDENCIES: header, LOCK_FIELD: lock.to_json()}
        return set_metadata(text, (METADATA_KEY,), both)
    return set_metadata(text, (METADATA_KEY, LOCK_FIELD), lock.to_json())


def read_record(record: Fields, pylock: str, path: str) -> NotebookLock:
    """What `NotebookLock.record` wrote, with the lock's text.

    :param path: of the notebook, for messages.
    :raises LockError: if it cannot be read.
    """
    return _read(record, pylock, lock_again(path))


def _read(value: Fields, pylock: str, again: str) -> NotebookLock:
    record = {name: item for name, item in value.items() if name not in ("version", "pylock")}
    universal = value.get("universal", False)
    if not isinstance(universal, bool):
        _fail(f"universal is {kind_of(universal)}", again)
    return NotebookLock(
        f"{pylock.rstrip()}\n" if pylock.strip() else _fail("it is empty", again),
        requirements=_strings(value, "requirements", again),
        requires_python=_text(value, "requires-python", again),
        constraints=_strings(value, "constraints", again),
        overrides=_strings(value, "overrides", again),
        exclude_newer=_text(value, "exclude-newer", again),
        hashes=_hashes(value.get("hashes", {}), again),
        until=_text(value, "until", again),
        universal=universal,
        platform=_text(value, "platform", again),
        created=_text(value, "created", again),
        intact=is_intact(record, pylock.rstrip()),
    )


def _strings(value: Fields, name: str, again: str, limit: int = _MAX_CHARACTERS) -> tuple[str, ...]:
    items = value.get(name, ())
    if not isinstance(items, list | tuple):
        _fail(f"{name} is {kind_of(items)}", again)
    length = 0
    for item in items:
        if not isinstance(item, str):
            _fail(f"an item of {name} is {kind_of(item)}", again)
        length += len(item) + 1
    if length > limit:
        _fail(f"{name} is longer than {limit} characters", again)
    return tuple(items)


def _text(value: Fields, name: str, again: str) -> str:
    text = value.get(name, "")
    if not isinstance(text, str):
        _fail(f"{name} is {kind_of(text)}", again)
    return text[:1000]


def _hashes(value: object, again: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping) or len(value) > _MAX_ITEMS:
        _fail(f"hashes is {kind_of(value)}", again)
    found = []
    for name in sorted(value, key=str):
        said = f"hashes of {shown(str(name))}"
        found.append((str(name), _strings({said: value[name]}, said, again)))
    return tuple(found)


def _fail(reason: str, again: str) -> NoReturn:
    raise LockError(f"The lock in the notebook's metadata cannot be read: {reason}.", hint=again)


def how_to_lock(path: str) -> str:
    """The command that locks the notebook at ``path``, or one whose path is not known."""
    import shlex  # only an error needs it

    return f"headstart lock {shlex.quote(path) if path else 'NOTEBOOK'}"


def lock_again(path: str) -> str:
    """The hint for a lock that is of no use any more."""
    return f"Lock the notebook again: {how_to_lock(path)}"
