"""Locks: ``pylock.toml`` (PEP 751), read strictly and written in one canonical form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ..errors import LockError
from .environment import Interpreter
from .messages import kind_of, shown
from .toml import TomlProblem, load_toml

MAX_LOCK_CHARACTERS = 4 * 1024 * 1024
"""A lock is not longer than this; one of 300 packages for all platforms has about 3 MB."""

_AGAIN = "Resolve the notebook again."
_SOURCES = ("vcs", "directory", "archive")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]*")
_ESCAPED = {'"': '\\"', "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel: its file name, where it is, its hash (``""`` if the lock has none), its bytes."""

    filename: str
    url: str
    sha256: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of a lock.

    ``name`` is normalised (PEP 503); ``index`` is the URL of its index or ``""``; ``marker`` is a
    PEP 508 marker or ``""``. ``source`` is ``""`` for a package that has wheels, else what the
    lock has instead: ``sdist``, ``vcs``, ``directory`` or ``archive``.
    """

    name: str
    version: str
    index: str = ""
    marker: str = ""
    wheels: tuple[Wheel, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """The resolved closure: packages sorted by name, version and marker."""

    packages: tuple[LockedPackage, ...] = ()
    requires_python: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of `render`'s text, as 64 hex digits."""
        return hashlib.sha256(self.render().encode("utf-8")).hexdigest()

    @property
    def versions(self) -> Mapping[str, str]:
        """Version by normalised name."""
        return {package.name: package.version for package in self.packages}

    def render(self) -> str:
        """The canonical ``pylock.toml`` text; `parse_lock` reads it back as the same value.

        It holds wheels only: a package that has none is written without an artifact, which no
        installer accepts.
        """
        lines = ['lock-version = "1.0"', 'created-by = "headstart"']
        if self.requires_python:
            lines.append(f"requires-python = {_string(self.requires_python)}")
        if not self.packages:
            lines.append("packages = []")
        for package in self.packages:
            lines += ["", "[[packages]]", *_package_lines(package)]
        return "\n".join(lines) + "\n"


def _package_lines(package: LockedPackage) -> Iterator[str]:
    yield f"name = {_string(package.name)}"
    for name in ("version", "marker", "index"):
        if value := getattr(package, name):
            yield f"{name} = {_string(value)}"
    if package.wheels:
        yield "wheels = ["
        yield from (f"    {_wheel_text(wheel)}," for wheel in package.wheels)
        yield "]"


def _wheel_text(wheel: Wheel) -> str:
    place = "url" if "://" in wheel.url else "path"
    size = f", size = {wheel.size}" if wheel.size is not None else ""
    hashes = f"{{ sha256 = {_string(wheel.sha256)} }}" if wheel.sha256 else "{}"
    return (
        f"{{ name = {_string(wheel.filename)}, {place} = {_string(wheel.url)}{size}, "
        f"hashes = {hashes} }}"
    )


def _string(text: str) -> str:
    """A TOML basic string; control characters were refused when the text was read."""
    return '"' + "".join(_ESCAPED.get(character, character) for character in text) + '"'


def parse_lock(text: str) -> Lock:
    """Read a ``pylock.toml`` text, as uv or `Lock.render` writes it.

    :raises LockError: if it is not one, or not of PEP 751's version 1.0.
    """
    if len(text) > MAX_LOCK_CHARACTERS:
        raise LockError("The lock is longer than 4 MiB.", hint=_AGAIN)
    try:
        document = load_toml(text)
    except TomlProblem as problem:
        raise LockError(
            f"The lock cannot be read, line {problem.line}: {problem.reason}.", hint=_AGAIN
        ) from None
    if document.get("lock-version") != "1.0":
        raise LockError("The lock is not a pylock.toml of version 1.0.", hint=_AGAIN)
    packages = [_package(table) for table in _list(document, "packages", "the lock")]
    requires_python = _text(document, "requires-python", "the lock")
    try:
        SpecifierSet(requires_python)
    except ValueError:
        _fail(f"the lock has requires-python = {shown(requires_python)}")
    return Lock(
        packages=tuple(sorted(packages, key=lambda p: (p.name, p.version, p.marker))),
        requires_python=requires_python,
    )


def _package(table: Any) -> LockedPackage:
    if not isinstance(table, dict):
        _fail("one of its packages is not a table")
    name = _text(table, "name", "a package")
    if not _NAME.fullmatch(name):
        _fail(f"{shown(name)} is not a normalised name")
    version, marker = _text(table, "version", name), _text(table, "marker", name)
    try:
        _version(version or "0")
        if marker:
            _marker(marker)
    except (ValueError, RecursionError):
        _fail(f"{name} has a version or a marker that cannot be read")
    wheels = tuple(_wheel(wheel, name, version) for wheel in _list(table, "wheels", name))
    source = next((source for source in _SOURCES if source in table), "")
    if not wheels and not source:
        source = "sdist"
    return LockedPackage(name, version, _text(table, "index", name), marker, wheels, source)


def _wheel(table: Any, name: str, version: str) -> Wheel:
    if not isinstance(table, dict):
        _fail(f"a wheel of {name} is not a table")
    url = _text(table, "url", name) or _text(table, "path", name)
    filename = _text(table, "name", name) or _last_part(url)
    try:
        named, released, _, _ = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):
        _fail(f"{name} has a wheel with the file name {shown(filename)}")
    if named != name or released != _version(version or "0") or not url:
        _fail(f"{shown(filename)} is not a wheel of {name} {version}")
    hashes, size = table.get("hashes"), table.get("size")
    sha256 = hashes.get("sha256", "") if isinstance(hashes, dict) else ""
    return Wheel(
        filename=filename,
        url=url,
        sha256=sha256.lower() if isinstance(sha256, str) and sha256.isalnum() else "",
        size=size if type(size) is int and 0 <= size < 2**63 else None,
    )


def _last_part(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def _text(table: Mapping[str, Any], name: str, owner: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        _fail(f"{name} of {owner} is {kind_of(value)}")
    if not _PLAIN.fullmatch(value):
        _fail(f"{name} of {owner} has a control character")
    return value


def _list(table: Mapping[str, Any], name: str, owner: str) -> list[Any]:
    value = table.get(name, [])
    if not isinstance(value, list):
        _fail(f"{name} of {owner} is {kind_of(value)}")
    return value


def _fail(reason: str) -> NoReturn:
    raise LockError(f"The lock is damaged: {reason}.", hint=_AGAIN)


@lru_cache(maxsize=4096)
def _version(text: str) -> Version:
    return Version(text)


@lru_cache(maxsize=1024)
def _marker(text: str) -> Marker:
    return Marker(text)


def select(lock: Lock, interpreter: Interpreter) -> tuple[tuple[LockedPackage, Wheel], ...]:
    """The packages that the interpreter gets, each with the wheel that fits it best.

    :raises LockError: if the lock is for another Python, or a package has no wheel that fits.
    """
    python = interpreter.version
    if lock.requires_python and not SpecifierSet(lock.requires_python).contains(
        python, prereleases=True
    ):
        raise LockError(
            f"The lock is for Python {lock.requires_python}, and this is Python {python}.",
            hint=_AGAIN,
        )
    ranks = {tag: rank for rank, tag in enumerate(interpreter.tags)}
    selected = {}
    for package in lock.packages:
        if not _applies(package, interpreter):
            continue
        if package.name in selected:
            _fail(f"it has {package.name} twice for this Python")
        selected[package.name] = (package, _best_wheel(package, ranks, python))
    return tuple(selected.values())


def _applies(package: LockedPackage, interpreter: Interpreter) -> bool:
    if not package.marker:
        return True
    values: dict[str, Any] = {**interpreter.markers, "extras": set(), "dependency_groups": set()}
    try:
        return _marker(package.marker).evaluate(values, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion, RecursionError):
        _fail(f"{package.name} has a marker that means nothing")


def _best_wheel(package: LockedPackage, ranks: Mapping[str, int], python: str) -> Wheel:
    fitting = [
        (rank, wheel) for wheel in package.wheels if (rank := _rank(wheel, ranks)) is not None
    ]
    if not fitting:
        raise LockError(
            f"{package.name} {package.version} has no wheel for Python {python} on this machine.",
            hint=f"Ask for another version of {package.name}, or for another Python.",
        )
    return min(fitting, key=lambda found: found[0])[1]


def _rank(wheel: Wheel, ranks: Mapping[str, int]) -> tuple[int, int, str] | None:
    """How well a wheel fits (less is better): its best tag, then the higher build number."""
    parts = wheel.filename.removesuffix(".whl").split("-")
    build = re.match(r"\d*", parts[2])[0] if len(parts) == 6 else ""  # type: ignore[index]
    found = [
        ranks[tag]
        for python in parts[-3].split(".")
        for abi in parts[-2].split(".")
        for platform in parts[-1].split(".")
        if (tag := f"{python}-{abi}-{platform}") in ranks
    ]
    return (min(found), -int(build or 0), wheel.filename) if found else None


@dataclass(frozen=True, slots=True)
class LockDifference:
    """What changes from one set of versions to another, each sorted by name."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str, str], ...] = ()


def difference(old: Mapping[str, str], new: Mapping[str, str]) -> LockDifference:
    """What changes from the versions ``old`` to the versions ``new``, both by name."""
    return LockDifference(
        added=tuple((name, new[name]) for name in sorted(new.keys() - old.keys())),
        removed=tuple((name, old[name]) for name in sorted(old.keys() - new.keys())),
        changed=tuple(
            (name, old[name], new[name])
            for name in sorted(old.keys() & new.keys())
            if old[name] != new[name]
        ),
    )
