"""Compute the digests that name environments, kernel layers and remembered locks."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from ..header.spec import EnvironmentSpec, ProvidedLock
from ..interpreter import Interpreter
from ..lock.pylock import Lock
from ..lock.selection import select

FORMAT = 2
"""Version of how environments are built. A change to it gives all of them new keys."""

_KEY = re.compile(r"[0-9a-f]{64}")


def environment_key(lock: Lock, interpreter: Interpreter) -> str:
    """The key of the lock's environment on the interpreter: 64 hex digits.

    :raises LockError: if the lock does not fit the interpreter.
    """
    return _digest("environment", _identity(interpreter), _selected(lock, interpreter))


def layer_key(lock: Lock, interpreter: Interpreter, kernel_digest: str) -> str:
    """The key of a kernel layer.

    :param kernel_digest: the digest of the `headstart_kernel` package that is copied into it.
    :raises LockError: if the lock does not fit the interpreter.
    """
    selected = _selected(lock, interpreter)
    return _digest("layer", _identity(interpreter), selected, kernel_digest)


def resolution_digest(
    spec: EnvironmentSpec, interpreter: Interpreter, *, call: Any, choosing: Any
) -> str:
    """What a lock is remembered under: all that decides which packages a resolution chooses.

    :param call: the resolver's arguments for the spec, as JSON.
    :param choosing: its other input, as JSON: indexes, options, the user's limits.
    """
    # Without its path: the same Python resolves to the same versions wherever it is installed.
    identity = [*_identity(interpreter)[1:], list(interpreter.tags)]
    return _digest("resolution", spec.digest, identity, call, choosing)


def provided_lock_digest(
    lock: ProvidedLock, spec: EnvironmentSpec, interpreter: Interpreter, *, choosing: Any
) -> str:
    """What a provided lock, cut down to an interpreter, is remembered under.

    :param choosing: the resolver's other input, as JSON: it decides which files the indexes have.
    """
    identity = [*_identity(interpreter)[1:], list(interpreter.tags), dict(interpreter.markers)]
    request = [spec.digest, lock.extras, lock.groups]
    return _digest("given", lock.digest, request, identity, choosing)


def is_key(text: str) -> bool:
    """Whether ``text`` can be a key, and so can be part of a path."""
    return _KEY.fullmatch(text) is not None


def _identity(interpreter: Interpreter) -> list[str]:
    return [
        interpreter.path,
        interpreter.version,
        interpreter.implementation,
        interpreter.platform,
    ]


def _selected(lock: Lock, interpreter: Interpreter) -> list[list[str]]:
    # Neither URLs nor upload times: a mirror's file is the same file.
    return sorted(
        [package.name, package.version, wheel.filename, wheel.sha256]
        for package, wheel in select(lock, interpreter)
    )


def _digest(kind: str, *parts: Any) -> str:
    text = json.dumps([FORMAT, kind, *parts], separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
