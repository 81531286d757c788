"""The result of the self-test of an installation, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..errors import HeadstartError
from .store.manifest import Environment

__all__ = ["PackageTest", "SelfTest", "Step", "StepName", "StepStatus"]


class StepName(StrEnum):
    """The steps for each package, in their order."""

    EXISTING = "existing"
    INSTALL = "install"
    IMPORT = "import"
    ORIGIN = "origin"
    USAGE = "usage"


class StepStatus(StrEnum):
    """How a step ended. An inapplicable one has nothing to test: it does not count as skipped."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    INAPPLICABLE = "inapplicable"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it ended, why, and how many seconds it took.

    ``files`` are modules and where each came from.
    """

    name: StepName
    status: StepStatus
    message: str = ""
    seconds: float = 0.0
    log: str = field(default="", repr=False)
    files: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The step as JSON; ``log`` is the end of Python's output, of a step that failed."""
        step = {"step": self.name.value, "status": self.status.value, "message": self.message}
        files = {"files": dict(self.files)} if self.files else {}
        log = {"log": self.log} if self.log else {}
        return {**step, "seconds": round(self.seconds, 3), **files, **log}


@dataclass(frozen=True, slots=True)
class PackageTest:
    """The result for one package; ``modules`` are the names by which it is imported."""

    name: str
    version: str = ""
    modules: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def failures(self) -> tuple[Step, ...]:
        """The steps that failed."""
        return tuple(step for step in self.steps if step.status is StepStatus.FAILED)

    @property
    def skipped(self) -> tuple[Step, ...]:
        """The steps that were not run, though there was something to test."""
        return tuple(step for step in self.steps if step.status is StepStatus.SKIPPED)

    def to_json(self) -> dict[str, Any]:
        """The package as JSON."""
        return {
            "name": self.name,
            "version": self.version or None,
            "modules": list(self.modules),
            "steps": [step.to_json() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The whole test. ``environment`` is None if it could not be built: ``error`` says why."""

    environment: Environment | None
    already_installed: bool
    packages: tuple[PackageTest, ...] = ()
    error: HeadstartError | None = None

    @property
    def import_successful(self) -> bool:
        """Whether everything was installed, and everything imported."""
        failed = {step.name for package in self.packages for step in package.failures}
        return self.error is None and failed.isdisjoint((StepName.INSTALL, StepName.IMPORT))

    @property
    def all_successful(self) -> bool:
        """Whether all steps of all packages passed: none failed, and none was skipped."""
        return not self.failed and not any(package.skipped for package in self.packages)

    @property
    def failed(self) -> bool:
        """Whether a step failed, or there is no environment."""
        return self.error is not None or any(package.failures for package in self.packages)

    def summary(self) -> dict[str, Any]:
        """The three results, which packages failed, and which steps of which were skipped."""
        return {
            "already_installed": self.already_installed,
            "import_successful": self.import_successful,
            "all_successful": self.all_successful,
            "packages": len(self.packages),
            "failed": [package.name for package in self.packages if package.failures],
            "skipped": {
                package.name: [step.name.value for step in package.skipped]
                for package in self.packages
                if package.skipped
            },
        }
