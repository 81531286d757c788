"""Every error that Headstart raises on purpose.

Each edge (exception text, cell, panel, command line, log) renders the same object: a stable
``code`` for programs, a ``message`` that says what is wrong, a ``hint`` that says what to do, and
``details`` for whoever wants the whole story. What code asks an error about is a typed attribute
of its class; JSON is made of it where the error is shown.

::

    HeadstartError
    ├── SettingsError                   a setting has a value that means nothing
    ├── NotebookError                   the notebook itself cannot be read or written
    ├── HeaderError                     the header cannot be read: names the cell and the line
    │   ├── DuplicateHeader             two headers of the same kind
    │   └── RequirementError            one requirement is not a PEP 508 line
    ├── PolicyError                     the header or the lock asks for what is not allowed
    ├── LockError                       a lock is damaged or does not fit this interpreter
    │   └── LockOutdated                the header asks for something else than it was made for
    ├── InterpreterError                no Python satisfies ``requires-python``
    ├── ResolutionError                 there is no lock for the spec
    │   ├── NoSuchPackage
    │   ├── NoSuchVersion
    │   ├── VersionConflict
    │   ├── NoCompatibleWheel
    │   ├── OnlyOlderVersion            what can be had is a whole major version too old
    │   ├── KernelConflict              the lock excludes every ipykernel
    │   └── KernelUnavailable           the indexes have no ipykernel for Headstart's own layer
    ├── BuildError                      a lock could not be installed
    │   ├── BuildTooLarge           it would come to more than the settings allow
    │   ├── HashMismatch
    │   ├── DiskFull
    │   └── BuildTimeout
    ├── PackageIndexError               the package index did not serve us
    │   ├── IndexUnreachable
    │   └── IndexUnauthorised
    ├── UvError                         uv is missing, or failed in a way we do not know
    ├── BuildCancelled                  somebody asked for the build to stop
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
        """What each error takes besides its own facts, as `HeadstartError` says."""

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
    :param details: JSON values that only programs outside read. Neither they nor ``log`` ever hold
        a secret: whoever fills them has redacted them.
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
        # What went wrong below may quote a file or a URL: a traceback has it only where ``from``
        # says so.
        self.__suppress_context__ = True
        self.message = message
        self.hint = hint
        self.log = log
        self._more = dict(details or {})

    def __str__(self) -> str:
        """One line: headless clients show users the last line of an exception and no more."""
        from .printable import printable  # most kernels start without an error

        return printable(" ".join(f"{self.message} {self.hint}".split()))

    @property
    def details(self) -> dict[str, Any]:
        """All that the error knows besides, as JSON."""
        known = {name: value for name, value in self._facts().items() if value is not None}
        return {**self._more, **known}

    def _facts(self) -> dict[str, Any]:
        """The attributes that are facts, as JSON; None for what is not known."""
        return {"log": self.log}

    def to_json(self) -> dict[str, Any]:
        """The error as JSON: ``code``, ``message``, ``hint`` and ``details``, as they are.

        Whoever shows them to people makes them printable.
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
        """The same error in other words."""
        return self._with(args=(message,), message=message, hint=hint)

    def with_details(self, *, log: str, **details: Any) -> Self:
        """The same error with the output of the tool that failed, and more JSON values."""
        return self._with(log=log, _more={**self._more, **details})

    def _with(self, **attributes: Any) -> Self:
        from copy import copy  # most kernels start without an error

        # A copy: who has the error already, as a status or in a log, keeps it as it is.
        error = copy(self)
        for name, value in attributes.items():
            setattr(error, name, value)
        error.__cause__ = self.__cause__
        return error.with_traceback(self.__traceback__)


class SettingsError(HeadstartError):
    """A setting has a value that means nothing."""

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
        """The error of a location, whose message begins with it."""
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
    """The header or the lock asks for something that is not allowed.

    :param violations: all of it.
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
    """The header asks for something else than the notebook's lock was made for.

    ``details`` says what: as `core.header.diff.Changes.to_json`.
    """

    code = "lock-outdated"


class InterpreterError(HeadstartError):
    """No Python satisfies ``requires-python``."""

    code = "interpreter"


class ResolutionError(_OfRequirements):
    """There is no set of packages that satisfies the spec.

    :param package: the name of the package that is missing, or to blame; None if it is not one.
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
    """The index has the package, and no version of it that was asked for."""

    code = "no-such-version"


class VersionConflict(ResolutionError):
    """Two requirements exclude each other."""

    code = "conflict"


class NoCompatibleWheel(ResolutionError):
    """A package has no wheel for this Python and platform, and source builds are not allowed."""

    code = "no-wheel"


class OnlyOlderVersion(ResolutionError):
    """A package can be had as a wheel only in a version that is a whole major version too old.

    ``details`` also has the fields of `core.lock.held_back.HeldBack`.
    """

    code = "only-older"


class KernelConflict(ResolutionError):
    """The packages of the notebook exclude every version of ipykernel."""

    code = "kernel-conflict"


class KernelUnavailable(ResolutionError):
    """The indexes do not have what Headstart's kernel layer needs. No header has a part in it."""

    code = "kernel-unavailable"


class BuildError(HeadstartError):
    """A lock could not be installed."""

    code = "build"


class BuildTooLarge(BuildError):
    """A build comes to more packages, bytes or files than the settings allow.

    :param setting: the variable that says so.
    :param limit: how many may be there.
    :param found: how many are.
    :param largest: the largest packages, the first of which is the largest.
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
    """The package index did not serve us."""

    code = "index"


class IndexUnreachable(PackageIndexError):
    """The package index could not be reached, or Headstart is offline."""

    code = "index-unreachable"


class IndexUnauthorised(PackageIndexError):
    """The package index wants credentials, or others than it got."""

    code = "index-unauthorised"


class UvError(HeadstartError):
    """uv is missing, or failed in a way that Headstart does not know."""

    code = "uv"


class BuildCancelled(HeadstartError):
    """Somebody asked for the build to stop."""

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
