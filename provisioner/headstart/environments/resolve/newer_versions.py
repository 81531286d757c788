"""Whether a resolution took old versions because newer ones have no wheels.

uv looks for a version that has wheels, and whose requirements have; if need be it goes back many
years without a warning, and has no option for one. The newer versions are looked for here, on the
same indexes and under the same limits, without building or running anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.held_back import HeldBack, next_major, unpinned
from ...core.lock.pylock import Lock, parse_lock
from ...core.lock.selection import select
from ...core.progress import Phase
from ...errors import BuildCancelled, HeadstartError, OnlyOlderVersion, ResolutionError, StoreError
from ...store.store import Store
from ...uv.configuration import read_configuration
from ..context import Context
from ..facts import digest_of, recall, remember
from .upload_limit import limit_of

__all__ = ["look_for_newer", "recall_held_back", "remember_held_back"]

_SECONDS = 20.0
"""How long uv may look for a reason."""


def look_for_newer(
    spec: EnvironmentSpec, lock: Lock, interpreter: Interpreter, context: Context
) -> tuple[HeldBack, ...]:
    """The packages that a new lock of a spec has in old versions for want of wheels; remembered.

    None where Headstart is offline, or where the index does not answer.

    :raises OnlyOlderVersion: if the spec allows a newer major version, of which none has wheels.
    """
    if read_configuration(context.settings).offline:
        return ()
    versions = {package.name: package.version for package, _ in select(lock, interpreter)}
    held_back = tuple(_held_back(spec, versions, interpreter, context))
    if held_back:
        remember_held_back(held_back, spec, versions, interpreter.version, context.store)
        for package in held_back:
            context.tell(Phase.RESOLVE, package.message)
    return held_back


def remember_held_back(
    held_back: Iterable[HeldBack],
    spec: EnvironmentSpec,
    versions: Mapping[str, str],
    python: str,
    store: Store,
) -> None:
    """Keep what `look_for_newer` has found, for `recall_held_back`."""
    # Apart from the lock: warm starts do not read it.
    rows = [list(package) for package in held_back]
    remember(store, _digest(spec, versions, python), {"found": rows})


def recall_held_back(
    spec: EnvironmentSpec, versions: Mapping[str, str], python: str, store: Store
) -> tuple[HeldBack, ...]:
    """What `look_for_newer` has found for a spec.

    :param versions: what is installed, or would be, by normalised name.
    :param python: the version of the interpreter.
    """
    try:
        fact = recall(store, _digest(spec, versions, python)) or {"found": []}
        return tuple(HeldBack(*row) for row in fact["found"])
    except (StoreError, KeyError, TypeError):  # a warning is lost, and nothing fails for it
        return ()


def _digest(spec: EnvironmentSpec, versions: Mapping[str, str], python: str) -> str:
    direct = sorted((name, versions.get(name, "")) for name in spec.direct)
    return digest_of("held-back", spec.digest, direct, python)


def _held_back(
    spec: EnvironmentSpec,
    versions: Mapping[str, str],
    interpreter: Interpreter,
    context: Context,
) -> Iterator[HeldBack]:
    lines = unpinned(spec, interpreter)
    for name, newest in _newest(spec, lines, interpreter, context).items():
        chosen = versions.get(name, newest)
        if Version(newest) <= Version(chosen):
            continue
        # Only for these uv is asked why, a requirement at a time: mostly for none.
        line = Requirement(lines[name])
        lacking = _lacking(spec, line, f"=={newest}", interpreter, context)
        if lacking is None:
            continue  # other requirements exclude it, or an older lock is preferred
        package = HeldBack(name, chosen, newest, *lacking)
        major = next_major(chosen, newest)
        # Refused, for the header means a release of these years; a newer micro version without
        # wheels is no reason to stop.
        if major and _lacking(spec, line, f">={major},<={newest}", interpreter, context):
            raise _refusal(package, lines[name], major)
        yield package


def _newest(
    spec: EnvironmentSpec, lines: Mapping[str, str], interpreter: Interpreter, context: Context
) -> Mapping[str, str]:
    """The newest versions that the lines allow, with wheels or without; by name."""
    # Here and below: a start that reuses an environment only recalls.
    from ...uv.commands import newest_versions

    if not lines:
        return {}
    loose = spec._replace(requirements=tuple(lines.values()))
    command = newest_versions(loose, interpreter, exclude_newer=limit_of(spec, context))
    try:
        return parse_lock(context.run(command, timeout=_SECONDS).stdout).versions
    except BuildCancelled:
        raise
    except HeadstartError:
        return {}


def _lacking(
    spec: EnvironmentSpec,
    line: Requirement,
    versions: str,
    interpreter: Interpreter,
    context: Context,
) -> tuple[str, bool] | None:
    """The package for want of whose wheel no such version is installable; if it has a source."""
    from ...uv.commands import compile_lock
    from ...uv.resolution import package_without_wheel

    newer = Requirement(str(line))
    newer.specifier = line.specifier & SpecifierSet(versions)
    alone = spec._replace(requirements=(str(newer),))
    command = compile_lock(alone, interpreter, exclude_newer=limit_of(spec, context))
    try:
        context.run(command, timeout=_SECONDS)
    except ResolutionError as error:
        return package_without_wheel(error.chain or ())
    except BuildCancelled:
        raise
    except HeadstartError:
        pass
    return None


def _refusal(package: HeldBack, line: str, major: str) -> OnlyOlderVersion:
    name = package.name
    return OnlyOlderVersion(
        f"{line} allows {name} {package.newest}, which cannot be had: {package.why}. What can "
        f"be had is {package.taken}, a whole major version older.",
        hint=f'If the old version is wanted, ask for it in the header, as "{name}<{major}"; '
        "else ask for another package.",
        package=name,
        details=package._asdict(),
    )
