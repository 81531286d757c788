"""The two kernels, and what each answered."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

from headstart import envvars
from headstart.core.header import parse_header
from headstart.core.notebook import find_header, notebook_of
from headstart.core.spec import spec_of
from headstart.environments.compile_wheels import compile_missing
from headstart.environments.context import open_context
from headstart.environments.ensure import Ready, ensure
from headstart.settings import read_settings

from .kernels import Answers, ask, write_kernelspec
from .packages import REQUIREMENTS, make_odd_wheels, write_ipython_profile, write_notebook_folder
from .probes import PROBES, SETUP

PACKAGES = ("numpy", "pandas", "matplotlib", "ipywidgets", *REQUIREMENTS)

HEADER = "# /// script\n# dependencies = [{}]\n# ///".format(
    ", ".join(f'"{name}"' for name in PACKAGES)
)


@dataclass(frozen=True)
class Place:
    """Where the twins live: the notebook's folder, and the environment as it was built."""

    folder: Path
    ready: Ready
    plain: Path


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, shared_store: Path) -> Iterator[Place]:
    """A Headstart environment, and a venv that holds the same packages and ipykernel's."""
    root = tmp_path_factory.mktemp("fidelity")
    make_odd_wheels(root / "wheels")
    write_notebook_folder(root / "a folder")
    write_ipython_profile(root / "ipython")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(envvars.STORE, str(shared_store))
        patch.setenv(envvars.FIND_LINKS, str(root / "wheels"))
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        patch.setenv("JUPYTER_PATH", str(root / "jupyter"))
        patch.setenv("HS_NOTEBOOK_FOLDER", str(root / "a folder"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        ready = _build()
        plain = _plain_venv(root, ready)
        write_kernelspec(root / "jupyter", "plain", plain / "bin" / "python", os.environ)
        yield Place(root / "a folder", ready, plain)
    ready.release()


def _build() -> Ready:
    """The environment with its bytecode inside, as it is built once its wheels are compiled."""
    found = find_header(notebook_of({"cells": [{"cell_type": "code", "source": HEADER}]}))
    assert found is not None
    spec, context = spec_of(parse_header(found)), open_context(read_settings())
    with ensure(spec, context) as first:
        environment = first.environment.environment
    manifest = environment.manifest
    if not manifest.bytecode:
        compile_missing(context.store, manifest.python_path, manifest.parts[0].partition("/")[2])
        assert context.store.remove(manifest.kind, environment.key)
    return ensure(spec, context)


def _plain_venv(root: Path, ready: Ready) -> Path:
    """``uv venv`` and ``uv pip install`` of the very versions that the twin has."""
    venv = root / "plain"
    python = ready.layer.environment.manifest.python_path
    distributions = {
        item.name: item.version
        for twin in (ready.layer, ready.environment)
        for item in twin.environment.manifest.distributions
    }
    pins = [f"{name}=={version}" for name, version in distributions.items()]
    binary = uv.find_uv_bin()
    subprocess.run([binary, "venv", "--quiet", "--python", python, venv], check=True)
    install = [binary, "pip", "install", "--quiet", "--python", venv / "bin" / "python"]
    links = ["--find-links", root / "wheels"]
    subprocess.run([*install, *links, "--compile-bytecode", "--no-deps", *pins], check=True)
    return venv


@pytest.fixture(scope="package")
def ours(place: Place) -> Answers:
    """What the kernel of ours answers, once it has its bytecode, as the plain one has."""
    prefixes = [twin.environment.prefix for twin in (place.ready.environment, place.ready.layer)]
    ask("headstart", HEADER, {"warm": "import numpy"}, "", place.folder, prefixes)
    return ask("headstart", HEADER, PROBES, SETUP, place.folder, prefixes)


@pytest.fixture(scope="package")
def plain(place: Place) -> Answers:
    """What the plain kernel answers."""
    return ask("plain", HEADER, PROBES, SETUP, place.folder, [str(place.plain)])
