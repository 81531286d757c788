"""What the rows have measured, printed at the end of a run; `docs/reliability.md` has them.

A plugin: with pytest-xdist rows are measured in workers, and come to the end with the reports.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import pytest

from tests.faults.extent import LEVEL

PROPERTY = "figures"

_measured: list[str] = []
_lines: list[str] = []


def record(row: str, found: Mapping[str, Any]) -> None:
    """Keep what a row has found; lists are counted."""
    counted = {
        key: len(value) if isinstance(value, list) else value for key, value in found.items()
    }
    figures = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in counted.items())
    _measured.append(f"{row}: {figures}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.user_properties += [(PROPERTY, line) for line in _measured]
    _measured.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _lines.extend(str(line) for name, line in report.user_properties if name == PROPERTY)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _lines:
        terminalreporter.section(f"faults, {LEVEL}")
        for line in _lines:
            terminalreporter.write_line(line)
