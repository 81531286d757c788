"""Other tools that give a notebook its packages, where they install: the same work, warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import nbformat

from tests.benchmarks.launchings import PROCESS, ZYGOTE, measured, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import CannotMeasure, Line, Missing, Plan, Row
from tests.benchmarks.workbench import LINK_MODE, Workbench, base_python

TITLE = "Other tools"

ROOT = Path(__file__).parents[2]

KERNELS = {
    "uvkernel": "uvkernel",
    "uvk": "uvk",
    "pyproject-local-kernel": "pyproject_local_kernel",
}
"""Tools and their kernelspecs. The first two read the notebook's header, the last a project."""

PIXI = Missing(
    "pixi-kernel", "its environments are pixi's, which no Python package index has to install"
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool in a venv of its own, with the same client as everybody."""

    name: str
    venv: Path
    environ: dict[str, str]

    def __str__(self) -> str:
        pattern = f"{self.name.replace('-', '_')}-*.dist-info"
        found = next(self.venv.glob(f"lib/python*/site-packages/{pattern}"), None)
        return f"{self.name} {found.name.split('-')[1].removesuffix('.dist')}" if found else ""


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """To the reply to the first cell, of an environment that each tool has made before."""
    notebook = bench.notebook(plan.packages, cell=plan.imports)
    ready = bench.known(notebook)
    launching = PROCESS
    try:
        measured(bench.ours(notebook, ZYGOTE), ZYGOTE)
        launching = ZYGOTE
    except CannotMeasure:
        pass  # then it is the default here
    contenders: dict[str, Callable[[], float]] = {
        "start": partial(measured, bench.ours(notebook, launching), launching),
        "run": lambda: _run_ours(bench, notebook),
    }
    found: list[Line] = [PIXI]
    names: dict[str, str] = {}
    with ExitStack() as drivers:
        for name, spec in KERNELS.items():
            try:
                tool = _install(bench, name, base_python(ready))
                start = drivers.enter_context(_driver(tool, spec, _place(bench, plan, tool)))
                start(plan.imports)
            except (CannotMeasure, subprocess.CalledProcessError) as reason:
                found.append(Missing(name, str(reason)))
            else:
                contenders[name], names[name] = partial(start, "1 + 1"), str(tool)
        try:
            tool = _install(bench, "juv", base_python(ready))
            _run_juv(tool, notebook)
        except subprocess.CalledProcessError as reason:
            found.append(Missing("juv", str(reason)))
        else:
            contenders["juv"], names["juv"] = lambda: _run_juv(tool, notebook), str(tool)
        samples = by_turns(contenders, plan.rounds, plan.warm_up)
    for name, label in names.items():
        juv = name == "juv"
        what = f"`headstart run` of `{plan.imports}`" if juv else f"first reply, {launching}"
        against = f"{label}, `juv exec`" if juv else label
        found.append(Row(what, samples["run" if juv else "start"], against, samples[name]))
    return found


def _install(bench: Workbench, name: str, python: str) -> Tool:
    venv = bench.path(name)
    client = [
        f"{package}=={metadata.version(package)}" for package in ("nbclient", "jupyter-client")
    ]
    bench.uv("venv", "--python", python, venv)
    install = ("pip", "install", "--python", venv / "bin" / "python")
    bench.uv(*install, name, "uv", "ipykernel", *client)
    environ = {
        **os.environ,
        "PATH": os.pathsep.join([str(venv / "bin"), os.environ["PATH"]]),
        "UV_CACHE_DIR": str(bench.context.store.uv_cache),
        "UV_LINK_MODE": LINK_MODE,
        "UV_PYTHON": python,
    }
    return Tool(name, venv, environ)


def _place(bench: Workbench, plan: Plan, tool: Tool) -> Path:
    """A notebook for a tool, beside a project of uv's if that is what it wants."""
    notebook = bench.notebook(plan.packages)
    if tool.name != "pyproject-local-kernel":
        return notebook
    document = nbformat.read(notebook, as_version=4)
    document.cells = document.cells[1:]
    nbformat.write(document, notebook)
    (notebook.parent / "pyproject.toml").write_text(
        '[project]\nname = "project"\nversion = "0"\nrequires-python = ">=3.11"\n'
        f"dependencies = {json.dumps(plan.packages)}\n[tool.uv]\npackage = false\n"
    )
    uv = tool.venv / "bin" / "uv"
    subprocess.run([uv, "--quiet", "sync"], check=True, cwd=notebook.parent, env=tool.environ)
    return notebook


@contextmanager
def _driver(tool: Tool, spec: str, notebook: Path) -> Iterator[Callable[[str], float]]:
    """From a cell to the seconds until its reply, in a process of the tool's venv."""
    process = subprocess.Popen(
        [tool.venv / "bin" / "python", "-m", "tests.benchmarks.drive"],
        cwd=ROOT,
        env=tool.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    # How a server says which notebook a kernel is for.
    request = {
        "spec": spec,
        "notebook": str(notebook),
        "environ": {"JPY_SESSION_NAME": str(notebook)},
    }

    def start(code: str) -> float:
        settle()
        print(json.dumps({**request, "code": code}), file=process.stdin, flush=True)
        answer = json.loads(process.stdout.readline() or '{"error": "it ended"}')
        if "error" in answer:
            raise CannotMeasure(answer["error"])
        return float(answer["seconds"])

    try:
        yield start
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def _run_ours(bench: Workbench, notebook: Path) -> float:
    """``headstart run``, as it comes."""
    settle()
    environ = bench.ours(notebook, ZYGOTE).environ
    command = [sys.executable, "-P", "-m", "headstart", "run", str(notebook)]
    return _timed(command, {**os.environ, **environ}, notebook.parent)


def _run_juv(tool: Tool, notebook: Path) -> float:
    """``juv exec``, which runs a notebook as a script."""
    settle()
    return _timed(
        [str(tool.venv / "bin" / "juv"), "exec", str(notebook)], tool.environ, notebook.parent
    )


def _timed(command: list[str], environ: dict[str, str], folder: Path) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environ, cwd=folder)
    return time.perf_counter() - begin
