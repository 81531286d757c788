"""Where there are no POSIX file locks, as on Windows: every use of the store is a plain error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.testing.notebooks import save_notebook
from tests.waiting import LIMIT

WITHOUT_LOCKS = "import sys; sys.modules['fcntl'] = None; from headstart.cli.main import main; "


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"{WITHOUT_LOCKS}sys.exit(main({arguments!r}))"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT
    )


@pytest.mark.parametrize(
    "verb", ["list", "prune", "show", "ensure", "run", "keep", "unkeep", "verify", "launch"]
)
def test_every_verb_says_that_the_store_needs_locks(verb: str, tmp_path: Path) -> None:
    path = save_notebook(tmp_path / "a.ipynb", "1 + 1")
    rest = {
        "keep": ["ab"],
        "unkeep": ["ab"],
        "list": [],
        "prune": [],
        "verify": ["--environments"],
        "launch": ["-f", "k.json"],
    }
    result = run(verb, *rest.get(verb, [str(path)]))
    assert "error: Headstart's store needs POSIX file locks; Windows is not" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == 1
