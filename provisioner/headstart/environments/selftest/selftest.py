"""The self-test of an installation: what a notebook asks for is installed, imported and tried."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

from ...core.header.spec import EnvironmentSpec
from ...core.progress import Phase
from ...core.requirements.import_names import import_names
from ...core.selftest_result import PackageTest, SelfTest, Step, StepName, StepStatus
from ...core.store.manifest import Distribution
from ...errors import HeadstartError
from ..context import Context
from ..installed import parse_metadata
from ..ready import Ready, ensure, look
from .kernel_process import KernelProcess, Outcome, probe
from .usage_checks import USAGE_CHECKS

__all__ = ["self_test"]

SECONDS = 300.0
"""How long one package may take."""

_PASSED, _FAILED, _SKIPPED = StepStatus.PASSED, StepStatus.FAILED, StepStatus.SKIPPED
_INAPPLICABLE = StepStatus.INAPPLICABLE
_LATER = (StepName.IMPORT, StepName.ORIGIN, StepName.USAGE)


def self_test(
    spec: EnvironmentSpec, context: Context, process: KernelProcess, seconds: float = SECONDS
) -> SelfTest:
    """Make the environment of a spec ready, and import and try what the spec asks for.

    Each package is imported as the notebook's kernel would, in a process of its own. A failure to
    build the environment is a result too.

    :param process: how the kernel's process would be started.
    :param seconds: how long one package may take.
    """
    try:
        existed = look(spec, context) is not None
        ready = ensure(spec, context)
    except HeadstartError as error:
        return SelfTest(None, False, tuple(_not_installed(spec, error)), error)
    try:
        environment = ready.environment.environment
        tried = _Tried(ready, process, existed, seconds)
        packages = environment.packages(spec.direct)
        # Of a lock without requirements: what nothing else in it requires.
        requested = [item for item in packages if item.direct or not item.required_by]
        tests = []
        for item in requested:
            context.tell(Phase.CHECK, f"Importing {item.name}")
            tests.append(_test(item, tried))
        tests += _left_out(spec.direct - {item.name for item in requested})
        return SelfTest(environment, existed, tuple(tests))
    finally:
        ready.release()


class _Tried(NamedTuple):
    """What is tried, and how. ``existed`` says that the environment existed before."""

    ready: Ready
    process: KernelProcess
    existed: bool
    seconds: float

    def homes(self, item: Distribution) -> tuple[str, ...]:
        """Where a package may be imported from.

        What the kernel has loaded itself comes from its layer, which has the very same wheel.
        """
        environment, layer = self.ready.environment.environment, self.ready.layer.environment
        wheels = {twin.name: twin.wheel for twin in layer.manifest.distributions}
        if item.wheel and wheels.get(item.name) == item.wheel:
            return environment.prefix, layer.prefix
        return (environment.prefix,)


def _not_installed(spec: EnvironmentSpec, error: HeadstartError) -> Iterator[PackageTest]:
    steps = (_existing(False), Step(StepName.INSTALL, _FAILED, error.message), *_skipped())
    yield from (PackageTest(name, steps=steps) for name in sorted(spec.direct))


def _left_out(names: frozenset[str]) -> Iterator[PackageTest]:
    why = "Its marker excludes this Python or platform."
    steps = tuple(Step(name, _INAPPLICABLE, why) for name in StepName)
    yield from (PackageTest(name, steps=steps) for name in sorted(names))


def _existing(existed: bool) -> Step:
    message = "It was installed already." if existed else "It was not installed yet."
    return Step(StepName.EXISTING, _PASSED, message)


def _skipped(status: StepStatus = _SKIPPED, why: str = "") -> list[Step]:
    return [Step(name, status, why) for name in _LATER]


def _test(item: Distribution, tried: _Tried) -> PackageTest:
    environment = tried.ready.environment.environment
    modules = _modules(item.name, Path(environment.site_packages))
    steps = [_existing(tried.existed), _install_step(item, modules)]
    if modules is None:
        return PackageTest(item.name, item.version, (), (*steps, *_skipped()))
    if not modules:
        steps += _skipped(_INAPPLICABLE, "It brings no modules.")
        return PackageTest(item.name, item.version, (), tuple(steps))
    usage = USAGE_CHECKS.get(item.name, "")
    outcomes = probe(tried.ready, modules, usage, tried.process, tried.seconds)
    imports, rest = outcomes[: len(modules)], outcomes[len(modules) :]
    steps += [
        _import_step(modules, imports),
        _origin_step(modules, imports, tried.homes(item)),
        _usage_step(usage, imports, rest),
    ]
    return PackageTest(item.name, item.version, modules, tuple(steps))


def _install_step(item: Distribution, modules: Sequence[str] | None) -> Step:
    if modules is None:
        problem = "The environment has no metadata of it."
        return Step(StepName.INSTALL, _FAILED, problem)
    return Step(StepName.INSTALL, _PASSED, f"Version {item.version} is installed.")


def _import_step(modules: Sequence[str], imports: Sequence[Outcome]) -> Step:
    seconds = sum(outcome.seconds for outcome in imports)
    for module, outcome in zip(modules, imports, strict=False):
        if outcome.error:
            problem = f"import {module}: {outcome.error}"
            return Step(StepName.IMPORT, _FAILED, problem, seconds, outcome.log)
    return Step(StepName.IMPORT, _PASSED, ", ".join(modules), seconds)


def _origin_step(modules: Sequence[str], imports: Sequence[Outcome], homes: Sequence[str]) -> Step:
    """Whether the modules that could be imported came from this environment."""
    # With a separator: a neighbour whose name begins alike is another folder.
    inside = tuple(os.path.realpath(prefix) + os.sep for prefix in homes)
    files = tuple(
        (module, outcome.file)
        for module, outcome in zip(modules, imports, strict=False)
        if not outcome.error
    )
    if not files:
        return Step(StepName.ORIGIN, _SKIPPED, "Nothing could be imported.")
    for module, file in files:
        if not file.startswith(inside):
            source = file or "Python itself"
            problem = f"{module} came from {source}, and not from the environment."
            return Step(StepName.ORIGIN, _FAILED, problem, files=files)
    return Step(StepName.ORIGIN, _PASSED, files[0][1], files=files)


def _usage_step(usage: str, imports: Sequence[Outcome], rest: Sequence[Outcome]) -> Step:
    if not usage:
        return Step(StepName.USAGE, _SKIPPED, "No check of it is known.")
    if not rest or any(outcome.error for outcome in imports):
        return Step(StepName.USAGE, _SKIPPED, "It could not be imported.")
    [outcome] = rest
    status = _FAILED if outcome.error else _PASSED
    return Step(StepName.USAGE, status, outcome.error, outcome.seconds, outcome.log)


def _modules(name: str, site_packages: Path) -> tuple[str, ...] | None:
    """What a distribution's modules are imported as; None if it is not installed."""
    for folder in site_packages.glob("*.dist-info"):
        metadata = parse_metadata(_text(folder / "METADATA"))
        if canonicalize_name(str(metadata["Name"])) == name:
            files = [row[0] for row in csv.reader(_text(folder / "RECORD").splitlines()) if row]
            declared = metadata.get_all("Import-Name")
            return import_names(name, files, _text(folder / "top_level.txt"), declared)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
