"""``headstart verify NOTEBOOK --imports``: install, import and try what a notebook asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.selftest_result import PackageTest, SelfTest, StepStatus
from ..environments.context import open_context
from ..environments.selftest.kernel_process import KernelProcess
from ..environments.selftest.selftest import self_test
from ..kernels.launch.environ import kernel_environ
from ..request.read import read_request, with_locations
from .cli_settings import read_settings
from .output import error_block, print_json, print_text, table
from .terminal import ProgressLine
from .verify_notebook import UNCHECKED

_LABELS = {
    StepStatus.PASSED: "ok",
    StepStatus.FAILED: "FAILED",
    StepStatus.SKIPPED: "skipped",
    StepStatus.INAPPLICABLE: "-",
}


def verify_imports(notebook: Path, as_json: bool) -> int:
    """Print how each step ended for each package that the header asks for, and a summary.

    :return: 1 if a step failed, `UNCHECKED` if one was skipped, else 0.
    :raises HeadstartError: if the notebook or its header cannot be read.
    """
    settings = read_settings()
    request = read_request(notebook, lambda: settings)
    # No session: in a notebook's terminal or cell, the variable names that notebook.
    environ = kernel_environ(settings.environ, request.spec.kernel, session=False)
    # In the layer's Python: else `sys.path` and the loaded modules are not those of a kernel.
    process = KernelProcess(notebook.absolute().parent, environ)
    with ProgressLine() as line:
        test = self_test(request.spec, open_context(settings, line.report), process)
    if test.error is not None:
        test = replace(test, error=with_locations(test.error, request))
    print_json(to_json(notebook, test)) if as_json else print_text(render(test))
    if test.failed:
        return 1
    return 0 if test.all_successful else UNCHECKED


def to_json(notebook: Path, test: SelfTest) -> dict[str, Any]:
    """Everything, for programs."""
    built = test.environment
    environment = built and {
        "key": built.key,
        "prefix": built.prefix,
        "python": built.manifest.python_version,
    }
    return {
        "notebook": str(notebook),
        "environment": environment,
        "packages": [package.to_json() for package in test.packages],
        "summary": test.summary(),
        "error": test.error.to_json() if test.error else None,
    }


def render(test: SelfTest) -> str:
    """Everything, for people: a line a package, what failed, and the summary."""
    lines = []
    if test.packages:
        names = [step.name.value.upper() for step in test.packages[0].steps]
        rows = [_row(package, test.already_installed) for package in test.packages]
        lines.append(table([("PACKAGE", "VERSION", *names), *rows]))
    for package in test.packages if test.error is None else ():
        steps = (*package.failures, *package.skipped)
        lines += [f"{package.name}, {step.name}: {step.message}" for step in steps]
    if test.error is not None:
        lines.append(error_block(test.error))
    summary = test.summary()
    for name in ("already_installed", "import_successful", "all_successful"):
        lines.append(f"{name.replace('_', ' ')}: {'yes' if summary[name] else 'no'}")
    return "\n".join(lines)


def _row(package: PackageTest, existed: bool) -> tuple[str, ...]:
    labels = [_LABELS[step.status] for step in package.steps]
    if package.steps[0].status is StepStatus.PASSED:
        labels[0] = "yes" if existed else "no"
    return (package.name, package.version, *labels)
