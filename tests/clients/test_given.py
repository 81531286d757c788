"""Notebooks that bring a lock, a wheel or a source tree along, in unmodified clients."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from headstart.testing.notebooks import save_notebook
from headstart.testing.wheels import make_wheel
from tests.core.factory import block, lock_text, package_lines, wheel_line

from .drive import said

pytestmark = pytest.mark.real_index

PROJECT = """
[project]
name = "mine"
version = "0.1"
dependencies = ["hs-no-such-package"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""


def locked(folder: Path, name: str, version: str) -> str:
    wheel = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    sha = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return package_lines(name, version, wheel_line(wheel.name, sha=sha, url=wheel.as_uri()))


def test_a_notebook_gets_what_its_pylock_says(clients, client_wheels, folder):
    lock = lock_text(locked(client_wheels, "hs-lib", "1.0"), locked(client_wheels, "hs-own", "1.0"))
    (folder / "pylock.toml").write_text(lock)
    header = block('dependencies = ["hs-lib"]', "[tool.headstart]", 'pylock = "pylock.toml"')
    ask = "import hs_lib, hs_own; print(hs_lib.__version__)"
    notebook = save_notebook(folder / "a.ipynb", header, ask)
    clients.run("jupyter", "execute", "--inplace", notebook)
    assert said(notebook) == "1.0"


def test_a_notebook_imports_its_local_extras_as_they_are_now(clients, folder):
    wheel = make_wheel(folder / "wheels", "hs-local", "3.0")
    package = folder / "tree" / "mine"
    package.mkdir(parents=True)
    (folder / "tree" / "pyproject.toml").write_text(PROJECT)
    extras = f'local-extras = ["tree", "wheels/{wheel.name}"]'
    header = block('dependencies = ["hs-other"]', "[tool.headstart]", extras)
    ask = "import hs_local, hs_other, mine; print(hs_local.__version__, mine.A, mine.__file__)"
    notebook = save_notebook(folder / "a.ipynb", header, ask)
    for value in ("1", "2"):
        (package / "__init__.py").write_text(f"A = {value}\n")
        clients.run("jupyter", "execute", "--inplace", notebook)
        version, said_value, file = said(notebook).split(" ", 2)
        assert (version, said_value) == ("3.0", value)
        assert not file.startswith(str(folder))
    assert sorted(path.name for path in (folder / "tree").iterdir()) == ["mine", "pyproject.toml"]
