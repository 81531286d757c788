"""Headers that mean the same share an environment; a header that is known starts no process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.notebook.find import Cell, Notebook
from headstart.environments.context import Context
from headstart.environments.ready import ensure
from headstart.request.directory import DiskFolder
from headstart.request.read import request_of
from headstart.settings import environ_of
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.package_index import LocalIndex
from headstart.uv.process import find_binary
from headstart.uv.runner import UvRunner

REQUIREMENTS = ("beta<2,>=1", 'shared!=2.0,>=1; python_version >= "3.8"')
"""What all of `SAME` mean."""

SAME = {
    "order": ['shared>=1,!=2.0; python_version>="3.8"', "beta>=1,<2"],
    "names": ["BETA>=1,<2", 'Shared>=1,!=2.0; python_version>="3.8"'],
    "white space": ["  beta  >= 1 ,\t< 2", 'shared >=1, !=2.0 ;python_version   >=  "3.8"'],
    "duplicates": ["beta>=1,<2", "beta<2,>=1", 'shared>=1,!=2.0; python_version>="3.8"', "beta"],
    "specifier order": ["beta<2,>=1", 'shared!=2.0,>=1; python_version>="3.8"'],
    "parentheses": ["beta (>=1,<2)", 'shared (>=1,!=2.0) ; (python_version>="3.8")'],
    "one bound each": ["beta>=1", "beta<2", "shared>=1; python_version>='3.8'",
                       'shared!=2.0; python_version>="3.8"'],
    "quotes of markers": ["beta>=1,<2", "shared>=1,!=2.0; python_version>='3.8'"],
    "no extras": ["beta[]>=1,<2", 'shared[]>=1,!=2.0; python_version>="3.8"'],
}  # fmt: skip


def in_cell(*lines: str) -> Notebook:
    return Notebook((Cell(0, "code", block(*lines)),))


def block(*lines: str) -> str:
    return "\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///"])


def in_metadata(value: object) -> Notebook:
    return Notebook(metadata={"headstart": value})


PLACES: dict[str, Callable[[], Notebook]] = {
    "a cell": lambda: in_cell(f"dependencies = {json.dumps(REQUIREMENTS)}"),
    "a cell with other quotes": lambda: in_cell(
        "dependencies = [", "  'beta<2,>=1',  # why", f"  '{REQUIREMENTS[1]}',", "]"
    ),
    "a cell with more in it": lambda: in_cell(
        f"dependencies = {json.dumps(REQUIREMENTS)}", "[tool.headstart]", 'env = {A = "b"}'
    ),
    "a raw cell": lambda: Notebook(
        (Cell(0, "raw", block(f"dependencies = {json.dumps(REQUIREMENTS)}")),)),
    "a list in the metadata": lambda: in_metadata(list(REQUIREMENTS)),
    "a string in the metadata": lambda: in_metadata("beta>=1,<2, " + REQUIREMENTS[1]),
    "lines in the metadata": lambda: in_metadata({"dependencies": "\n".join(REQUIREMENTS)}),
    "front matter": lambda: Notebook((Cell(0, "raw", "\n".join(
        ["---", "headstart:", *(f"  - {json.dumps(line)}" for line in REQUIREMENTS), "---"])),)),
    "a script": lambda: Notebook(
        path="a.py", text=block(f"dependencies = {json.dumps(REQUIREMENTS)}")),
    "Markdown": lambda: Notebook(path="a.md", text="---\nheadstart: |\n  "
        + "\n  ".join(REQUIREMENTS) + "\n---\n"),
    "a requirements file": lambda: in_cell("[tool.headstart]", 'requirements = "same.txt"'),
}  # fmt: skip


def spec_of(notebook: Notebook, folder: Path) -> EnvironmentSpec:
    """What a notebook in a folder asks for."""
    return request_of(notebook, DiskFolder(folder)).spec


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file with a line for each uv process that `counted` has started."""
    return tmp_path / "uv.log"


@pytest.fixture
def counted(context: Context, log: Path, tmp_path: Path) -> Context:
    """A context with a uv that notes each of its processes, and is the real one."""
    binary = tmp_path / "uv"
    binary.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec "{find_binary()}" "$@"\n')
    binary.chmod(0o755)
    uv = UvRunner(context.settings, context.store.uv_cache, str(binary))
    return context._replace(uv=uv)


def key_of(spec: EnvironmentSpec, context: Context) -> str:
    with ensure(spec, context) as ready:
        return ready.environment.environment.key


def test_headers_that_differ_in_spelling_share_one_environment(counted, log, index, tmp_path):
    (tmp_path / "same.txt").write_text("# all of it\n" + "\n".join(REQUIREMENTS) + "\n")
    first = spec_of(in_metadata(list(REQUIREMENTS)), tmp_path)
    key = key_of(first, counted)
    assert log.read_text().count("pip compile") >= 1
    log.write_text("")
    index.requests.clear()
    said = {name: in_metadata(lines) for name, lines in SAME.items()}
    for name, notebook in [*said.items(), *((name, made()) for name, made in PLACES.items())]:
        spec = spec_of(notebook, tmp_path)
        assert (spec.requirements, spec.digest) == (REQUIREMENTS, first.digest), name
        assert key_of(spec, counted) == key, name
    assert (log.read_text(), index.requests) == ("", [])


@pytest.mark.parametrize(
    "lines",
    [
        ["beta>=1,<3"],
        ["beta[x]>=1,<2"],
        ["beta>=1,<2; python_version>='3.9'"],
        ["beta>=1"],
        ["bet"],
    ],
)
def test_headers_that_differ_in_meaning_have_other_digests(lines: list[str], tmp_path) -> None:
    assert (
        spec_of(in_metadata(lines), tmp_path).digest
        != spec_of(in_metadata(["beta>=1,<2"]), tmp_path).digest
    )


def test_different_headers_with_the_same_lock_share_one_environment(counted, log, tmp_path):
    asked = [["beta"], ["beta", "alpha"], ["beta==1.0", "shared"], ["beta>0.1", "alpha<2"]]
    specs = [spec_of(in_metadata(lines), tmp_path) for lines in asked]
    assert len({spec.digest for spec in specs}) == len(asked)
    with ensure(specs[0], counted) as ready:
        environment, lock = ready.environment.environment, ready.lock
    for spec in specs[1:]:
        with ensure(spec, counted) as again:
            assert again.reused
            assert again.lock == lock
            assert again.environment.environment == environment
    assert log.read_text().count("pip sync") == 2  # its wheels, and the kernel layer's
    direct = [
        [item.name for item in environment.packages(spec.direct) if item.direct] for spec in specs
    ]
    assert direct == [["beta"], ["alpha", "beta"], ["beta", "shared"], ["alpha", "beta"]]


def test_what_only_the_kernel_is_told_makes_no_other_environment(counted, log, tmp_path):
    plain = in_metadata({"dependencies": "beta"})
    told = in_metadata({"dependencies": "beta", "env": {"A": "b"}, "preload": ["beta"]})
    key = key_of(spec_of(plain, tmp_path), counted)
    log.write_text("")
    assert key_of(spec_of(told, tmp_path), counted) == key
    assert log.read_text() == ""


COUNTED = """
import sys
events = []
watched = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.system",
           "socket.connect", "socket.bind", "socket.getaddrinfo")
sys.addaudithook(lambda name, _: events.append(name) if name in watched else None)
from headstart.cli.main import main
code = main(sys.argv[1:])
print(code, events, file=sys.stderr)
"""


@pytest.mark.parametrize("verb", ["ensure", "show"])
def test_a_known_header_starts_no_process_and_opens_no_connection(
    context: Context, index: LocalIndex, tmp_path: Path, verb: str
) -> None:
    notebook = save_notebook(tmp_path / "a.ipynb", header_cell("beta"), kernel="")

    def run() -> str:
        command = [sys.executable, "-c", COUNTED, verb, str(notebook)]
        environ = environ_of(context.settings)
        return subprocess.run(command, env=environ, capture_output=True, text=True).stderr

    assert "subprocess.Popen" in run()  # it does count
    key_of(spec_of(in_metadata(["beta"]), tmp_path), context)
    index.requests.clear()
    assert run() == "0 []\n"
    assert index.requests == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_system_sees_no_process_and_no_connection_either(context: Context, tmp_path: Path):
    notebook = save_notebook(tmp_path / "a.ipynb", header_cell("beta"), kernel="")
    key_of(spec_of(in_metadata(["beta"]), tmp_path), context)
    log, calls = tmp_path / "calls", "trace=execve,execveat,fork,vfork,clone,clone3,connect"
    command = [sys.executable, "-m", "headstart", "ensure", str(notebook)]
    subprocess.run(
        ["strace", "-f", "-qq", "-e", calls, "-o", str(log), *command],
        env=environ_of(context.settings),
        check=True,
        capture_output=True,
    )
    first, *others = log.read_text().splitlines()
    assert "execve(" in first  # strace's own: the command itself
    assert [line for line in others if "AF_UNIX" not in line] == []  # who the user is
