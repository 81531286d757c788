"""Kernels that get their environment later: it is as if they had been started in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels.forks import Forks

from .conftest import Start
from .linked import Linked, make_environment

KINDS = ("process", "forked", "parked")

EXTENSION = """
import packaged
def load_ipython_extension(shell):
    shell.user_ns["extended"] = packaged.value
"""


@pytest.fixture
def profile() -> Iterator[Path]:
    """The user's profile, in which a test may write."""
    folder = Path(os.environ["IPYTHONDIR"]) / "profile_default"
    (folder / "startup").mkdir(parents=True, exist_ok=True)
    before = set(folder.rglob("*"))
    yield folder
    for path in set(folder.rglob("*")) - before:
        if path.is_file() and path.suffix == ".py":
            path.unlink()


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_the_variables_and_programs_of_the_header(
    start: Start, environment: Path, kind: str
) -> None:
    kernel = start(kind, env={**os.environ, "COLOUR": "blue", "GONE": "1"})
    kernel.attach(
        environment,
        environ={"COLOUR": "red", "GONE": None, "TZ": "Pacific/Kiritimati"},
        prepend_paths=["/first", "/second"],
    )
    values = kernel.hidden(
        "import os, time, sysconfig; child = 'python -c \"import packaged; print(packaged)\"'",
        colour="os.environ['COLOUR']",
        gone="'GONE' in os.environ",
        zone="time.localtime().tm_gmtoff",
        path="os.environ['PATH'].split(':')[:3]",
        child="__import__('subprocess').getoutput(child)",
        scripts="sysconfig.get_path('scripts')",
    )
    assert "environment/lib" in values.pop("child")
    assert values == {
        "colour": "red",
        "gone": False,
        "zone": 14 * 3600,
        "path": [f"{environment}/bin", "/first", "/second"],
        "scripts": f"{environment}/bin",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_start_up_files_and_extensions_have_the_notebooks_packages(
    start: Start, forks: Forks, environment: Path, profile: Path, kind: str
) -> None:
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "extending.py").write_text(EXTENSION)
    (profile / "startup" / "first.py").write_text(
        "import decimal, packaged\n"
        "started = packaged.value\n"
        "decimal.getcontext().prec = 5\n"
        "get_ipython().config.PlainTextFormatter.max_width = 33\n"
    )
    if kind != "parked":  # a configuration is code: nothing is initialised ahead then
        (profile / "ipython_kernel_config.py").write_text(
            "c.IPKernelApp.extensions = ['extending']\n"
            "c.IPKernelApp.exec_lines = ['line = started']\n"
        )
    kernel = start(kind)
    hidden = kernel.run("started", store_history=False)
    assert kernel.reply(hidden)["ename"] == "NameError"

    cell = kernel.run("print(started, decimal.Decimal(1) / 3)")
    kernel.attach(environment)
    assert kernel.reply(cell)["status"] == "ok"
    assert kernel.text(cell) == "42 0.33333\n"
    formatters = "get_ipython().display_formatter.formatters"
    values = kernel.hidden("pass", width=f"{formatters}['text/plain'].max_width")
    assert values == {"width": 33}
    if kind != "parked":
        assert kernel.hidden("pass", values="(extended, line)") == {"values": (42, 42)}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_beside_the_notebook_is_imported_before(
    start: Start, forks: Forks, environment: Path, kind: str
) -> None:
    (forks.folder / "numpy_planted.py").write_text("print('planted')")
    kernel = start(kind)
    code = "import sys, importlib.util as u; found = u.find_spec('numpy_planted')"
    assert kernel.hidden(code, found="found", path="'' in sys.path") == {
        "found": None,
        "path": False,
    }
    kernel.attach(environment)
    cell = kernel.run("import numpy_planted")
    assert kernel.reply(cell)["status"] == "ok"
    assert kernel.text(cell) == "planted\n"


@pytest.mark.parametrize("kind", KINDS)
def test_leases_are_held_until_the_kernel_ends_and_by_no_child(
    start: Start, environment: Path, kind: str
) -> None:
    kernel = start(kind)
    read, write = os.pipe()
    kernel.attach(environment, leases=[write])
    os.close(write)
    cell = kernel.run(
        "import subprocess, gc; gc.collect()\n"
        "child = subprocess.Popen(['sleep', '600'], close_fds=False); print(child.pid)"
    )
    assert kernel.reply(cell)["status"] == "ok"
    os.set_blocking(read, False)
    with pytest.raises(BlockingIOError):
        os.read(read, 1)
    kernel.process.kill()
    os.set_blocking(read, True)
    assert os.read(read, 1) == b"", "nothing else holds it"
    os.close(read)
    os.kill(int(kernel.text(cell)), 9)


def test_one_that_does_not_suit_is_refused(start: Start, tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    (environment / "etc" / "ipython").mkdir(parents=True)
    (tmp_path / "other" / "lib" / "python2.7" / "site-packages").mkdir(parents=True)
    kernel = start()
    assert "configures IPython" in refusal(kernel, environment)
    assert "another Python" in refusal(kernel, tmp_path / "other")
    assert "is not there" in refusal(kernel, tmp_path / "none")


def test_one_that_cannot_be_attached_leaves_all_as_it_was(start: Start, tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "bad.pth").write_text("import sys; sys.exit('no')\n")
    kernel = start()
    say = {
        "python": "(sys.prefix, sys.exec_prefix, sys.executable, sys.path, site.PREFIXES)",
        "environ": "dict(os.environ)",
        "paths": "sysconfig.get_paths()",
    }
    code = "import os, site, sys, sysconfig"
    before = kernel.hidden(code, **say)
    assert "SystemExit" in refusal(kernel, environment)
    assert kernel.hidden(code, **say) == before

    cell = kernel.run("1")
    kernel.until(lambda: kernel.waiting == [cell])
    (tmp_path / "second").mkdir()
    kernel.heard.clear()
    kernel.attach(make_environment(tmp_path / "second"))
    assert kernel.reply(cell)["status"] == "ok"


def test_it_is_attached_after_what_runs_behind_the_scenes(start: Start, environment: Path) -> None:
    kernel = start()
    code = (
        "import asyncio, sys; before = sys.prefix; print('on', flush=True)\n"
        "await asyncio.sleep(0.5); after = sys.prefix"
    )
    hidden = kernel.run(code, store_history=False)
    kernel.until(lambda: kernel.text(hidden))
    kernel.attach(environment)
    assert kernel.replies_to(hidden) or kernel.reply(hidden)["status"] == "ok"
    values = kernel.hidden("pass", same="before == after", now="sys.prefix == before")
    assert values == {"same": True, "now": False}


def refusal(kernel: Linked, environment: Path) -> str:
    """Why it does not take an environment, with a lease that it lets go."""
    kernel.heard.clear()
    read, write = os.pipe()
    kernel.tell(
        "attach",
        environment=str(environment),
        environ={"COLOUR": "red"},
        prepend_paths=["/first"],
        leases=[write],
    )
    os.close(write)
    kernel.until(lambda: kernel.said("refused"))
    assert os.read(read, 1) == b""
    os.close(read)
    text: str = kernel.said("refused")[0]["message"]
    return text


@pytest.mark.parametrize("kind", ["process", "forked"])
def test_of_two_environments_that_a_busy_kernel_is_given_it_has_the_last(
    start: Start, environment: Path, tmp_path: Path, kind: str
) -> None:
    kernel = start(kind)
    go_on = tmp_path / "go-on"
    busy = kernel.run(
        f"import os, time\nwhile not os.path.exists({str(go_on)!r}): time.sleep(0.01)",
        store_history=False,
    )
    kernel.until(lambda: "execute_input" in kernel.types(busy))
    first = kernel.run("import packaged", stop_on_error=False)
    kernel.until(lambda: kernel.waiting == [first])
    ours, theirs = os.pipe()
    kernel.tell("attach", leases=[theirs], environment=str(environment))
    os.close(theirs)
    # The user gives up, corrects the header, and goes on.
    kernel.tell("fail", error={"code": "cancelled", "message": "Stopped."}, runs=1)
    kernel.until(lambda: kernel.waiting == [])
    (tmp_path / "other").mkdir()
    other = make_environment(tmp_path / "other", mended="value = 43")
    second = kernel.run("import mended; print(mended.value)")
    kernel.until(lambda: kernel.waiting == [second])
    kernel.tell("attach", environment=str(other))
    kernel.tell("progress", progress={"message": "It was heard"})
    kernel.until(lambda: "display_data" in kernel.types(second))
    go_on.touch()
    assert kernel.reply(second)["status"] == "ok"
    assert kernel.text(second) == "43\n"
    assert [it["environment"] for it in kernel.said("attached")] == [str(other)]
    assert os.read(ours, 1) == b"", "the lease of the first one has been given back"
    os.close(ours)


def test_a_cell_whose_header_it_was_given_is_not_told_that_it_has_none(
    start: Start, environment: Path
) -> None:
    header = "# /// script\n# dependencies = []\n# ///\n"
    kernel = start(headerless="server")
    # The notebook had no header when the kernel was started; its first cell that is run has one.
    first = kernel.run(header + "import packaged; print(packaged.value)")
    kernel.until(lambda: kernel.waiting == [first])
    kernel.attach(environment, environ={"HEADSTART_HEADER": "{}"})
    assert kernel.reply(first)["status"] == "ok"
    assert (kernel.text(first), kernel.text(first, "stderr")) == ("42\n", "")


def test_a_cell_with_a_header_is_told_if_the_environment_is_that_of_none(
    start: Start, environment: Path
) -> None:
    kernel = start(headerless="server")
    kernel.attach(environment)
    cell = kernel.run("# /// script\n# dependencies = []\n# ///")
    assert kernel.reply(cell)["status"] == "ok"
    assert "started without it" in kernel.text(cell, "stderr")
