"""What a process finds after it has taken on an environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FIND = """
import importlib.util, json, os, pathlib, sys
from headstart_kernel.attach import attach

folder, prefix = map(pathlib.Path, sys.argv[1:])
(folder / "there").mkdir()
sys.path += [str(folder / "there"), str(folder / "later")]
names = ["new_in_there", "new_in_later", "of_the_environment"]

def found():
    return [importlib.util.find_spec(name) is not None for name in names]

before = found()
(folder / "later").mkdir()
for name in ("there", "later"):
    (folder / name / f"new_in_{name}.py").touch()
os.utime(folder / "there", ns=(1, 1))
attach(str(prefix))
print(json.dumps([before, found()]))
"""


def test_modules_are_found_where_there_was_nothing_before(tmp_path: Path) -> None:
    short = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site_packages = tmp_path / "prefix" / "lib" / short / "site-packages"
    site_packages.mkdir(parents=True)
    (site_packages / "of_the_environment.py").touch()
    command = [sys.executable, "-c", FIND, str(tmp_path), str(tmp_path / "prefix")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[False] * 3, [True] * 3]
