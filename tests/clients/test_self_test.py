"""The self-test imports where a real kernel would: both tell all that decides it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.testing.notebooks import save_notebook
from headstart.testing.wheels import make_wheel
from tests.waiting import LIMIT

pytestmark = pytest.mark.real_index

TELL = """
import json, os, shutil, sys

told = {
    "path": sys.path,
    "places": [sys.prefix, sys.executable, os.getcwd(), shutil.which("python")],
    "flags": [sys.flags.isolated, sys.flags.no_user_site, sys.flags.ignore_environment],
    "environ": {
        name: os.environ.get(name)
        for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "HEADSTART_KERNEL_LAYER", "HS_TELL")
    },
    "origins": {},
}
for name in ("random", "traitlets", "hs_beside"):
    told["origins"][name] = __import__(name).__file__
with open(os.environ["HS_TELL"], "w") as file:
    json.dump(told, file)
"""

HEADER = """\
# /// script
# dependencies = ["hs-tell"]
# [tool.headstart]
# env = {{ HS_TELL = {told} }}
# prepend-paths = ["programs"]
# ///"""


def test_the_self_test_imports_in_the_circumstances_of_the_kernel(
    tmp_path: Path, shared_store: Path
) -> None:
    make_wheel(tmp_path / "wheels", "hs-tell", "1.0", {"hs_tell.py": TELL})
    notebook, told = tmp_path / "a folder" / "a.ipynb", tmp_path / "told.json"
    header = HEADER.format(told=json.dumps(str(told)))
    save_notebook(notebook, header, "import hs_tell")
    (notebook.parent / "programs").mkdir()
    for name in ("random", "traitlets", "hs_beside"):
        notebook.with_name(f"{name}.py").write_text("")
    elsewhere = tmp_path / "on the path"
    elsewhere.mkdir()
    environ = {
        **os.environ,
        envvars.STORE: str(shared_store),
        envvars.FIND_LINKS: str(tmp_path / "wheels"),
        "PYTHONPATH": str(elsewhere),
    }
    kernel = tell(["run", notebook, "-o", tmp_path / "out.ipynb"], told, environ)
    ours = tell(["verify", notebook, "--imports"], told, environ)
    assert ours == kernel
    assert kernel["origins"]["hs_beside"] == str(notebook.with_name("hs_beside.py"))
    assert "/layers/" in kernel["origins"]["traitlets"]
    assert kernel["environ"]["PYTHONPATH"] == str(elsewhere)


def tell(arguments: list[Any], told: Path, environ: dict[str, str]) -> dict[str, Any]:
    """What the module says when a command imports it."""
    told.unlink(missing_ok=True)
    script = Path(sys.executable).with_name("headstart")
    done = subprocess.run(
        [script, *arguments], env=environ, cwd="/", capture_output=True, text=True, timeout=LIMIT
    )
    assert told.exists(), done.stdout + done.stderr
    return json.loads(told.read_text())
