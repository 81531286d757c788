"""What `headstart` exports is a promise: this list changes on purpose or not at all."""

from __future__ import annotations

import subprocess
import sys

import headstart

EXPORTED = [
    "Environment",
    "EnvironmentSpec",
    "Header",
    "HeadstartError",
    "Progress",
    "Ready",
    "Settings",
    "__version__",
    "ensure",
    "find_header",
    "open_context",
    "parse_header",
    "read_notebook",
    "read_settings",
    "spec_of",
]


def test_the_facade_exports_these_names_and_no_others() -> None:
    assert sorted(headstart.__all__) == EXPORTED
    assert dir(headstart) == EXPORTED


def test_every_exported_name_can_be_imported() -> None:
    for name in EXPORTED:
        assert getattr(headstart, name) is not None


def test_importing_headstart_imports_nothing_else() -> None:
    code = "import sys; before = {*sys.modules}; import headstart; print(*{*sys.modules} - before)"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    foreign = {
        name for name in result.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == {"headstart"}, result.stderr
