"""What was agreed to on this store: a file for each, which only a holder of the store's key makes.

The key is made here and never leaves the store. So a file that came with a notebook, or from
another store, says nothing. Code that already runs as the user can read the key; it is not what
this protects from.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..errors import StoreError
from ..files import replace_file
from .disk.file_locks import FileLock, flock_within, open_lock
from .disk.os_errors import explained
from .disk.trees import DAY, delete_tree, is_fresh, modified_at, names_in, sync_folder
from .host_layout import HostLayout
from .layout import Layout, checked
from .manifests import PASSING

__all__ = ["MOST", "Consent", "Consents"]

logger = logging.getLogger(__name__)

MOST = 4000
"""How many are kept: those that were looked for last."""

_KEY_BYTES = 32
_LONGEST = 64 * 1024
"""Bytes of a record."""
_LONGEST_NAME = 4096
"""Characters of a notebook's path in it."""
_PATIENCE = 5.0
"""Seconds that another process may take to make the key."""
_ATTEMPTS = 3


class Consent(NamedTuple):
    """One thing that was agreed to.

    ``digest`` names it, 64 hex digits; ``date`` is when, ISO 8601 in UTC; ``notebook`` is the path
    of the notebook that was run, or ``""``; ``kernel`` the name of its kernelspec; ``packages`` how
    many packages would be installed.
    """

    digest: str
    date: str
    notebook: str
    kernel: str
    packages: int


class Consents:
    """What the user of a store has agreed to. Safe between threads and processes."""

    def __init__(self, host_layout: HostLayout) -> None:
        self._host_layout = host_layout

    def has(self, text: bytes) -> bool:
        """Whether just that was agreed to. Raises nothing: what cannot be read was not."""
        layout = self._host_layout.layout
        try:
            if not layout.present():
                return False
            key = _read_key(layout)
            digest = _digest(key, text)
            path = layout.consents / digest
            if _record(key, digest, _read(path)) is None:
                return False
        except (OSError, StoreError):
            return False
        # Once a day: the oldest are dropped, and a start that only reads should not write.
        if not is_fresh(path, DAY):
            with suppress(OSError):
                os.utime(path, follow_symlinks=False)
        return True

    def record(self, text: bytes, consent: Consent) -> None:
        """Remember that it was agreed to. May be called again.

        :param consent: what is shown of it; its digest is made here.
        :raises StoreError: if the store cannot be written.
        :raises DiskFull: if there is no room left.
        """
        with explained(self._host_layout.layout.root):
            # More than once: between its reading and the record another process may have found the
            # key damaged and made another, and where there are no locks two make it at once.
            for _ in range(_ATTEMPTS):
                if self.has(text):
                    return
                self._host_layout.make()
                layout = self._host_layout.layout
                _make_folder(layout)
                key = _own_key(layout)
                digest = _digest(key, text)
                _write(layout, layout.consents / digest, _sealed(key, digest, consent))
                _drop_oldest(layout)

    def forget(self, digest: str) -> bool:
        """Agree to it no more; whether it was agreed to.

        :raises StoreError: if the store cannot be written, or it is no digest.
        """
        with explained(self._host_layout.layout.root):
            layout = self._host_layout.layout
            if not layout.present():
                return False
            path = layout.consents / checked(digest)
            existed = os.path.lexists(path)
            delete_tree(path)
            return existed

    def all(self) -> list[Consent]:
        """What was agreed to, the newest first. Raises nothing: what cannot be read was not."""
        layout, found = self._host_layout.layout, []
        try:
            key = _read_key(layout) if layout.present() else b""
        except (OSError, StoreError):
            return []
        for name in _names(layout) if key else ():
            with suppress(OSError):
                found.append(_record(key, name, _read(layout.consents / name)))
        return sorted(filter(None, found), key=lambda it: (it.date, it.digest), reverse=True)


def _names(layout: Layout) -> list[str]:
    """The records: of digests, and so neither the key nor its lock."""
    with suppress(OSError):
        return [name for name in names_in(layout.consents) if len(name) == 64]
    return []


# -- the key ---------------------------------------------------------------------------------------


class _NoKey(OSError):
    """What is there is no key that counts."""


def _read_key(layout: Layout) -> bytes:
    """The key.

    :raises FileNotFoundError: if there is none.
    :raises OSError: if it cannot be read, or is none that only this user knows.
    """
    path = layout.consents / "key"
    key = _read(path, stat.S_IRWXG | stat.S_IRWXO)
    if len(key) != _KEY_BYTES:
        raise _NoKey(errno.EINVAL, "it is no key", str(path))
    return key


def _own_key(layout: Layout) -> bytes:
    """The key; if there is none, or it is damaged, a new one, with which nothing is agreed to."""
    path = layout.consents / "key"
    with _locked(layout.consents / "key.lock"):
        try:
            return _read_key(layout)
        except FileNotFoundError:
            pass
        except OSError as error:
            # A busy machine is no reason to forget all that was agreed to.
            if error.errno in PASSING:
                raise
            logger.warning("The key of what was agreed to is made again: %s.", error.strerror)
            delete_tree(path)
        key = os.urandom(_KEY_BYTES)
        _write(layout, path, key)
        return key


def _locked(path: Path) -> FileLock:
    descriptor = open_lock(path, 0o600, create=True)
    try:
        flock_within(descriptor, fcntl.LOCK_EX, _PATIENCE)
    except BaseException:
        os.close(descriptor)
        raise
    return FileLock(descriptor)


# -- a record --------------------------------------------------------------------------------------


def _digest(key: bytes, text: bytes, person: bytes = b"consent") -> str:
    # Not `hmac`: it is one module more at each start, and blake2b takes a key by itself.
    return hashlib.blake2b(text, key=key, person=person, digest_size=32).hexdigest()


def _sealed(key: bytes, digest: str, consent: Consent) -> bytes:
    value = {
        "date": consent.date,
        "notebook": consent.notebook[:_LONGEST_NAME],
        "kernel": consent.kernel,
        "packages": consent.packages,
    }
    body = json.dumps(value).encode("ascii") + b"\n"
    return _seal(key, digest, body) + body


def _record(key: bytes, digest: str, content: bytes) -> Consent | None:
    """What `_sealed` was given; None if the content is not as it was written, or another's."""
    head, line, body = content.partition(b"\n")
    if head + line != _seal(key, digest, body):
        return None
    try:
        value = json.loads(body)
        return Consent(digest, value["date"], value["notebook"], value["kernel"], value["packages"])
    except (ValueError, KeyError, TypeError):
        return None


def _seal(key: bytes, digest: str, body: bytes) -> bytes:
    return f"{_digest(key, digest.encode() + body, b'record')}\n".encode()


def _drop_oldest(layout: Layout) -> None:
    names = _names(layout)
    if len(names) > MOST:
        paths = [layout.consents / name for name in names]
        for path in sorted(paths, key=modified_at)[: len(paths) - MOST]:
            delete_tree(path)


# -- files -----------------------------------------------------------------------------------------


def _read(path: Path, forbidden: int = stat.S_IWGRP | stat.S_IWOTH) -> bytes:
    """The beginning of a regular file of this user's; links are not followed.

    :param forbidden: bits of its mode that make it one of others' too.
    :raises OSError: if it is anything else.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(path, flags), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        ours = stat.S_ISREG(status.st_mode) and status.st_uid in (0, os.geteuid())
        if not ours or status.st_mode & forbidden:
            raise _NoKey(errno.EINVAL, "it is not a file of this user alone", str(path))
        return file.read(_LONGEST)


def _write(layout: Layout, path: Path, content: bytes) -> None:
    """Write a file whole, so that it is there after a power cut too."""
    from .building import build_folder  # a start that only looks needs none

    with suppress(FileNotFoundError):
        # Damage: a rename cannot replace a folder.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            delete_tree(path)
    with build_folder(layout, "consent") as folder:
        replace_file(path, content, mode=0o600, staging=folder)
    sync_folder(path.parent)


def _make_folder(layout: Layout) -> None:
    try:
        layout.consents.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        delete_tree(layout.consents)
        layout.consents.mkdir(mode=0o700)
