"""Checks of the lock that a notebook runs with, without installing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...core.header.spec import EnvironmentSpec, ProvidedLock
from ...core.interpreter import Interpreter
from ...core.lock.embedded import NotebookLock, lock_again
from ...core.lock.pylock import Lock, parse_lock, uploaded_too_late
from ...core.lock.selection import select
from ...core.lock.staleness import check_fits
from ...core.messages import shown
from ...core.notebook.find import Notebook
from ...core.refresh import RefreshMode
from ...errors import HeadstartError, PackageIndexError
from ...request.read import Request
from ..context import Context
from ..ready import cached_lock, lock_for, requires_python_of
from ..resolve.interpreters import find_interpreter
from ..resolve.resolve import recall_lock
from .findings import SHORT, Finding, State, judged, wrong

__all__ = ["NotebookReader", "Seen", "look_at_lock"]


@dataclass(frozen=True, slots=True)
class NotebookReader:
    """A notebook, and how to read what it asks for.

    ``plain`` is that without its lock, ``locked`` reads it with its lock; ``own`` reads the lock
    that Headstart has written for it, None if there is none.
    """

    notebook: Notebook
    plain: Request
    locked: Callable[[], Request]
    own: Callable[[], NotebookLock | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """The lock that a kernel would have now.

    ``digest`` is its digest, ``""`` if there is none or it is not known; ``written`` is the one
    that Headstart has written; ``brought`` says that the notebook brings one. ``spec`` is None if
    no kernel would start. ``selected`` is what the interpreter gets of the lock, ``installed`` the
    same with local extras; both are None if they are not known.
    """

    finding: Finding
    digest: str = ""
    written: NotebookLock | None = None
    brought: bool = False
    spec: EnvironmentSpec | None = None
    interpreter: Interpreter | None = None
    selected: Lock | None = None
    installed: Lock | None = None


def look_at_lock(reader: NotebookReader, context: Context) -> Seen:
    """Whether the notebook's lock is as it was written, is for its header, and may be installed."""
    written = None
    try:
        written = reader.own()
        if reader.plain.header is None:
            return _without_header(written)
        if written is not None:
            check_fits(written, reader.plain.spec, reader.notebook.path)
        # Also for an ephemeral notebook: a check does not resolve what a start would.
        spec = reader.locked().spec._replace(refresh=RefreshMode.CACHED)
        if spec.lock is None and written is not None:
            return Seen(_not_named(reader.notebook), written.digest, written, True)
        interpreter = find_interpreter(requires_python_of(spec, context), context)
        if spec.lock is None:
            return _resolved(spec, interpreter, context)
        selected = lock_for(spec, interpreter, context)
        installed = _cached(spec, interpreter, context)
    except HeadstartError as error:
        digest = written.digest if written is not None else ""
        brought = written is not None or bool(reader.plain.header and reader.plain.header.pylock)
        return Seen(_refused(error, written, reader.notebook), digest, written, brought)
    finding = _judge(spec.lock, selected, written, reader.notebook)
    return Seen(finding, spec.lock.digest, written, True, spec, interpreter, selected, installed)


def _without_header(written: NotebookLock | None) -> Seen:
    if written is None:
        message = "The notebook has no lock, and nothing to lock."
        return Seen(Finding(State.NONE, message), spec=EnvironmentSpec())
    was = ", ".join(map(shown, written.spec.requirements[:5])) or "no packages"
    message = f"There is a lock, and no header: the one that it was made for asked for {was}."
    hint = "Restore the header, or remove the lock."
    return Seen(Finding(State.WRONG, message, hint), written.digest, written, True)


def _not_named(notebook: Notebook) -> Finding:
    message = "There is a lock next to the notebook, and its header does not name it."
    return Finding(State.WRONG, message, lock_again(notebook.path))


def _resolved(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Seen:
    """What this machine has resolved, if it has."""
    selected = recall_lock(spec, interpreter, context)
    installed = _cached(spec, interpreter, context)
    message = "The notebook has no lock: each machine resolves its header."
    return Seen(
        Finding(State.NONE, message),
        installed.digest if installed is not None else "",
        spec=spec,
        interpreter=interpreter,
        selected=selected,
        installed=installed,
    )


def _cached(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock | None:
    """All that a kernel would have, if that is cached.

    :raises LockError: if a local extra does not fit this Python.
    """
    lock = cached_lock(spec, interpreter, context)
    if lock is not None:
        select(lock, interpreter)
    return lock


def _refused(error: HeadstartError, written: NotebookLock | None, notebook: Notebook) -> Finding:
    """What is wrong, or that no index could be asked for the lock's files."""
    if not any(isinstance(cause, PackageIndexError) for cause in (error, error.__context__)):
        return wrong(error)
    problems = list(_changed(written)) if written is not None else []
    unchecked = [f"Whether an index has its files could not be asked: {error.message}"]
    hint = lock_again(notebook.path) if problems else error.hint
    return judged("", problems, unchecked, hint=hint, facts={"error": error.to_json()})


def _judge(
    lock: ProvidedLock, selected: Lock, written: NotebookLock | None, notebook: Notebook
) -> Finding:
    facts: dict[str, Any] = {"digest": lock.digest, "packages": dict(selected.versions)}
    if written is None:
        return judged(f"{lock.digest[:SHORT]} fits the header.", (), facts=facts)
    facts["universal"], facts["platform"] = written.universal, written.platform
    facts["created"], facts["until"] = written.created, written.until
    scope = "for all platforms" if written.universal else f"for {written.platform} only"
    problems, unchecked = list(_changed(written)), list(_undated(written))
    return judged(
        f"{lock.digest[:SHORT]} fits the header, {scope}.",
        problems,
        unchecked,
        hint=lock_again(notebook.path),
        facts=facts,
    )


def _changed(written: NotebookLock) -> Iterator[str]:
    # It shows accidents only: who changes a lock on purpose can write its digest too.
    if written.intact is False:
        yield "The lock was changed since it was made: it does not have the digest that it says."
    try:
        late = uploaded_too_late(parse_lock(written.pylock), written.until)[0]
    except ValueError:
        late = ()
        if written.until:
            yield f"The lock's limit on upload times is no time: {shown(written.until)}."
    for wheel in late:
        yield (
            f"{wheel.filename} was uploaded at {wheel.upload_time}, and the lock says that nothing "
            f"in it is newer than {written.until}."
        )


def _undated(written: NotebookLock) -> Iterator[str]:
    if written.intact is None:
        yield "The lock has no digest: whether it was changed since it was made is not known."
    if not written.spec.exclude_newer:
        return
    try:
        undated = uploaded_too_late(parse_lock(written.pylock), written.until)[1]
    except ValueError:
        yield "The header has exclude-newer, and the lock does not say which moment that was."
        return
    if undated:
        count = f"{len(undated)} of its files" if undated[1:] else undated[0].filename
        yield f"The lock does not say when {count} came to the index."
