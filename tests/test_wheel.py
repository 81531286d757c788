"""One ``pip install`` is all a user needs: what is in the wheel."""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return ZipFile(path)


def shared(wheel: ZipFile, path: str) -> bytes:
    """A file that is installed beside the packages, below ``sys.prefix``."""
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
