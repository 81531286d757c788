"""Why each package of a lock is there, as uv sees it."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.utils import canonicalize_name

from ..core.header.spec import EnvironmentSpec
from ..core.interpreter import Interpreter
from ..core.lock.pylock import LockedPackage
from .commands import UvCommand, pin_of, requirement_lines

__all__ = ["explain_packages", "parse_explanation"]

_FILE = "requirements.in"
_OVERRIDES = "overrides.txt"


def explain_packages(
    packages: Iterable[LockedPackage], spec: EnvironmentSpec, interpreter: Interpreter
) -> UvCommand:
    """Say which packages require which, out of their metadata.

    Annotated requirements come out on stdout; see `parse_explanation`. What the cache does not
    have of the metadata is fetched.

    :param packages: those that the interpreter gets of a lock.
    :param spec: what the lock was made for; its extras decide too.
    :raises PolicyError: if a requirement is not a plain PEP 508 line.
    """
    files = {_FILE: requirement_lines([*map(pin_of, packages), *spec.requirements])}
    argv = ["pip", "compile", "--python", interpreter.path, "--only-binary", ":all:"]
    argv += ["--no-header", "--annotation-style", "split", _FILE]
    if spec.overrides:
        files[_OVERRIDES] = requirement_lines(spec.overrides)
        argv += ["--overrides", _OVERRIDES]
    return UvCommand("explain", tuple(argv), files)


def parse_explanation(text: str) -> dict[str, frozenset[str]]:
    """Normalised names to those of the packages that require them."""
    parents: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        said = line.strip()
        if said and not said.startswith("#"):
            name = canonicalize_name(said.partition("==")[0].partition("[")[0].strip())
            parents.setdefault(name, set())
        elif said:
            parent = said.removeprefix("#").strip().removeprefix("via").strip()
            if parent and not parent.startswith("-"):
                parents[name].add(canonicalize_name(parent))
    return {name: frozenset(found) for name, found in parents.items()}
