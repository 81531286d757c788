"""Check whether a lock that Headstart has written was made for the header as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import LockOutdated
from ..header.diff import Changes, changes
from ..header.spec import RESOLUTION_FIELDS, EnvironmentSpec, Kind, ProvidedLock
from ..messages import shown
from ..notebook.model import Notebook
from ..requirements.grammar import canonical, parse_requirement
from ..requirements.tokens import RequirementProblem
from .embedded import ORIGIN, NotebookLock, find_lock, lock_again

__all__ = ["check_fits", "with_lock"]

_MAX_REWRITTEN = 300
"""Requirements that are parsed to see whether only their form differs."""


def with_lock(
    spec: EnvironmentSpec, notebook: Notebook, own: NotebookLock | None = None, file: str = ""
) -> EnvironmentSpec:
    """The spec with the lock that Headstart has written for the notebook, if there is one.

    A lock that the header names itself comes first.

    :param own: the lock in ``file``; None for one in the notebook's metadata.
    :raises LockError: if there is one that cannot be read.
    :raises LockOutdated: if it was made for another header.
    """
    lock = own or (find_lock(notebook) if spec.lock is None else None)
    if lock is None:
        return spec
    check_fits(lock, spec, notebook.path, file)
    return spec._replace(lock=ProvidedLock(lock.pylock, file or ORIGIN))


def check_fits(lock: NotebookLock, spec: EnvironmentSpec, path: str = "", file: str = "") -> None:
    """Do nothing if the lock was made for the header as it is now.

    :param path: of the notebook, for the message.
    :param file: the file of the lock, ``""`` for the notebook.
    :raises LockOutdated: with the difference.
    """
    now, then = spec.resolution, lock.spec
    if then != now:
        then = _rewritten(then, now)
    if then == now:
        return
    difference = changes(then, now)
    where = file or "the notebook"
    raise LockOutdated(
        f"The header no longer fits the lock in {where}: {_in_words(difference)}.",
        hint=lock_again(path),
        details=difference.to_json() if difference else {},
    )


def _rewritten(then: EnvironmentSpec, now: EnvironmentSpec) -> EnvironmentSpec:
    """The spec of a lock with its requirements as this Headstart writes them."""
    rewritten: dict[str, Any] = {
        field.attribute: _canonical_lines(field.of(then), field.of(now))
        for field in RESOLUTION_FIELDS
        if field.kind is Kind.REQUIREMENTS
    }
    return then._replace(**rewritten)


def _canonical_lines(lines: Sequence[str], current: Sequence[str]) -> tuple[str, ...]:
    """The lines as this version of Headstart writes them; another may have written the lock."""
    # Only lines that the header does not have are parsed, and only if they are few: a lock may be a
    # stranger's, and a header that differs in many lines does not fit it anyway.
    rewritten = set(lines).difference(current)
    if len(rewritten) > _MAX_REWRITTEN:
        return tuple(lines)
    # Sorted again, because another form may sort differently.
    return tuple(sorted(_canonical_line(line) if line in rewritten else line for line in lines))


def _canonical_line(line: str) -> str:
    try:
        return canonical(parse_requirement(line))
    except RequirementProblem:
        return line


def _in_words(difference: Changes | None) -> str:
    if difference is None:
        return "it asks for something else"
    phrases = [*_named("adds", difference.added), *_named("leaves out", difference.removed)]
    phrases += [
        f"it asks for {shown(new)} and not for {shown(old)}" for old, new in difference.changed
    ]
    if difference.requires_python:
        old, new = (shown(text) if text else "none" for text in difference.requires_python)
        phrases.append(f"its requires-python is {new} and was {old}")
    phrases += [f"it has other {name}" for name in difference.other]
    if len(phrases) > 5:
        phrases[4:] = [f"and {len(phrases) - 4} more differences"]
    return "; ".join(phrases) or "it asks for other files"


def _named(verb: str, items: Sequence[str]) -> list[str]:
    rest = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return [f"it {verb} {', '.join(map(shown, items[:5]))}{rest}"] if items else []
