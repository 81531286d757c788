"""``headstart launch``, as the kernelspec's own command: no provisioner has a hand in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.connect import write_connection_file

import headstart as package
from headstart import envvars
from headstart_kernel.launch_request import FAILURE
from tests.waiting import LIMIT, until

from ..conftest import block
from .test_verbs import environments

SPEC = Path(package.__file__).parent / "kernels/spec/kernel.json"


Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(environ: dict[str, str], tmp_path: Path) -> Iterator[Launch]:
    """Runs the command of the kernelspec, as a client does."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object, file: object = "k.json", **variables: str) -> subprocess.Popen[str]:
        argv = [item.format(connection_file=file) for item in json.loads(SPEC.read_text())["argv"]]
        assert argv[0] == "python"
        process = subprocess.Popen(
            [sys.executable, *argv[1:], *map(str, arguments)],
            env={**environ, **variables},
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_launch_becomes_the_kernel_and_leaves_no_wrapper(launch, notebook, headstart) -> None:
    path = notebook(block("beta"))
    built = json.loads(headstart("ensure", path, "--json").stdout)
    process = launch("--notebook", path, "--", "--debug")
    reply = json.loads(process.stdout.readline())
    assert (reply["pid"], reply["parent"]) == (process.pid, os.getpid())
    assert reply["prefix"] == built["prefix"]
    assert reply["argv"][1:] == ["-f", str(path.with_name("k.json").resolve()), "--debug"]
    used = environments(headstart)
    assert used[built["key"]]["in_use"]
    assert used[built["layer"]]["in_use"]
    (user,) = used[built["key"]]["users"]
    assert (user["pid"], user["notebook"]) == (process.pid, str(path))
    assert process.communicate(timeout=LIMIT) == ("", "")
    assert process.returncode == 7
    assert not environments(headstart)[built["key"]]["in_use"]


def test_launch_becomes_the_kernel_of_a_text_notebook(launch, notebook, headstart) -> None:
    other = notebook(block("beta"))
    built = headstart("ensure", other).stdout.strip()
    path = other.with_name("a.py")
    path.write_text(f"import os\n\n{block('beta')}\n")
    reply = json.loads(launch("--notebook", path).stdout.readline())
    assert reply["prefix"] == built


def test_launch_without_a_notebook_has_an_empty_environment(launch, headstart) -> None:
    left_out = {envvars.PYTHONHOME: sys.base_prefix, envvars.DEFAULT_PROVISIONER: "headstart"}
    process = launch(**left_out)
    reply = json.loads(process.stdout.readline())
    process.communicate(timeout=LIMIT)
    assert environments(headstart)[Path(reply["prefix"]).name]["packages"] == 0
    assert not left_out.keys() & set(reply["environ"])


def test_launch_starts_a_kernel_that_explains_when_it_fails(launch, notebook) -> None:
    process = launch("--notebook", notebook("# /// script"))
    assert process.stderr.readline().startswith("error: In cell 1, line 1: ")
    running = psutil.Process(process.pid)
    while "launcher.py" not in " ".join(running.cmdline()):
        assert process.poll() is None
    assert running.cmdline()[0] == sys.executable
    assert json.loads(running.environ()[FAILURE])["code"] == "header"


def test_a_module_next_to_the_notebook_is_not_taken_for_the_standard_librarys(
    launch, notebook
) -> None:
    path = notebook(block("beta"))
    for name in ("json.py", "headstart.py", "argparse.py"):
        path.with_name(name).write_text("raise SystemExit('taken')")
    process = launch("--notebook", path)
    assert process.communicate(timeout=LIMIT)[1] == ""
    assert process.returncode == 7


def test_launch_gives_the_kernel_what_its_header_says(launch, notebook, tmp_path) -> None:
    (tmp_path / "tools").mkdir()
    table = ["# [tool.headstart]", "# prepend-paths = ['tools']", "# env = {HS_TITLE = 'x'}"]
    path = notebook("\n".join(["# /// script", *table, "# ///"]))
    process = launch("--notebook", path)
    reply = json.loads(process.stdout.readline())
    process.communicate(timeout=LIMIT)
    assert "HS_TITLE" in reply["environ"]
    assert reply["path"][:2] == [f"{reply['prefix']}/bin", str(tmp_path / "tools")]


# -- with a real kernel ---------------------------------------------------------------------------


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[tuple[Path, BlockingKernelClient]]:
    """A connection file, and a client that knows of nothing else."""
    file = tmp_path / "kernel.json"
    write_connection_file(str(file))
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    yield file, client
    client.stop_channels()


def listens(port: int) -> bool:
    """Whether somebody has bound a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answer(client: BlockingKernelClient, code: str, hidden: bool = True) -> dict[str, Any]:
    """What a kernel that is on its way replies.

    :param hidden: is the code none of a notebook's?
    """
    until(lambda: listens(client.hb_port))
    client.start_channels()
    client.wait_for_ready(timeout=LIMIT)
    return client.execute_interactive(code, timeout=LIMIT, store_history=not hidden)["content"]


def real(store: Path) -> dict[str, str]:
    """The session's own environment: real packages come from where uv finds them."""
    return {**os.environ, envvars.DEFAULT_INDEX: "", envvars.STORE: str(store)}


@pytest.mark.real_index
def test_a_client_that_knows_no_provisioner_gets_the_notebooks_environment(
    connection, launch, notebook, shared_store
) -> None:
    file, client = connection
    process = launch("--notebook", notebook(block("six")), file=file, **real(shared_store))
    reply = answer(client, "import six, sys, os; assert sys.prefix in six.__file__; os.getpid()")
    assert reply["status"] == "ok", reply
    client.shutdown()
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0


@pytest.mark.real_index
def test_a_client_that_names_no_notebook_is_told_so_by_the_headers_cell(
    connection, launch, shared_store
) -> None:
    file, client = connection
    process = launch(file=file, **real(shared_store))
    reply = answer(client, block("six"), hidden=False)
    assert (reply["status"], reply["ename"]) == ("error", "HeadstartError")
    assert "--notebook PATH" in "".join(reply["traceback"])
    client.shutdown()
    process.communicate(timeout=LIMIT)


def test_a_client_that_knows_no_provisioner_is_told_why_there_is_no_environment(
    connection, launch, notebook
) -> None:
    file, client = connection
    process = launch("--notebook", notebook(block("alhpa")), file=file)
    reply = answer(client, "1 + 1")
    assert (reply["status"], reply["ename"]) == ("error", "HeadstartError")
    assert "alhpa" in reply["evalue"]
    client.shutdown()
    process.communicate(timeout=LIMIT)
