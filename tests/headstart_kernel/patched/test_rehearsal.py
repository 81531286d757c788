"""What is done once for all kernels leaves nothing but memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

REHEARSE = """
import sys
from headstart_kernel.zygote import preimport
from headstart_kernel.patched.rehearsal import rehearse
preimport.load()
before = set(sys.modules)
{change}
rehearse()
print(set(sys.modules) - before, "this" in sys.modules)
"""


@pytest.mark.parametrize(
    "change",
    [
        "",
        "import IPython.core.formatters as f; del f.DisplayFormatter; before = set(sys.modules)",
        "sys.modules['sqlite3'] = None",
    ],
    ids=["as ever", "another IPython", "no SQLite"],
)
def test_it_runs_nothing_and_leaves_no_module_behind(change: str) -> None:
    command = [sys.executable, "-c", REHEARSE.format(change=change)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "set() False"


def test_caches_that_kernels_share_are_filled() -> None:
    code = (
        "import re; from headstart_kernel.patched.rehearsal import rehearse; import IPython.core."
        "completer, IPython.core.formatters, IPython.core.inputtransformer2; "
        "before = len(re._cache); rehearse(); print(len(re._cache) > before)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "True"
