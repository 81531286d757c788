"""Every error that Headstart raises on purpose.

Each edge (exception text, cell, panel, command line, log) renders the same object: a stable
``code`` for programs, a ``message`` that says what is wrong, a ``hint`` that says what to do, and
``details`` for whoever wants the whole story.

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

from collections.abc import Mapping
from typing import Any, ClassVar

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
    :param details: JSON values for programs and for the curious; ``log`` is the raw output of the
        tool that failed. Never holds a secret: whoever fills it has redacted it.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "", details: Mapping[str, Any] | None = None):
        super().__init__(message)
        # What went wrong below may quote a file or a URL: a traceback has it only where ``from``
        # says so.
        self.__suppress_context__ = True
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        """One line: headless clients show users the last line of an exception and no more."""
        from .printable import printable  # most kernels start without an error

        return printable(" ".join(f"{self.message} {self.hint}".split()))

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


class SettingsError(HeadstartError):
    """A setting has a value that means nothing."""

    code = "settings"


class NotebookError(HeadstartError):
    """The notebook itself cannot be read or written."""

    code = "notebook"


class HeaderError(HeadstartError):
    """The header cannot be read.

    ``details`` has ``cell`` (1-based, or absent), ``line`` (1-based within the cell) and ``text``
    (the offending text), as far as they are known; ``message`` names them too.
    """

    code = "header"


class DuplicateHeader(HeaderError):
    """Two headers of the same kind, which PEP 723 forbids."""

    code = "header-duplicate"


class RequirementError(HeaderError):
    """One requirement is not a PEP 508 line."""

    code = "requirement"


class PolicyError(HeadstartError):
    """The header or the lock asks for something that is not allowed.

    ``details["places"]`` says where in the header, as in `ResolutionError`.
    """

    code = "policy"


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


class ResolutionError(HeadstartError):
    """There is no set of packages that satisfies the spec.

    ``details["places"]`` lists where in the header the requirements stand that it is about, if they
    do: each has ``requirement``, ``where`` and, as far as there are any, ``cell`` and ``line``
    (both 1-based); ``hint`` names them too.
    """

    code = "resolution"


class NoSuchPackage(ResolutionError):
    """A requirement names a package that no index has. ``details["package"]`` is its name."""

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

    ``details`` are the fields of `core.lock.held_back.HeldBack`.
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

    ``details`` has ``setting`` (the variable that says so), ``limit`` and, as far as they are
    known, ``found`` and ``largest``: packages, the largest first, each with ``package``, ``bytes``
    and ``files`` (null until it is unpacked).
    """

    code = "too-large"


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

    ``details`` has ``cell`` (1-based), and ``ename``, ``evalue`` and ``traceback`` of the cell's
    own exception if that is what ended the run.
    """

    code = "execution"


class RequestError(HeadstartError):
    """A request to the server extension cannot be understood. ``details["field"]`` names where."""

    code = "request"
