"""The two kernels, and what each answered."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import uv

from headstart import envvars
from headstart.core.header.normalise import spec_of
from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import find_header, notebook_of
from headstart.core.store.manifest import Environment
from headstart.environments.context import open_context
from headstart.environments.ready import Ready, ensure
from headstart.environments.upkeep.compile_wheels import compile_missing
from headstart.settings import read_settings
from headstart.store.store import Store
from tests.isolation import PREFIX, remove_tree
from tests.zygotes import Zygotes

from .kernels import Answers, ask, run, write_kernelspec
from .launching import Launching, is_long, launchings_of_probes
from .packages import (
    REQUIREMENTS,
    make_odd_wheels,
    write_ipython_profile,
    write_notebook_folder,
    write_startup,
)
from .probes import PROBES, SETUP
from .script import QUICK, all_scripts, modules, read_script, requirements, scripts
from .starting import Kernel

PACKAGES = ("numpy", "pandas", "matplotlib", "ipywidgets", *REQUIREMENTS)


@dataclass(frozen=True)
class Place:
    """Where the twins live: the notebook's folder, and the environment as it was built."""

    folder: Path
    ready: Ready
    plain: Path
    packages: tuple[str, ...]
    zygotes: Zygotes

    def ours(self, launching: Launching, preload: tuple[str, ...] = ("numpy",)) -> Kernel:
        """The kernel of ours, with a header that has modules imported ahead."""
        twins = (self.ready.environment, self.ready.layer)
        prefixes = tuple(twin.environment.prefix for twin in twins)
        return Kernel(
            "headstart",
            self.folder,
            prefixes,
            header(self.packages, preload),
            self.folder.parent / "ipython",
            self.zygotes,
            launching,
            preload,
        )

    def twin(self, preload: tuple[str, ...] = ("numpy",)) -> Kernel:
        """The plain kernel, with the same header."""
        lines = header(self.packages, preload)
        ipython = self.folder.parent / "ipython"
        prefixes = (str(self.plain),)
        return Kernel(self.plain.name, self.folder, prefixes, lines, ipython, self.zygotes)


@pytest.fixture(scope="package")
def zygotes() -> Iterator[Zygotes]:
    """Those of these tests, which end with them; below a folder whose path is short."""
    runtime = Path(tempfile.mkdtemp(prefix=PREFIX))
    zygotes = Zygotes(runtime / "zygotes")
    yield zygotes
    zygotes.end()
    remove_tree(runtime)


@pytest.fixture(scope="package")
def root(
    tmp_path_factory: pytest.TempPathFactory, shared_store: Path, zygotes: Zygotes
) -> Iterator[Path]:
    """A folder with all that the twins need, which the process's variables point to."""
    root = tmp_path_factory.mktemp("fidelity")
    make_odd_wheels(root / "wheels")
    write_notebook_folder(root / "a folder")
    write_startup(root / "ipython")
    write_ipython_profile(root / "configured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(envvars.STORE, str(shared_store))
        patch.setenv(envvars.FIND_LINKS, str(root / "wheels"))
        patch.setenv("UV_CACHE_DIR", str(Store(shared_store).uv_cache))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(zygotes.folder.parent))
        patch.setenv("JUPYTER_PATH", str(root / "jupyter"))
        patch.setenv("HS_NOTEBOOK_FOLDER", str(root / "a folder"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield root


@pytest.fixture(scope="package")
def place(root: Path, zygotes: Zygotes) -> Iterator[Place]:
    """A Headstart environment, and a venv that holds the same packages and ipykernel's."""
    packages = (*PACKAGES, *requirements(QUICK))
    if is_long():
        with _build(packages) as first:
            environment = first.environment.environment
        _compile(environment)
    with _build(packages) as ready:
        venv = _plain_venv(root, "plain", ready)
        yield Place(root / "a folder", ready, venv, packages, zygotes)


@pytest.fixture(scope="package")
def large_place(root: Path, zygotes: Zygotes) -> Iterator[Place]:
    """The same with the packages of all scripts, which are compiled when they are imported."""
    packages = (*PACKAGES, *requirements(all_scripts()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(envvars.LINK_MODE, "hardlink")
        with _build(packages) as ready:
            venv = _plain_venv(root, "plain-large", ready)
            yield Place(root / "a folder", ready, venv, packages, zygotes)


def header(packages: Iterable[str], preload: Iterable[str] = ()) -> str:
    """The first cell of a notebook that needs these packages."""
    lines = ", ".join(f'"{line}"' for line in dict.fromkeys(packages))
    modules = ", ".join(f'"{name}"' for name in preload)
    return (
        f"# /// script\n# dependencies = [{lines}]\n#\n"
        f"# [tool.headstart]\n# preload = [{modules}]\n# ///"
    )


def _build(packages: Iterable[str]) -> Ready:
    source = header(packages)
    found = find_header(notebook_of({"cells": [{"cell_type": "code", "source": source}]}))
    assert found is not None
    return ensure(spec_of(parse_header(found)), open_context(read_settings()))


def _compile(environment: Environment) -> None:
    """Let the environment be built again with its bytecode inside."""
    manifest, store = environment.manifest, open_context(read_settings()).store
    if not manifest.bytecode:
        compile_missing(store, manifest.python_path, manifest.parts[0].partition("/")[2])
        assert store.remove(manifest.kind, environment.key)


def _plain_venv(root: Path, name: str, ready: Ready) -> Path:
    """``uv venv`` and ``uv pip install`` of the very versions that the twin has; a kernelspec.

    What is imported there has its bytecode from then on, of packages most of which nothing imports.
    """
    venv = root / name
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
    subprocess.run([*install, *links, "--no-deps", *pins], check=True)
    write_kernelspec(root / "jupyter", name, venv / "bin" / "python", os.environ)
    return venv


@pytest.fixture(scope="package")
def ask_plain() -> Callable[[Kernel], Answers]:
    """What a plain kernel answers, which is asked once."""
    return cache(partial(ask, probes=PROBES, setup=SETUP))


@pytest.fixture(scope="package", params=launchings_of_probes(), ids=str)
def both(
    request: pytest.FixtureRequest, place: Place, ask_plain: Callable[[Kernel], Answers]
) -> tuple[Answers, Answers]:
    """What a kernel of ours answers, once it has its bytecode, and what the plain one answers."""
    launching = request.param
    kernel = _profiled(place.ours(launching), launching)
    run(kernel, ["import numpy"])
    return ask(kernel, PROBES, SETUP), ask_plain(_profiled(place.twin(), launching))


def _profiled(kernel: Kernel, launching: Launching) -> Kernel:
    """The kernel with all that a profile may have, where kernels that start so may have it."""
    folder = kernel.ipython.parent / ("ipython" if launching.ahead else "configured")
    return replace(kernel, ipython=folder)


class Stage:
    """Where scripts run. What the plain kernel answers is asked once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._plain: dict[str, list[Any]] = {}

    def ours(self, script: str, launching: Launching) -> list[Any]:
        """The outputs of the cells, and of the process, in a kernel of ours."""
        if launching.preload:
            # Those of other scripts were wanted more often, and would keep this one's away.
            self._place.zygotes.end()
        return self._run(self._place.ours(launching, modules(script)), script)

    def plain(self, script: str) -> list[Any]:
        """The same of a plain kernel."""
        if script not in self._plain:
            self._plain[script] = self._run(self._place.twin(modules(script)), script)
        return self._plain[script]

    @staticmethod
    def _run(kernel: Kernel, script: str) -> list[Any]:
        return run(kernel, [cell.source for cell in read_script(script)])


@pytest.fixture(scope="package")
def stage(request: pytest.FixtureRequest) -> Stage:
    """The place that has all packages of the scripts that are to be run."""
    everything = scripts() == all_scripts()
    return Stage(request.getfixturevalue("large_place" if everything else "place"))
