"""Read ``pylock.toml`` (PEP 751) strictly, and write it in one canonical form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ...errors import LockError
from ..header.exclude_newer import end_of, moment_text
from ..syntax.toml import TomlProblem, load_toml
from .lock_fields import (
    RESOLVE_AGAIN,
    check_marker,
    fail,
    list_of,
    read_version,
    specifier,
    text_of,
    texts,
)

MAX_LOCK_CHARACTERS = 4 * 1024 * 1024
"""A lock is not longer than this; one of 300 packages for all platforms has about 3 MB."""

MAX_NAME = 200
"""Characters of the name or the version of a package, which messages show."""

_SOURCES = ("vcs", "directory", "archive")
_VERSION_1 = re.compile(r"1\.[0-9]+")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Behind a quote that ends a string: within a URL the same characters are part of the lock.
_UPLOADED = re.compile(r'(?<=[^\\]"), upload-time = [0-9T:.-]+Z(?=, )')


class Wheel(NamedTuple):
    """One wheel: its file name, URL or path, hash (``""`` if the lock has none), size in bytes.

    ``upload_time`` is when the index received it, in UTC as RFC 3339 writes it (``…Z``), ``""`` if
    the lock has none.
    """

    filename: str
    url: str
    sha256: str
    size: int | None = None
    upload_time: str = ""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of a lock.

    ``name`` is normalised (PEP 503); ``index`` is the URL of its index or ``""``; ``marker`` is a
    PEP 508 marker or ``""``, ``requires_python`` a PEP 440 specifier or ``""``. ``source`` is
    ``""`` for a package that has wheels, else what the lock has instead: ``sdist``, ``vcs``,
    ``directory`` or ``archive``.
    """

    name: str
    version: str
    index: str = ""
    marker: str = ""
    wheels: tuple[Wheel, ...] = ()
    source: str = ""
    requires_python: str = ""


class Lock(NamedTuple):
    """The resolved closure: packages sorted by name, version and marker.

    ``environments`` are markers of which one must hold, unless there are none. Packages may belong
    to ``extras`` or to dependency ``groups``; of these ``default_groups`` are installed unless
    others are selected.
    """

    packages: tuple[LockedPackage, ...] = ()
    requires_python: str = ""
    environments: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what it installs, as 64 hex digits: `digest_of_text` of `render`'s text."""
        return _digest_of(self)

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
        for name, values in self._lists():
            if values:
                lines.append(f"{name} = [{', '.join(map(_string, values))}]")
        if not self.packages:
            lines.append("packages = []")
        for package in self.packages:
            lines += ["", "[[packages]]", *_package_lines(package)]
        return "\n".join(lines) + "\n"

    def _lists(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """PEP 751's arrays of strings, by their keys."""
        yield "environments", self.environments
        yield "extras", self.extras
        yield "dependency-groups", self.groups
        yield "default-groups", self.default_groups


# A start asks several times, and to write a lock of a hundred packages takes 3 ms.
@lru_cache(maxsize=32)
def _digest_of(lock: Lock) -> str:
    return digest_of_text(lock.render())


def digest_of_text(text: str) -> str:
    """SHA-256 of a text that `Lock.render` wrote, as 64 hex digits, without its upload times.

    They do not change what is installed, and an index may add them later than its files.
    """
    return hashlib.sha256(_UPLOADED.sub("", text).encode("utf-8")).hexdigest()


def _package_lines(package: LockedPackage) -> Iterator[str]:
    yield f"name = {_string(package.name)}"
    for name in ("version", "marker", "requires-python", "index"):
        if value := getattr(package, name.replace("-", "_")):
            yield f"{name} = {_string(value)}"
    if package.wheels:
        yield "wheels = ["
        yield from (f"    {_wheel_text(wheel)}," for wheel in package.wheels)
        yield "]"


def _wheel_text(wheel: Wheel) -> str:
    key = "url" if "://" in wheel.url else "path"
    time = f", upload-time = {wheel.upload_time}" if wheel.upload_time else ""
    size = f", size = {wheel.size}" if wheel.size is not None else ""
    hashes = f"{{ sha256 = {_string(wheel.sha256)} }}" if wheel.sha256 else "{}"
    return (
        f"{{ name = {_string(wheel.filename)}, {key} = {_string(wheel.url)}{time}{size}, "
        f"hashes = {hashes} }}"
    )


def _string(text: str) -> str:
    """A TOML basic string; control characters were refused when the text was read."""
    # Hundreds of times for a lock, at each start: not a character at a time.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_lock(text: str) -> Lock:
    """Read a ``pylock.toml`` text, of any tool.

    As PEP 751 says, keys that are not known here (``tool``, attestations, keys of later minor
    versions) are ignored. Of the hashes of a wheel only SHA-256 is kept.

    :raises LockError: if it is not one, or not of PEP 751's version 1.
    """
    # Before anything is parsed: a lock may be a stranger's.
    if len(text) > MAX_LOCK_CHARACTERS:
        raise LockError("The lock is longer than 4 MiB.", hint=RESOLVE_AGAIN)
    try:
        document = load_toml(text)
    except TomlProblem as problem:
        raise LockError(
            f"The lock cannot be read, line {problem.line}: {problem.reason}.", hint=RESOLVE_AGAIN
        ) from None
    version = document.get("lock-version")
    if not isinstance(version, str) or not _VERSION_1.fullmatch(version):
        raise LockError("The lock is not a pylock.toml of version 1.0.", hint=RESOLVE_AGAIN)
    return _lock(document)


# Not packaging.pylock: it refuses locks over values that do not matter here (the type of an upload
# time), quotes the file in its errors, has no bounds, and is slow to import at a kernel's start.
def _lock(document: Mapping[str, Any]) -> Lock:
    for name in ("created-by", "packages"):
        if name not in document:
            fail(f"it has no {name}")
    packages = [_package(table) for table in list_of(document, "packages", "the lock")]
    groups = texts(document, "dependency-groups")
    default_groups = texts(document, "default-groups")
    for marker in (environments := texts(document, "environments")):
        check_marker(marker, "the lock")
    return Lock(
        packages=tuple(sorted(packages, key=lambda p: (p.name, p.version, p.marker))),
        requires_python=specifier(document, "the lock"),
        environments=environments,
        extras=tuple(map(canonicalize_name, texts(document, "extras"))),
        groups=groups,
        default_groups=default_groups,
    )


def _package(table: Any) -> LockedPackage:
    if not isinstance(table, dict):
        fail("one of its packages is not a table")
    name = text_of(table, "name", "a package")
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        fail("the name of one of its packages is not a normalised name")
    version, marker = text_of(table, "version", name), text_of(table, "marker", name)
    try:
        if len(version) > MAX_NAME:
            raise ValueError
        read_version(version or "0")
    except ValueError:
        fail(f"{name} has a version that cannot be read")
    check_marker(marker, name)
    wheels = tuple(_wheel(wheel, name, version) for wheel in list_of(table, "wheels", name))
    version = version or _common_version(wheels, name)
    sources = [source for source in _SOURCES if source in table]
    if len(sources) > 1 or (sources and (wheels or "sdist" in table)):
        fail(f"{name} has two sources, and only one is allowed")
    source = next(iter(sources), "" if wheels else "sdist")
    index = text_of(table, "index", name)
    return LockedPackage(name, version, index, marker, wheels, source, specifier(table, name))


def _common_version(wheels: Iterable[Wheel], name: str) -> str:
    """The version in the file names; in PEP 751 a package's own version is optional."""
    versions = {parse_wheel_filename(wheel.filename)[1] for wheel in wheels}
    if len(versions) > 1:
        fail(f"{name} has wheels of {len(versions)} versions")
    return str(versions.pop()) if versions else ""


def _wheel(table: Any, name: str, version: str) -> Wheel:
    if not isinstance(table, dict):
        fail(f"a wheel of {name} is not a table")
    url = text_of(table, "url", name) or text_of(table, "path", name)
    filename = text_of(table, "name", name) or _last_part(url)
    try:
        named, released, _, _ = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):
        fail(f"{name} has a wheel whose file name is not valid")
    # Compared parsed: 1.0 and 1 are one version.
    if named != name or (version and released != read_version(version)) or not url:
        fail(f"a wheel of {name} is not one of {name} {version}")
    hashes, size = table.get("hashes"), table.get("size")
    sha256 = hashes.get("sha256", "") if isinstance(hashes, dict) else ""
    return Wheel(
        filename=filename,
        url=url,
        sha256=sha256.lower() if isinstance(sha256, str) and sha256.isalnum() else "",
        # Not isinstance: True is an int in Python, and not in TOML.
        size=size if type(size) is int and 0 <= size < 2**63 else None,
        upload_time=moment_text(table.get("upload-time")),
    )


def _last_part(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def uploaded_too_late(lock: Lock, until: str) -> tuple[tuple[Wheel, ...], tuple[Wheel, ...]]:
    """The wheels that a limit on upload times excludes, and those without an upload time.

    :param until: the limit as RFC 3339 writes it: a time, or a date, whose whole day is allowed.
        What was uploaded at that moment or later is too late.
    :raises ValueError: if ``until`` is neither.
    """
    limit = end_of(until)
    wheels = [wheel for package in lock.packages for wheel in package.wheels]
    return (
        tuple(
            wheel for wheel in wheels if wheel.upload_time and end_of(wheel.upload_time) >= limit
        ),
        tuple(wheel for wheel in wheels if not wheel.upload_time),
    )


class LockDifference(NamedTuple):
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
