"""Whether a lock has what its packages require, by the metadata of the wheels that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.lock.closure import Closure, check_closure
from ...core.lock.embedded import lock_again
from ...core.lock.selection import select
from ...core.notebook.find import Notebook
from ...core.store.key import environment_key
from ...core.store.manifest import EnvironmentKind
from ...errors import EnvironmentDamaged
from ..build.wheel_parts import Selected
from ..context import Context
from ..installed import parse_metadata
from .findings import Finding, State, judged, to_know
from .lock_findings import Seen

__all__ = ["look_at_packages"]


def look_at_packages(notebook: Notebook, seen: Seen, context: Context) -> Finding:
    """Whether the lock has all that the header and its packages require, and nothing else."""
    spec, interpreter = seen.spec, seen.interpreter
    if spec is None or interpreter is None or seen.selected is None:
        state = State.UNKNOWN if seen.finding.state is State.UNKNOWN else State.NONE
        return Finding(state, "Without a lock that can be used nothing can be compared.")
    metadata = _required(select(seen.selected, interpreter), seen, context)
    closure = check_closure(
        spec.requirements,
        spec.overrides,
        seen.selected.versions,
        metadata,
        interpreter.markers,
        # The lock of another tool may have more: groups and extras are its maker's business.
        only=spec.lock is None or seen.written is not None,
    )
    return _judge_closure(closure, seen.selected.versions, notebook.path)


def _required(selected: Selected, seen: Seen, context: Context) -> dict[str, list[str]]:
    """What wheels require, by the names of those that the store has."""
    # Not from the index: so it works offline, and without uv.
    required: dict[str, list[str]] = {}
    installed = _installed(seen, context)
    for package, wheel in selected:
        text = context.store.wheel_metadata(package.name, wheel.sha256)
        if text is None:  # the environment outlives the parts that it was assembled from
            text = installed(package.name, wheel.sha256)
        if text is not None:
            lines = parse_metadata(text).get_all("Requires-Dist", [])
            required[package.name] = list(map(str, lines))
    return required


def _installed(seen: Seen, context: Context) -> Callable[[str, str], str | None]:
    """Reads the METADATA of a wheel in the environment, by its name and SHA-256."""
    environment = None
    if seen.installed is not None and seen.interpreter is not None:
        key = environment_key(seen.installed, seen.interpreter)
        with suppress(EnvironmentDamaged):
            environment = context.store.look(EnvironmentKind.ENVIRONMENT, key)
    if environment is None:
        return lambda _name, _sha256: None
    wheels = {item.name: item.wheel for item in environment.manifest.distributions}
    folders: dict[str, Path] = {
        canonicalize_name(path.name.partition("-")[0]): path
        for path in Path(environment.site_packages).glob("*.dist-info")
    }

    def read(name: str, sha256: str) -> str | None:
        if name not in folders or wheels.get(name) != sha256:
            return None
        try:
            return (folders[name] / "METADATA").read_text("utf-8", "replace")
        except OSError:
            return None

    return read


def _judge_closure(closure: Closure, versions: Mapping[str, str], path: str) -> Finding:
    problems = [f"In the lock {problem}." for problem in closure.problems]
    unchecked = []
    if closure.unread:
        unchecked.append(
            f"What {_listed(closure.unread)} require{'' if closure.unread[1:] else 's'} is not "
            "known here."
        )
    if closure.unclear:
        unchecked.append(
            f"So it is not known whether anything requires {_listed(closure.unclear)}."
        )
    count = "1 package" if len(versions) == 1 else f"{len(versions)} packages"
    fine = f"The lock has {count} for this Python"
    fine += ": all that is required, and nothing else." if not unchecked else "."
    hint = lock_again(path) if problems else to_know(path)
    facts = {"count": len(versions), "unread": [*closure.unread], "unclear": [*closure.unclear]}
    return judged(fine, problems, unchecked, hint=hint, facts=facts)


def _listed(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{rest}"
