"""Whether a notebook agrees with itself: header, lock, receipt, and what the store has of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..core.environment import EnvironmentKind, Interpreter, RefreshMode
from ..core.lock import Lock
from ..core.lock_fit import check_fits
from ..core.misplaced import misplaced_header
from ..core.notebook import Notebook
from ..core.notebook_lock import NotebookLock
from ..core.receipt import Receipt, find_receipt
from ..core.spec import EnvironmentSpec, GivenLock
from ..errors import HeadstartError
from ..wanted import Wanted
from .context import Context
from .ensure import lock_for, look, requires_python_of
from .interpreters import find_interpreter
from .resolve import recall_lock

__all__ = ["Agreement", "Finding", "State", "compare"]

_SHORT = 12
"""Digits of a digest that people see."""


class State(StrEnum):
    """What was found of one thing."""

    OK = "ok"
    NONE = "none"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: its state, a sentence, a hint or ``""``, and its facts as JSON."""

    state: State
    message: str
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        said = {"state": self.state.value, "message": self.message, "hint": self.hint}
        return {**said, **self.facts}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was found of a notebook."""

    header: Finding
    lock: Finding
    receipt: Finding
    store: Finding

    @property
    def findings(self) -> Mapping[str, Finding]:
        """All four, by name."""
        found = {"header": self.header, "lock": self.lock}
        return {**found, "receipt": self.receipt, "store": self.store}

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; that something is not there is not wrong."""
        return all(finding.state is not State.WRONG for finding in self.findings.values())


def compare(
    notebook: Notebook,
    read: Callable[[bool], Wanted],
    own: Callable[[], NotebookLock | None],
    context: Context,
) -> Agreement:
    """Compare all that a notebook says of its environment. Builds nothing.

    :param read: what it asks for: with the lock that it has, or without it.
    :param own: the lock that Headstart has written for it, or None.
    """
    try:
        asked = read(False)
    except HeadstartError as error:
        unknown = Finding(State.NONE, "It is not known without the header.")
        return Agreement(_wrong(error), unknown, unknown, unknown)
    seen = _look_at_lock(notebook, asked, read, own, context)
    receipt = _receipt(notebook, seen)
    if seen.spec is None:
        store = Finding(State.NONE, "Without a lock that can be used nothing is looked for.")
    else:
        store = _store(seen.spec, context)
    return Agreement(_header(asked, notebook), seen.finding, receipt, store)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The lock: its finding and its digest; what a kernel would start with, None if nothing."""

    finding: Finding
    digest: str
    spec: EnvironmentSpec | None = None
    interpreter: Interpreter | None = None


def _look_at_lock(
    notebook: Notebook,
    asked: Wanted,
    read: Callable[[bool], Wanted],
    own: Callable[[], NotebookLock | None],
    context: Context,
) -> _Seen:
    digest = ""
    try:
        written = own()
        if written is not None:
            digest = written.digest
            check_fits(written, asked.spec, notebook.path)
        spec = read(True).spec._replace(refresh=RefreshMode.CACHED)
        interpreter = find_interpreter(requires_python_of(spec, context), context)
        if spec.lock is None:
            remembered = recall_lock(spec, interpreter, context)
            digest = remembered.digest if remembered is not None else ""
            message = "The notebook has no lock: each machine resolves its header."
            return _Seen(Finding(State.NONE, message), digest, spec, interpreter)
        selected = lock_for(spec, interpreter, context)
    except HeadstartError as error:
        return _Seen(_wrong(error), digest)
    return _Seen(_lock(spec.lock, selected, written), spec.lock.digest, spec, interpreter)


def _wrong(error: HeadstartError) -> Finding:
    return Finding(State.WRONG, error.message, error.hint, {"error": error.to_json()})


def _header(wanted: Wanted, notebook: Notebook) -> Finding:
    if wanted.header is None:
        return Finding(State.NONE, "The notebook has no header.", misplaced_header(notebook))
    count = len(wanted.spec.requirements)
    asks = "1 requirement" if count == 1 else f"{count} requirements"
    facts = {"spec": wanted.spec.digest, "requirements": list(wanted.spec.requirements)}
    return Finding(State.OK, f"It can be read, and has {asks}.", facts=facts)


def _lock(given: GivenLock, selected: Lock, written: NotebookLock | None) -> Finding:
    facts: dict[str, Any] = {"digest": given.digest, "packages": dict(selected.versions)}
    scope = ""
    if written is not None:
        facts["universal"], facts["platform"] = written.universal, written.platform
        facts["created"], facts["until"] = written.created, written.until
        scope = ", for all platforms" if written.universal else f", for {written.platform} only"
    message = f"{given.digest[:_SHORT]} fits the header{scope}."
    return Finding(State.OK, message, facts=facts)


def _receipt(notebook: Notebook, seen: _Seen) -> Finding:
    """What it last ran with, against the lock that a kernel would have now."""
    try:
        receipt = find_receipt(notebook)
    except HeadstartError as error:
        return _wrong(error)
    if receipt is None:
        return Finding(State.NONE, "The notebook has no receipt.")
    ran, facts = _ran(receipt), {"ran": receipt.to_json()}
    if not seen.digest:
        message = f"{ran}; whether a run would have the same lock now is not known."
        hint = "To know it, make its environment ready: headstart ensure NOTEBOOK"
        resolves = seen.finding.state is State.NONE
        return Finding(State.NONE, message, hint if resolves else "", facts)
    if receipt.lock != seen.digest:
        message = (
            f"{ran}, with the lock {receipt.lock[:_SHORT]}; now it has {seen.digest[:_SHORT]}."
        )
        return Finding(State.WRONG, message, "Run the notebook again.", facts)
    now = _elsewhere(receipt, seen.interpreter)
    return Finding(State.OK, f"{ran}, with this lock{now}.", facts=facts)


def _elsewhere(receipt: Receipt, interpreter: Interpreter | None) -> str:
    """What is different on this machine, which is not wrong: notebooks travel."""
    if interpreter is None:
        return ""
    ran = f"{receipt.python} on {receipt.platform}"
    here = f"{interpreter.version} on {interpreter.platform}"
    return f"; here it would run with Python {here}" if here != ran else ""


def _ran(receipt: Receipt) -> str:
    return f"It ran at {receipt.time} with Python {receipt.python} on {receipt.platform}"


def _store(spec: EnvironmentSpec, context: Context) -> Finding:
    environment = look(spec, context)
    if environment is None:
        return Finding(State.NONE, "The store does not have the environment yet.")
    kind = EnvironmentKind.ENVIRONMENT
    problems = context.store.verify(kind, environment.key)
    clashes = environment.manifest.clashes
    facts = {"key": environment.key, "prefix": environment.prefix, "clashes": list(clashes)}
    name = environment.key[:_SHORT]
    if problems:
        more = f", and {len(problems) - 1} more" if problems[1:] else ""
        message = f"{name} is damaged: {problems[0]}{more}."
        return Finding(State.WRONG, message, "It is built again when it is needed.", facts)
    message = f"{name} is in order, in {environment.prefix}."
    return Finding(State.OK, message, " ".join(clashes), facts)
