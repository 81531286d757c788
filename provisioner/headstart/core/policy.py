"""The policy: what a header or a lock may ask for. Each violation is a value with a hint.

A rule is a function from a spec or a lock to violations. It applies once it is listed in
`SPEC_RULES`, `CONTENT_RULES` or `ORIGIN_RULES`; the administrator's settings for it are in
`Policy.settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from ..error_facts import Violation
from ..errors import PolicyError
from .header.spec import EnvironmentSpec
from .lock.pylock import Lock, LockedPackage
from .messages import shown
from .requirements.tokens import FROM_SOURCE

# For the type alone: a rule's setting is checked by mypy, and the core imports no settings.
if TYPE_CHECKING:
    from ..settings import Settings

_T = TypeVar("_T")
_VCS = r"(git|hg|svn|bzr)\+"
_SHA256 = r"[0-9a-f]{64}"
_RESOLVE_AGAIN = "Resolve the notebook again, so that the lock comes from the package index."


class Policy(NamedTuple):
    """What is allowed. Checked before a resolution, and after it.

    :param settings: of the user and the administrator, never of a notebook.
    :param folders: returns the folders (paths or ``file:`` URLs) from which wheels may come. Called
        for a lock only: each start checks its spec, and the folders are read from uv's files.
    :param indexes: URLs of the indexes that a package may name; empty if any may be named.
    """

    settings: Settings
    folders: Callable[[], Sequence[str]] = tuple
    indexes: Sequence[str] = ()

    def check_spec(self, spec: EnvironmentSpec) -> None:
        """Refuse a spec that violates the policy.

        :raises PolicyError: naming all of it.
        """
        raise_violations(self.of_spec(spec))

    def check_lock(self, lock: Lock) -> None:
        """Refuse a lock with a package that is not allowed, or not from its origin.

        :raises PolicyError: naming all of it.
        """
        raise_violations(self.of_lock(lock))

    def check_provided_lock(self, lock: Lock) -> None:
        """Refuse a provided lock with a package that is not allowed, whatever its origin.

        The URLs in such a lock are never used: files are looked up by hash in the configured
        indexes. So they are no violation.

        :raises PolicyError: naming all of it.
        """
        raise_violations(_violations(CONTENT_RULES, lock, self))

    def of_spec(self, spec: EnvironmentSpec) -> tuple[Violation, ...]:
        """The violations in a spec."""
        return _violations(SPEC_RULES, spec, self)

    def of_lock(self, lock: Lock) -> tuple[Violation, ...]:
        """The violations in a lock."""
        return _violations((*CONTENT_RULES, *ORIGIN_RULES), lock, self)


Rule = Callable[[_T, Policy], Iterator[Violation]]


def _violations(rules: Iterable[Rule[_T]], subject: _T, policy: Policy) -> tuple[Violation, ...]:
    return tuple(violation for rule in rules for violation in rule(subject, policy))


def _requirements_from_indexes(spec: EnvironmentSpec, _policy: Policy) -> Iterator[Violation]:
    """No package comes from a URL, a repository or a path."""
    for line in dict.fromkeys((*spec.requirements, *spec.constraints, *spec.overrides)):
        if " @ " not in line:  # the lines are canonical: only a URL has it
            continue
        name, _, url = line.partition(" @ ")
        code, reason = "direct-url", "it comes from a URL"
        if re.match(_VCS, url, re.IGNORECASE):
            code, reason = "vcs", "it comes from a repository"
        elif url.lower().startswith("file:") or "://" not in url:
            code, reason = "local-path", "it comes from a path on this machine"
        yield Violation(code, name, f"{shown(line)} is not allowed: {reason}.", FROM_SOURCE)


def _wheels_only(lock: Lock, _policy: Policy) -> Iterator[Violation]:
    """Each package is a wheel."""
    for package in lock.packages:
        if package.source:
            reason = f"the lock has it as {package.source}, not as a wheel"
            hint = "Ask for another version, which has wheels."
            yield Violation(
                package.source,
                _pin(package),
                f"{_pin(package)} is not allowed: {reason}.",
                hint if package.source == "sdist" else FROM_SOURCE,
            )


def _hashed(lock: Lock, _policy: Policy) -> Iterator[Violation]:
    """Each wheel has a SHA-256."""
    for package in lock.packages:
        for wheel in package.wheels:
            if not re.fullmatch(_SHA256, wheel.sha256):
                reason = f"{wheel.filename} is not allowed: the lock has no SHA-256 for it."
                yield Violation("no-hash", _pin(package), reason, _RESOLVE_AGAIN)


def _from_configured_indexes(lock: Lock, policy: Policy) -> Iterator[Violation]:
    """Each package names an index that is configured, or none."""
    for package in lock.packages:
        if package.index and policy.indexes and not same_index(package.index, policy.indexes):
            yield Violation(
                "foreign-index",
                _pin(package),
                f"{_pin(package)} is not allowed: the lock takes it from an index that is not "
                "configured.",
                "Add the index to Jupyter's settings, or resolve the notebook again.",
            )


def _over_http_or_from_folders(lock: Lock, policy: Policy) -> Iterator[Violation]:
    """Each wheel comes over HTTP, or from a folder that the settings name."""
    folders = tuple(filter(None, map(_folder, (*policy.folders(), *policy.indexes))))
    for package in lock.packages:
        for wheel in package.wheels:
            if not _is_allowed(wheel.url, folders):
                reason = f"{wheel.filename} is not allowed: it comes from {shown(wheel.url)}."
                yield Violation("local-path", _pin(package), reason, _RESOLVE_AGAIN)


def _pin(package: LockedPackage) -> str:
    return f"{package.name}=={package.version}"


def _is_allowed(url: str, folders: tuple[str, ...]) -> bool:
    if url.lower().startswith(("https://", "http://")):
        return True
    path = _local_path(url)
    # By its parts, too: /wheels/../etc begins with an allowed folder.
    return path.startswith(folders) and ".." not in path.split("/")


SPEC_RULES: Sequence[Rule[EnvironmentSpec]] = (_requirements_from_indexes,)
"""Rules for the requirements of a header, before they are resolved."""

CONTENT_RULES: Sequence[Rule[Lock]] = (_wheels_only, _hashed)
"""Rules for the packages of a lock, whatever their origin."""

ORIGIN_RULES: Sequence[Rule[Lock]] = (_from_configured_indexes, _over_http_or_from_folders)
"""Rules for the origin of the packages of a lock."""


def _folder(location: str) -> str:
    """The path of a folder with a final slash; ``""`` if it is not a local one."""
    path = _local_path(location) if ":" in location else location
    # The slash keeps /wheels from allowing /wheels-of-others.
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
    """Whether a package index is among others; credentials and a final slash are ignored."""
    return _address(url) in map(_address, urls)


def _address(url: str) -> tuple[str, str, str]:
    """The URL of an index without credentials and without a final slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "", url)
    return (parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), parts.path.rstrip("/"))


def raise_violations(violations: Sequence[Violation]) -> None:
    """Raise if there are any.

    :raises PolicyError: with all of them; its message names the first five.
    """
    if not violations:
        return
    raise PolicyError(
        " ".join(violation.reason for violation in violations[:5]),
        hint=violations[0].hint,
        violations=violations,
    )
