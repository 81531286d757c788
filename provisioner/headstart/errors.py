"""Every error that Headstart raises on purpose.

Exception text, cell, panel, command line and log all show the same object: a stable ``code`` for
programs, a ``message`` that says what is wrong, a ``hint`` that says what to do, and ``details``
with the rest. What code needs to know of an error is a typed attribute of its class; JSON is made
of it where the error is shown.

::

    HeadstartError
    ├── SettingsError                   a setting has an invalid value
    ├── NotebookError                   the notebook itself cannot be read or written
    ├── HeaderError                     the header cannot be read: names the cell and the line
    │   ├── DuplicateHeader             two headers of the same kind
    │   └── RequirementError            one requirement is not a PEP 508 line
    ├── PolicyError                     the header or the lock requires what is not allowed
    ├── LockError                       a lock is damaged or does not fit this interpreter
    │   └── LockOutdated                the header has changed since it was made
    ├── InterpreterError                no Python satisfies ``requires-python``
    ├── ResolutionError                 there is no lock for the spec
    │   ├── NoSuchPackage
    │   ├── NoSuchVersion
    │   ├── VersionConflict
    │   ├── NoCompatibleWheel
    │   ├── OnlyOlderVersion            what is available is a whole major version too old
    │   ├── KernelConflict              the lock excludes every ipykernel
    │   └── KernelUnavailable           the indexes have no ipykernel for Headstart's own layer
    ├── BuildError                      a lock could not be installed
    │   ├── BuildTooLarge               it would exceed the limits in the settings
    │   ├── HashMismatch
    │   ├── DiskFull
    │   └── BuildTimeout
    ├── PackageIndexError               the package index did not answer as it should
    │   ├── IndexUnreachable
    │   └── IndexUnauthorised
    ├── UvError                         uv is missing, or failed for an unknown reason
    ├── BuildCancelled                  the build was cancelled
    ├── StoreError                      the store cannot be used
    │   └── EnvironmentDamaged          an environment is not what its manifest says
    ├── LaunchError                     the kernel's process could not be started
    ├── ExecutionError                  a cell of a headless run failed, or its kernel died
    └── RequestError                    a request to the server extension cannot be understood
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypedDict, Unpack

if TYPE_CHECKING:  # most kernels start without an error, and so without its facts
    from .error_facts import RequirementLocation, SourceLocation, Violation, Weight

    class Common(TypedDict, total=False):
        """The arguments that all errors have in common; see `HeadstartError`."""

        hint: str
        log: str | None
        details: Mapping[str, Any]


__all__ = [
    "BuildCancelled",
    "BuildError",
    "BuildTimeout",
    "BuildTooLarge",
    "DiskFull",
    "DuplicateHeader",
    "EnvironmentDamaged",
    "ExecutionError",
    "HashMismatch",
    "HeaderError",
    "HeadstartError",
    "IndexUnauthorised",
    "IndexUnreachable",
    "InterpreterError",
    "KernelConflict",
    "KernelUnavailable",
    "LaunchError",
    "LockError",
    "LockOutdated",
    "NoCompatibleWheel",
    "NoSuchPackage",
    "NoSuchVersion",
    "NotebookError",
    "OnlyOlderVersion",
    "PackageIndexError",
    "PolicyError",
    "RequestError",
    "RequirementError",
    "ResolutionError",
    "SettingsError",
    "StoreError",
    "UvError",
    "VersionConflict",
]


class HeadstartError(Exception):
    """Base of all errors that Headstart raises on purpose.

    :param message: one sentence that says what is wrong, and where.
    :param hint: one sentence that says what to do about it, or ``""``.
    :param log: raw output of the tool that failed; None if none did.
    :param details: JSON values that only programs outside read. Neither they nor ``log`` ever have
        a secret: the caller has redacted them.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        log: str | None = None,
        details: Mapping[str, Any] | None = None,
    ):
        super().__init__(message)
        # The exception before this one may quote a file or a URL with a secret, and tracebacks are
        # saved in notebooks: it is shown only where ``raise … from`` names it.
        self.__suppress_context__ = True
        self.message = message
        self.hint = hint
        self.log = log
        self._details = dict(details or {})

    def __str__(self) -> str:
        """One line: headless clients show users the last line of an exception and no more."""
        from .printable import printable  # most kernels start without an error

        return printable(" ".join(f"{self.message} {self.hint}".split()))

    @property
    def details(self) -> dict[str, Any]:
        """All other facts of the error, as JSON."""
        facts = {name: value for name, value in self._facts().items() if value is not None}
        return {**self._details, **facts}

    def _facts(self) -> dict[str, Any]:
        """The attributes that are facts, as JSON; None for what is not known."""
        return {"log": self.log}

    def to_json(self) -> dict[str, Any]:
        """The error as JSON: ``code``, ``message``, ``hint`` and ``details``, as they are.

        Where they are shown to people, they are made printable (`printable`).
        """
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "details": self.details,
        }

    def with_hint(self, hint: str) -> Self:
        """The same error with one more sentence that says what to do."""
        return self._with(hint=f"{self.hint} {hint}".strip())

    def with_message(self, message: str, hint: str) -> Self:
        """The same error with another message and hint."""
        return self._with(args=(message,), message=message, hint=hint)

    def with_details(self, *, log: str, **details: Any) -> Self:
        """The same error with the output of the tool that failed, and more JSON values."""
        return self._with(log=log, _details={**self._details, **details})

    def _with(self, **attributes: Any) -> Self:
        from copy import copy  # most kernels start without an error

        # A copy: where the error is held already, as a status or in a log, it stays as it is.
        error = copy(self)
        for name, value in attributes.items():
            setattr(error, name, value)
        error.__cause__ = self.__cause__
        return error.with_traceback(self.__traceback__)


class SettingsError(HeadstartError):
    """A setting has an invalid value."""

    code = "settings"


class NotebookError(HeadstartError):
    """The notebook itself cannot be read or written."""

    code = "notebook"


class HeaderError(HeadstartError):
    """The header cannot be read.

    :param location: where, if that is known; ``message`` names it too.
    """

    code = "header"

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation | None = None,
        **common: Unpack[Common],
    ):
        super().__init__(message, **common)
        self.location = location

    @classmethod
    def at(
        cls,
        location: SourceLocation,
        problem: str,
        hint: str,
        details: Mapping[str, Any] | None = None,
    ) -> Self:
        """The error at a location, with which its message begins."""
        message = f"In {location}: {problem}"
        return cls(message, hint=hint, location=location, details=details or {})

    def _facts(self) -> dict[str, Any]:
        location = {} if self.location is None else self.location.to_json()
        return {**super()._facts(), **location}


class DuplicateHeader(HeaderError):
    """Two headers of the same kind, which PEP 723 forbids."""

    code = "header-duplicate"


class RequirementError(HeaderError):
    """One requirement is not a PEP 508 line."""

    code = "requirement"


class _OfRequirements(HeadstartError):
    """An error of requirements that may be in the header: `with_locations` says where."""

    locations: tuple[RequirementLocation, ...] = ()

    def with_locations(self, locations: Sequence[RequirementLocation]) -> Self:
        """The same error with the locations of the header's requirements that it is about."""
        return self._with(locations=tuple(locations))

    def _facts(self) -> dict[str, Any]:
        locations = [location.to_json() for location in self.locations]
        return {**super()._facts(), "places": locations or None}


class PolicyError(_OfRequirements):
    """The header or the lock requires something that is not allowed.

    :param violations: one for each such thing.
    """

    code = "policy"

    def __init__(
        self,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        **common: Unpack[Common],
    ):
        super().__init__(message, **common)
        self.violations = tuple(violations)

    def _facts(self) -> dict[str, Any]:
        violations = [violation._asdict() for violation in self.violations]
        return {"violations": violations or None, **super()._facts()}


class LockError(HeadstartError):
    """A lock is damaged, or does not fit the interpreter."""

    code = "lock"


class LockOutdated(LockError):
    """The header has changed since the notebook's lock was made.

    ``details`` has the difference, as `core.header.diff.Changes.to_json`.
    """

    code = "lock-outdated"


class InterpreterError(HeadstartError):
    """No Python satisfies ``requires-python``."""

    code = "interpreter"


class ResolutionError(_OfRequirements):
    """There is no set of packages that satisfies the spec.

    :param package: the name of the package that is missing or causes the error; None if there is
        no such package.
    :param requirements: the requirements of the header that it is about, as uv saw them.
    :param chain: uv's proof, a step each.
    """

    code = "resolution"

    def __init__(
        self,
        message: str,
        *,
        package: str | None = None,
        requirements: Sequence[str] | None = None,
        chain: Sequence[str] | None = None,
        **common: Unpack[Common],
    ):
        super().__init__(message, **common)
        self.package = package
        self.requirements = requirements
        self.chain = chain

    def with_proof(self, requirements: Sequence[str], chain: Sequence[str]) -> Self:
        """The same error with the requirements that exclude each other, and with the proof."""
        return self._with(requirements=requirements, chain=chain)

    def _facts(self) -> dict[str, Any]:
        return {
            "package": self.package,
            "requirements": None if self.requirements is None else list(self.requirements),
            "chain": None if self.chain is None else list(self.chain),
            **super()._facts(),
        }


class NoSuchPackage(ResolutionError):
    """A requirement names a package that no index has: ``package``."""

    code = "no-such-package"


class NoSuchVersion(ResolutionError):
    """The index has the package, and no version of it that is allowed."""

    code = "no-such-version"


class VersionConflict(ResolutionError):
    """Two requirements exclude each other."""

    code = "conflict"


class NoCompatibleWheel(ResolutionError):
    """A package has no wheel for this Python and platform, and source builds are not allowed."""

    code = "no-wheel"


class OnlyOlderVersion(ResolutionError):
    """A package is available as a wheel only in a version that is a whole major version too old.

    ``details`` also has the fields of `core.lock.held_back.HeldBack`.
    """

    code = "only-older"


class KernelConflict(ResolutionError):
    """The packages of the notebook exclude every version of ipykernel."""

    code = "kernel-conflict"


class KernelUnavailable(ResolutionError):
    """The indexes do not have what Headstart's kernel layer needs; no header is the cause."""

    code = "kernel-unavailable"


class BuildError(HeadstartError):
    """A lock could not be installed."""

    code = "build"


class BuildTooLarge(BuildError):
    """A build has more packages, bytes or files than the settings allow.

    :param setting: the variable of the setting.
    :param limit: how many are allowed.
    :param found: how many there are.
    :param largest: the largest packages, the largest first.
    """

    code = "too-large"

    def __init__(
        self,
        message: str,
        *,
        setting: str | None = None,
        limit: int | None = None,
        found: int | None = None,
        largest: Sequence[Weight] = (),
        **common: Unpack[Common],
    ):
        super().__init__(message, **common)
        self.setting = setting
        self.limit = limit
        self.found = found
        self.largest = tuple(largest)

    def _facts(self) -> dict[str, Any]:
        return {
            "setting": self.setting,
            "limit": self.limit,
            "found": self.found,
            "largest": [weight.to_json() for weight in self.largest] or None,
            **super()._facts(),
        }


class HashMismatch(BuildError):
    """A file that the index served is not the one that the lock names."""

    code = "hash-mismatch"


class DiskFull(BuildError):
    """No space, no inodes or no quota left."""

    code = "disk-full"


class BuildTimeout(BuildError):
    """uv took longer than the ``build_timeout`` setting allows."""

    code = "timeout"


class PackageIndexError(HeadstartError):
    """The package index did not answer as it should."""

    code = "index"


class IndexUnreachable(PackageIndexError):
    """The package index could not be reached, or Headstart is offline."""

    code = "index-unreachable"


class IndexUnauthorised(PackageIndexError):
    """The package index requires credentials, or other ones than it got."""

    code = "index-unauthorised"


class UvError(HeadstartError):
    """uv is missing, or failed for a reason that Headstart does not know."""

    code = "uv"


class BuildCancelled(HeadstartError):
    """The build was cancelled."""

    code = "cancelled"


class StoreError(HeadstartError):
    """The store cannot be used."""

    code = "store"


class EnvironmentDamaged(StoreError):
    """An environment is not what its manifest says."""

    code = "damaged"


class LaunchError(HeadstartError):
    """The kernel's process could not be started."""

    code = "launch"


class RestartNeeded(LaunchError):
    """The environment is there, and the kernel's process cannot take it on."""

    code = "restart-needed"


class ExecutionError(HeadstartError):
    """A cell of a headless run failed, or its kernel died.

    ``details`` has ``cell`` (1-based), and ``ename`` and ``evalue`` of the cell's own exception.

    :param traceback: of that exception, as the kernel wrote it; None if the kernel died.
    """

    code = "execution"

    def __init__(
        self,
        message: str,
        *,
        traceback: str | None = None,
        **common: Unpack[Common],
    ):
        super().__init__(message, **common)
        self.traceback = traceback

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "traceback": self.traceback}


class RequestError(HeadstartError):
    """A request to the server extension cannot be understood. ``details["field"]`` names where."""

    code = "request"
