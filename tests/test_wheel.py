"""One ``pip install`` is all a user needs: what is in the wheel."""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest
import uv

from headstart.testing.notebooks import header_cell, save_notebook

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow

RENAME = """
import asyncio
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.services.sessions.sessionmanager import SessionManager

async def main():
    kernels = AsyncMappingKernelManager()
    sessions = SessionManager(kernel_manager=kernels, contents_manager=AsyncLargeFileManager())
    where = {"path": "a.ipynb", "name": "a.ipynb", "type": "notebook"}
    session = await sessions.create_session(**where, kernel_name="python3")
    await sessions.update_session(session["id"], path="b.ipynb", name="b.ipynb")
    kernel = kernels.get_kernel(session["kernel"]["id"])
    print(kernel._launch_args["env"]["JPY_SESSION_NAME"])
    await kernels.shutdown_all(now=True)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return ZipFile(path)


def shared(wheel: ZipFile, path: str) -> bytes:
    """A file that is installed next to the packages, below ``sys.prefix``."""
    (name,) = (name for name in wheel.namelist() if name.endswith(f".data/data/{path}"))
    return wheel.read(name)


def test_the_kernelspec_names_the_provisioner(wheel: ZipFile) -> None:
    spec = json.loads(shared(wheel, "share/jupyter/kernels/headstart/kernel.json"))
    assert spec["display_name"] == "Python (notebook header)"
    assert spec["metadata"]["kernel_provisioner"] == {"provisioner_name": "headstart"}
    assert shared(wheel, "share/jupyter/kernels/headstart/logo-svg.svg").startswith(b"<svg")


def test_the_server_extension_is_switched_on(wheel: ZipFile) -> None:
    config = shared(wheel, "etc/jupyter/jupyter_server_config.d/headstart.json")
    assert json.loads(config) == {"ServerApp": {"jpserver_extensions": {"headstart": True}}}


def test_the_panel_is_built_and_says_who_installed_it(wheel: ZipFile) -> None:
    home = "share/jupyter/labextensions/headstart"
    bundle = json.loads(shared(wheel, f"{home}/package.json"))["jupyterlab"]["_build"]["load"]
    assert shared(wheel, f"{home}/{bundle}")
    assert json.loads(shared(wheel, f"{home}/install.json"))["packageName"] == "headstart"


def test_programs_and_provisioner_are_entry_points(wheel: ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = ConfigParser()
    points.read_string(wheel.read(name).decode())
    assert {"headstart", "jupyter-headstart"} == set(points["console_scripts"])
    provisioner = points["jupyter_client.kernel_provisioners"]["headstart"]
    assert provisioner == "headstart.kernels.provisioner:HeadstartProvisioner"


def test_both_packages_are_there_with_their_types(wheel: ZipFile) -> None:
    names = set(wheel.namelist())
    assert {"headstart/py.typed", "headstart_kernel/__init__.py"} <= names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]


@pytest.fixture(scope="module")
def lowest(wheel: ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a Python that has the wheel, and the lowest versions that it allows."""
    folder, binary = tmp_path_factory.mktemp("lowest") / "venv", uv.find_uv_bin()
    subprocess.run([binary, "venv", "-q", "-p", sys.executable, folder], check=True)
    install = [binary, "pip", "install", "-q", "-p", folder, "--resolution", "lowest-direct"]
    # uv takes the lowest versions of direct requirements, and not of what a wheel requires.
    requirements = ["-r", ROOT / "pyproject.toml", str(wheel.filename)]
    subprocess.run([*install, *requirements], check=True)
    return folder / "bin"


@pytest.mark.real_index
def test_a_notebook_runs_with_the_lowest_versions_that_are_allowed(lowest, tmp_path) -> None:
    code = "import six; print(six.__name__, 'is there')"
    notebook = save_notebook(tmp_path / "a.ipynb", header_cell("six"), code)
    run = [lowest / "headstart", "run", notebook, "-o", "-"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert "six is there" in done.stdout, done.stderr


@pytest.mark.real_index
def test_the_lowest_server_tells_a_kernel_its_notebooks_new_name(lowest, tmp_path) -> None:
    rename = [lowest / "python", "-c", RENAME]
    done = subprocess.run(rename, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip().endswith("b.ipynb"), done.stderr
