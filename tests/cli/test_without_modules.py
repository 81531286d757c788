"""``headstart run`` imports no more than it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headstart.cli.without_modules import left_out

LOADED = """
import sys
import headstart.cli.verbs.run
print(*sys.modules)
import isoduration, rfc3987_syntax
"""


def test_a_module_is_missing_for_a_while() -> None:
    assert "this" not in sys.modules
    with left_out("this", "json"):
        with pytest.raises(ModuleNotFoundError):
            import this  # noqa: F401  # what is imported does not matter
        import json

        assert json.loads("1") == 1
    assert "this" not in sys.modules


def test_a_run_loads_nothing_for_formats_that_no_notebook_has() -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "nbformat" in loaded
    assert not {"lark", "arrow", "isoduration", "rich", "jupyter_server", "uv"}.intersection(loaded)
