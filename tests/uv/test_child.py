"""What becomes of a child when its parent ends, or when the block is left."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from headstart.testing.package_index import LocalIndex
from headstart.uv.child import child_process
from tests.clients import drive
from tests.clients.drive import alive
from tests.waiting import until

PARENT = """
import sys
from pathlib import Path
from headstart.uv.child import child_process
with child_process(sys.argv[1:], Path("/"), {"PATH": "/usr/bin:/bin"}) as process:
    process.stdout.read()
"""
RESOLVE = """
import sys
from dataclasses import replace
from pathlib import Path
from headstart.settings import read_settings
from headstart.uv.runner import UvRunner
from headstart.uv.commands import compile_lock
from tests.local_uv import spec, this_python
settings = replace(read_settings(), default_index=sys.argv[1], store=Path(sys.argv[2]))
UvRunner(settings, settings.store / "uv").run(compile_lock(spec("alpha"), this_python()))
"""
SLEEPING = "sleep 600 & sleep 600 & echo started; wait"


@pytest.fixture
def start():
    """Starts a Python that has a child; it is reaped at the end."""
    started = []

    def start(script, *arguments):
        command = [sys.executable, "-c", script, *map(str, arguments)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(60)


def below(process, *names):
    """Pids of a process's descendants; of those that have one of the names, if any are given."""
    return [child.pid for child in drive.below(process, *names)]


def test_a_parent_that_is_killed_takes_its_child_and_the_childs_children_along(start):
    parent = start(PARENT, "/bin/sh", "-c", SLEEPING)
    until(lambda: len(below(parent, "sleep")) == 2)
    pids = below(parent)
    parent.kill()
    until(lambda: not any(map(alive, pids)))


def test_uv_ends_with_a_client_that_is_killed_and_leaves_nothing(
    start, house, tmp_path, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "600")  # or one that is left ends by itself
    with LocalIndex(house, delay=600) as slow:
        client = start(RESOLVE, slow.url, tmp_path)
        until(lambda: below(client, "uv"))
        pids = below(client, "uv")
        assert list(temporary.iterdir())
        client.kill()
        until(lambda: not any(map(alive, pids)))
    assert not list(temporary.iterdir())


def test_leaving_the_block_ends_the_child_and_its_children():
    with child_process(["/bin/sh", "-c", SLEEPING], Path("/"), {"PATH": "/bin"}) as process:
        assert process.stdout.readline() == b"started\n"
        pids = [process.pid, *below(process)]
    assert len(pids) == 5
    until(lambda: not any(map(alive, pids)))


def test_a_child_that_ends_leaves_no_process_and_its_exit_code_is_known():
    before = psutil.Process().children(recursive=True)
    with child_process(["/bin/sh", "-c", "echo out; exit 7"], Path("/"), {}) as process:
        assert process.stdout.read() == b"out\n"
        assert process.wait(60) == 7
    assert psutil.Process().children(recursive=True) == before


def test_a_child_has_no_input_and_only_the_environment_that_it_is_given():
    with child_process(["/usr/bin/env"], Path("/"), {"ONE": "1"}) as process:
        names = {line.split(b"=")[0] for line in process.stdout.read().splitlines()}
    assert names - {b"PWD", b"_", b"SHLVL", b"OLDPWD"} == {b"ONE"}
    with child_process(["/bin/cat"], Path("/"), {}) as process:
        assert process.stdout.read() == b""


def test_to_have_an_eye_on_a_child_takes_one_process_more():
    """The shell is the process, and the watcher another one: no more are started."""
    with child_process(["/bin/sh", "-c", SLEEPING], Path("/"), {"PATH": "/bin"}) as process:
        assert process.stdout.readline() == b"started\n"
        found = psutil.Process(process.pid).children()
        assert [child.cmdline()[:2] for child in found if "sleep" not in child.name()] == [
            ["/bin/sh", "-c"],
            ["/bin/sh", "-c"],
        ]


def test_no_file_becomes_larger_than_it_may(tmp_path):
    script = "head -c 5000 /dev/zero > large; echo $?; head -c 500 /dev/zero > small"
    command = ["/bin/sh", "-c", script]
    environ = {"PATH": "/usr/bin:/bin"}
    with child_process(command, tmp_path, environ, largest_file=1000) as process:
        said = process.stdout.read()
        assert process.wait(60) == 0
    assert said != b"0\n"
    assert (tmp_path / "large").stat().st_size == 1024
    assert (tmp_path / "small").stat().st_size == 500
