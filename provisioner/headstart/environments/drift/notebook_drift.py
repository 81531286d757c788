"""Whether a notebook's header, lock and receipt agree, and the store with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.lock.embedded import NotebookLock
from ...core.notebook.find import Notebook
from ...core.notebook.misplaced import misplaced_header
from ...core.store.key import environment_key
from ...core.store.manifest import EnvironmentKind
from ...errors import EnvironmentDamaged, HeadstartError
from ...request.read import Request
from ...store.verify.compare import Problem
from ..build.layers import recalled_layer
from ..context import Context
from .findings import SHORT, Finding, State, wrong
from .lock_findings import NotebookReader, Seen, look_at_lock
from .package_findings import look_at_packages
from .receipt_findings import look_at_receipt

__all__ = ["Drift", "compare"]

_MOST = 100
"""Files of one environment that are named."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The findings of a notebook."""

    header: Finding
    lock: Finding
    packages: Finding
    receipt: Finding
    store: Finding
    layer: Finding

    @property
    def findings(self) -> Mapping[str, Finding]:
        """All of them, by name."""
        return {
            "header": self.header,
            "lock": self.lock,
            "packages": self.packages,
            "receipt": self.receipt,
            "store": self.store,
            "layer": self.layer,
        }

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; what is missing is not wrong."""
        return not self.of(State.WRONG)

    def of(self, state: State) -> tuple[str, ...]:
        """The names of those that are in a state."""
        return tuple(name for name, finding in self.findings.items() if finding.state is state)


def compare(
    notebook: Notebook,
    read: Callable[[bool], Request],
    own: Callable[[], NotebookLock | None],
    context: Context,
) -> Drift:
    """Compare all that a notebook says of its environment. Builds nothing.

    :param read: what it asks for: with the lock that it has, or without it.
    :param own: the lock that Headstart has written for it, or None.
    :param context: one that changes nothing, see `reading_context`.
    """
    try:
        reader = NotebookReader(notebook, read(False), lambda: read(True), own)
    except HeadstartError as error:
        unknown = Finding(State.NONE, "It is not known without the header.")
        return Drift(wrong(error), *[unknown] * 5)
    seen = look_at_lock(reader, context)
    store, layer = _look_into_store(seen, context)
    return Drift(
        header=_header(reader.plain, notebook),
        lock=seen.finding,
        packages=look_at_packages(notebook, seen, context),
        receipt=look_at_receipt(notebook, seen, context),
        store=store,
        layer=layer,
    )


def _header(request: Request, notebook: Notebook) -> Finding:
    if request.header is None:
        return Finding(State.NONE, "The notebook has no header.", misplaced_header(notebook))
    count = len(request.spec.requirements)
    asks = "1 requirement" if count == 1 else f"{count} requirements"
    facts = {"spec": request.spec.digest, "requirements": list(request.spec.requirements)}
    return Finding(State.OK, f"It can be read, and has {asks}.", facts=facts)


def _look_into_store(seen: Seen, context: Context) -> tuple[Finding, Finding]:
    """The environment that a kernel would have, and the kernel layer that it would run in."""
    if seen.spec is None or seen.interpreter is None:
        nothing = Finding(State.NONE, "Without a lock that can be used nothing is looked for.")
        return nothing, nothing
    if seen.installed is None:
        nothing = Finding(State.NONE, "The store does not have the environment yet.")
        return nothing, nothing
    key = environment_key(seen.installed, seen.interpreter)
    layer = recalled_layer(seen.installed, seen.interpreter, context)
    return (
        _check(EnvironmentKind.ENVIRONMENT, key, "environment", context),
        _check(EnvironmentKind.LAYER, layer, "kernel layer", context)
        if layer
        else Finding(State.NONE, "No kernel with this lock has run here yet."),
    )


def _check(kind: EnvironmentKind, key: str, what: str, context: Context) -> Finding:
    problems = context.store.examine(kind, key)
    if problems is None:
        return Finding(State.NONE, f"The store does not have the {what} yet.")
    if problems:
        return _damaged(kind, key, problems, context)
    environment = context.store.look(kind, key)
    prefix = environment.prefix if environment is not None else ""
    clashes = environment.manifest.clashes if environment is not None else ()
    facts = {"key": key, "prefix": prefix, "problems": [], "clashes": list(clashes)}
    message = f"{key[:SHORT]} is in order, in {prefix}."
    return Finding(State.OK, message, " ".join(clashes), facts)


def _damaged(
    kind: EnvironmentKind, key: str, problems: Sequence[Problem], context: Context
) -> Finding:
    facts: dict[str, Any] = {
        "key": key,
        "problems": [{"path": item.path, "what": item.what} for item in problems[:_MOST]],
    }
    rest = f", and {len(problems) - 1} more" if problems[1:] else ""
    message = f"{key[:SHORT]} is damaged: {str(problems[0]).rstrip('.')}{rest}."
    # What a start notices it builds again; what only a full check notices needs a command, for a
    # check changes nothing.
    try:
        context.store.look(kind, key)
    except EnvironmentDamaged:
        return Finding(State.WRONG, message, "It is built again when it is needed.", facts)
    hint = "To have it built again when it is needed: headstart prune --damaged"
    return Finding(State.WRONG, message, hint, facts)
