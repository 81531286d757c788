"""The console scripts, with a package index and a store of the tests' own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.conftest import SESSION_FOLDER
from tests.local_uv import bare_environ
from tests.stub_kernel import APP, make_ipykernel
from tests.waiting import LIMIT

SCRIPT = str(Path(sys.executable).with_name("headstart"))

# A kernel that says what it is, and ends when its standard input does.
KERNEL = f"""
import json, os
{APP}
    def initialize(self):
        facts = dict(pid=os.getpid(), parent=os.getppid(), prefix=sys.prefix, argv=sys.argv)
        facts["environ"], facts["path"] = sorted(os.environ), os.environ["PATH"].split(":")
        print(json.dumps(facts), flush=True)
        sys.stdin.read()
        sys.exit(7)
"""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "alpha", "1.0", metadata={"Summary": "The first."})
    make_wheel(folder, "alpha", "2.0", metadata={"Summary": "The first."})
    make_wheel(folder, "beta", "1.0", requires=["alpha<2"])
    make_ipykernel(folder, "7.4.0", KERNEL)
    return folder


@pytest.fixture(scope="session")
def index(house: Path) -> Iterator[LocalIndex]:
    with LocalIndex(house) as running:
        yield running


@pytest.fixture(scope="session")
def store() -> Path:
    """One store for all these tests: the kernel layer is built once."""
    return SESSION_FOLDER / "cli"


@pytest.fixture
def environ(tmp_path: Path, index: LocalIndex, store: Path) -> dict[str, str]:
    """The environment of the scripts; nothing of this machine's settings is in it."""
    home = tmp_path / "home"
    home.mkdir()
    ours = {envvars.DEFAULT_INDEX: index.url, envvars.STORE: str(store)}
    return bare_environ(home, **ours)


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def headstart(tmp_path: Path, environ: Mapping[str, str]) -> Run:
    """Runs ``headstart`` with the arguments, in an empty folder; more variables by keyword."""

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *map(str, arguments)],
            env={**environ, **variables},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    return run


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook of code cells."""

    def write(*sources: str, name: str = "a b.ipynb", **metadata: object) -> Path:
        return save_notebook(tmp_path / name, *sources, kernel="", metadata=metadata)

    return write


block = header_cell  # short, for most of these tests begin with it
