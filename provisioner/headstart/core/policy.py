"""What a header or a lock may ask for. Each refusal is a value that says the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..errors import PolicyError
from .header.spec import EnvironmentSpec
from .lock.pylock import Lock, LockedPackage, Wheel
from .messages import shown
from .requirements.tokens import FROM_SOURCE

_VCS = r"(git|hg|svn|bzr)\+"
_SHA256 = r"[0-9a-f]{64}"


class Violation(NamedTuple):
    """One thing that is not allowed: a code for programs, the requirement, the reason, a hint."""

    code: str
    requirement: str
    reason: str
    hint: str


def check_spec(spec: EnvironmentSpec) -> tuple[Violation, ...]:
    """What in the spec is not allowed: packages from a URL, a repository or a path."""
    asked = (*spec.requirements, *spec.constraints, *spec.overrides)
    return tuple(_direct(line) for line in dict.fromkeys(asked) if " @ " in line)


def _direct(line: str) -> Violation:
    name, _, url = line.partition(" @ ")
    code, reason = "direct-url", "it comes from a URL"
    if re.match(_VCS, url, re.IGNORECASE):
        code, reason = "vcs", "it comes from a repository"
    elif url.lower().startswith("file:") or "://" not in url:
        code, reason = "local-path", "it comes from a path on this machine"
    return Violation(code, name, f"{shown(line)} is not allowed: {reason}.", FROM_SOURCE)


def check_lock(
    lock: Lock, index_urls: Sequence[str] = (), find_links: Sequence[str] = ()
) -> tuple[Violation, ...]:
    """What in the lock is not allowed: all that is not a hashed wheel of a package index.

    :param index_urls: indexes that a package may name; empty if any may be named.
    :param find_links: folders (paths or ``file:`` URLs) from which wheels may come, besides those
        among ``index_urls``.
    """
    folders = tuple(filter(None, map(_folder, (*find_links, *index_urls))))
    return tuple(
        violation
        for package in lock.packages
        for violation in _check_package(package, index_urls, folders)
    )


def _check_package(
    package: LockedPackage, index_urls: Sequence[str], folders: tuple[str, ...]
) -> Iterator[Violation]:
    name = f"{package.name}=={package.version}"
    if package.source:
        hint = "Ask for another version, which has wheels." if package.source == "sdist" else ""
        yield Violation(
            package.source,
            name,
            f"{name} is not allowed: the lock has it as {package.source}, not as a wheel.",
            hint or FROM_SOURCE,
        )
    if package.index and index_urls and not same_index(package.index, index_urls):
        yield Violation(
            "foreign-index",
            name,
            f"{name} is not allowed: the lock takes it from an index that is not configured.",
            "Add the index to Jupyter's settings, or resolve the notebook again.",
        )
    for wheel in package.wheels:
        yield from _check_wheel(name, wheel, folders)


def _check_wheel(name: str, wheel: Wheel, folders: tuple[str, ...]) -> Iterator[Violation]:
    hint = "Resolve the notebook again, so that the lock comes from the package index."
    if not re.fullmatch(_SHA256, wheel.sha256):
        reason = f"{wheel.filename} is not allowed: the lock has no SHA-256 for it."
        yield Violation("no-hash", name, reason, hint)
    if wheel.url.lower().startswith(("https://", "http://")):
        return
    path = _local_path(wheel.url)
    if path.startswith(folders) and ".." not in path.split("/"):
        return
    reason = f"{wheel.filename} is not allowed: it comes from {shown(wheel.url)}."
    yield Violation("local-path", name, reason, hint)


def _folder(place: str) -> str:
    """The path of a folder with a final slash; ``""`` if it is not a local one."""
    path = _local_path(place) if ":" in place else place
    return f"{path.rstrip('/')}/" if path.startswith("/") else ""


def _local_path(url: str) -> str:
    """The path that a ``file:`` URL of this machine names, else ``""``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    local = parts.scheme.lower() == "file" and parts.netloc in ("", "localhost")
    return unquote(parts.path) if local else ""


def same_index(url: str, urls: Sequence[str]) -> bool:
    """Whether a package index is among others, credentials and a final slash aside."""
    return _place(url) in map(_place, urls)


def _place(url: str) -> tuple[str, str, str]:
    """An index's URL without credentials and without a final slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "", url)
    return (parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), parts.path.rstrip("/"))


def raise_violations(violations: Sequence[Violation]) -> None:
    """Do nothing if there are none.

    :raises PolicyError: naming them all; ``details["violations"]`` is a list of objects.
    """
    if not violations:
        return
    raise PolicyError(
        " ".join(violation.reason for violation in violations[:5]),
        hint=violations[0].hint,
        details={
            "violations": [
                {
                    "code": violation.code,
                    "requirement": violation.requirement,
                    "reason": violation.reason,
                    "hint": violation.hint,
                }
                for violation in violations
            ]
        },
    )
