"""``show``, ``ensure``, ``list`` and ``launch``, as console scripts."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from headstart.testing.package_index import LocalIndex
from tests.clients.drive import below
from tests.waiting import LIMIT, until

from ..conftest import SCRIPT, block


def environments(headstart) -> dict[str, dict[str, object]]:
    """What ``headstart list`` knows, by key."""
    listed = json.loads(headstart("list", "--json").stdout)["environments"]
    return {entry["key"]: entry for entry in listed}


# -- ensure ---------------------------------------------------------------------------------------


def test_ensure_prints_the_prefix_of_what_the_header_asks_for(headstart, notebook) -> None:
    path = notebook("1 + 1", block("beta"))
    result = headstart("ensure", path)
    assert (result.returncode, result.stderr) == (0, "")
    python = Path(result.stdout.strip()) / "bin/python"
    code = "import alpha, beta; print(alpha.__version__)"
    assert subprocess.check_output([python, "-c", code], text=True).strip() == "1.0"


def test_ensure_a_second_time_reuses_it_and_asks_no_index(headstart, notebook, index) -> None:
    path = notebook(block("beta"))
    first = json.loads(headstart("ensure", path, "--json").stdout)
    count = len(index.requests)
    second = json.loads(headstart("ensure", path, "--json").stdout)
    assert (second["prefix"], second["reused"]) == (first["prefix"], True)
    assert second["packages"] == 2
    assert len(index.requests) == count


def test_ensure_prepares_what_an_ephemeral_header_would_get(headstart, notebook) -> None:
    path = notebook(block("alpha", refresh=True))
    result = headstart("ensure", path)
    assert Path(result.stdout.strip()).is_dir()
    assert result.stderr.startswith("note: ")


def test_ensure_says_which_header_is_hidden(headstart, notebook) -> None:
    result = headstart("ensure", notebook(block("alpha"), headstart="beta"))
    assert result.returncode == 0
    assert result.stderr.startswith("note: The header in cell 1, line 1 hides")


def test_ensure_says_which_package_there_is_not(headstart, notebook) -> None:
    result = headstart("ensure", notebook(block("alhpa")))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert "alhpa" in result.stderr
    assert "Traceback" not in result.stderr


def test_ensure_says_where_it_stands(headstart, notebook) -> None:
    lines = ["# /// script", "# dependencies = [", '#   "beta",', '#   "Alhpa",', "# ]", "# ///"]
    path = notebook("1 + 1", "\n".join(lines))
    shown = headstart("ensure", path).stderr
    assert shown.endswith("in the header. alhpa is in cell 2, line 4.\n")
    error = json.loads(headstart("ensure", path, "--json").stdout)["error"]
    location = {"requirement": "Alhpa", "where": "cell 2, line 4", "cell": 2, "line": 4}
    assert error["details"]["places"] == [location]


@pytest.mark.parametrize("verb", ["lock", "show", "tree", "export", "verify"])
def test_other_verbs_say_so_too(headstart, notebook, verb) -> None:
    options = ["--imports"] if verb == "verify" else []
    result = headstart(verb, notebook(block("alpha>=3")), *options)
    assert result.returncode == 1
    assert "alpha is in cell 1, line 2." in result.stdout + result.stderr


def test_what_a_file_asks_for_has_no_place(headstart, notebook) -> None:
    path = notebook('# /// script\n# [tool.headstart]\n# requirements = "r.txt"\n# ///')
    path.with_name("r.txt").write_text("alhpa\n")
    error = json.loads(headstart("ensure", path, "--json").stdout)["error"]
    assert "places" not in error["details"]
    assert error["hint"].endswith("in the header.")


def read_all(descriptor: int) -> str:
    """What a terminal showed until its last user closed it."""
    shown = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # on Linux: no process has it open
            part = b""
        if not part:
            return shown.decode()
        shown += part


def test_ensure_shows_progress_on_a_terminal(environ, notebook, store_root) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, "ensure", notebook(block("beta"))],
        env={**environ, "HEADSTART_STORE": str(store_root), "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = read_all(ours)
    os.close(ours)
    prefix = process.communicate(timeout=LIMIT)[0].decode().strip()
    assert prefix.startswith(str(store_root))
    assert "Resolving" in shown


HOSTILE = "a\x1b[2J\u202e\x9b.ipynb"


@pytest.mark.parametrize("verb", ["ensure", "show", "tree", "lock", "verify", "run", "sync"])
@pytest.mark.parametrize("cell", [block("missing\x1b[2J"), block("alpha=\u202e1"), "1 + 1"])
def test_nothing_in_a_notebook_or_its_name_commands_a_terminal(
    environ, notebook, verb, cell
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, verb, notebook(cell, name=HOSTILE)],
        env={**environ, "TERM": "dumb", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = read_all(ours)
    os.close(ours)
    process.wait(LIMIT)
    assert not [command for command in ("\x1b[2J", "\u202e", "\x9b") if command in shown]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "verb, expected", [("ensure", "Interrupted."), ("run", "The run was interrupted.")]
)
def test_a_signal_stops_a_build_and_all_that_it_started(
    environ, house, notebook, store_root, number, verb, expected
) -> None:
    with LocalIndex(house, delay=LIMIT) as slow:
        urls = {"HEADSTART_DEFAULT_INDEX": slow.url, "HEADSTART_STORE": str(store_root)}
        process = subprocess.Popen(
            [SCRIPT, verb, notebook(block("beta"))],
            env={**environ, **urls},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: below(process, "uv") or process.poll() is not None)
        children = below(process)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=LIMIT / 2)
    assert (process.returncode, stdout) == (130, "")
    assert stderr == f"error: {expected}\n"
    assert psutil.wait_procs(children, timeout=LIMIT)[1] == []
    assert list(store_root.glob("v1/building/*")) == []


# -- show -----------------------------------------------------------------------------------------


def test_show_says_what_would_be_built_and_builds_nothing(headstart, notebook, store_root) -> None:
    path = notebook("1 + 1", block("beta"))
    result = headstart("show", path, HEADSTART_STORE=str(store_root))
    assert (result.returncode, result.stderr) == (0, "")
    assert "header       cell 2\n" in result.stdout
    assert "not built yet; this would be installed" in result.stdout
    assert [line.split()[:2] for line in result.stdout.splitlines()[-3:]] == [
        ["PACKAGE", "VERSION"],
        ["beta", "1.0"],
        ["alpha", "1.0"],
    ]
    assert not list(store_root.glob("v1/environments/*"))


def test_show_says_what_is_there(headstart, notebook) -> None:
    path = notebook(block("beta"))
    built = json.loads(headstart("ensure", path, "--json").stdout)
    shown = json.loads(headstart("show", path, "--json").stdout)
    assert shown["header"]["requirements"] == ["beta"]
    assert shown["environment"]["prefix"] == built["prefix"]
    assert shown["lock"] == built["lock"]
    packages = {item["name"]: item for item in shown["packages"]}
    assert packages["beta"]["direct"]
    assert packages["alpha"]["required_by"] == ["beta"]
    assert built["prefix"] in headstart("show", path).stdout


def test_show_has_this_notebooks_packages_as_direct(headstart, notebook) -> None:
    first = notebook(block("beta"))
    second = notebook(block("beta", "alpha"), name="c.ipynb")
    built = [json.loads(headstart("ensure", path, "--json").stdout) for path in (first, second)]
    assert built[0]["prefix"] == built[1]["prefix"]
    shown = json.loads(headstart("show", second, "--json").stdout)["packages"]
    assert {item["name"]: item["direct"] for item in shown} == {"alpha": True, "beta": True}


def test_show_of_a_notebook_without_a_header(headstart, notebook) -> None:
    result = headstart("show", notebook("1 + 1"))
    assert result.returncode == 0
    assert "header       none\n" in result.stdout


def test_show_says_why_there_is_no_lock_and_shows_the_rest(headstart, notebook) -> None:
    path = notebook(block("alpha>=3"))
    result = headstart("show", path)
    assert result.returncode == 1
    assert "alpha>=3" in result.stdout
    assert "error: " in result.stdout
    shown = json.loads(headstart("show", path, "--json").stdout)
    assert (shown["lock"], shown["environment"]) == (None, None)
    assert shown["error"]["code"] == "no-such-version"


def test_what_show_resolved_is_what_ensure_builds(headstart, notebook, store_root) -> None:
    path, own = notebook(block("alpha")), {"HEADSTART_STORE": str(store_root)}
    shown = json.loads(headstart("show", path, "--json", **own).stdout)
    built = json.loads(headstart("ensure", path, "--json", **own).stdout)
    assert built["lock"] == shown["lock"]


# -- list -----------------------------------------------------------------------------------------


def test_an_empty_store_is_said_to_be_empty(headstart, store_root) -> None:
    own = {"HEADSTART_STORE": str(store_root / "none")}
    assert "no environments" in headstart("list", **own).stdout
    assert json.loads(headstart("list", "--json", **own).stdout)["environments"] == []
    assert not (store_root / "none").exists()


def test_list_shows_environments_and_layers(headstart, notebook) -> None:
    built = json.loads(headstart("ensure", notebook(block("beta")), "--json").stdout)
    entries = environments(headstart)
    entry = entries[built["key"]]
    assert (entry["kind"], entry["packages"], entry["damaged"]) == ("environment", 2, False)
    assert entry["size"] > 0
    assert entry["last_used"]
    assert entries[built["layer"]]["kind"] == "layer"
    lines = headstart("list").stdout.splitlines()
    assert lines[0].startswith("KEY")
    assert any(line.startswith(built["key"][:12]) for line in lines)


def test_a_store_that_is_not_ours_is_an_error(headstart, notebook, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    result = headstart("ensure", notebook(block("beta")), HEADSTART_STORE=str(tmp_path / "file"))
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")


# -- text notebooks -------------------------------------------------------------------------------


def test_a_text_notebook_is_shown_and_shares_the_environment_of_others(
    headstart, notebook, tmp_path
) -> None:
    ready = headstart("ensure", notebook(block("beta"))).stdout.strip()
    texts = {
        "a.py": (f"import os\n\n{block('beta')}\n", "text"),
        "a.qmd": ("---\nheadstart: beta\n---\n\n# Title\n", "front-matter"),
    }
    for name, (text, location) in texts.items():
        path = tmp_path / name
        path.write_text(text)
        assert headstart("ensure", path).stdout.strip() == ready
        shown = json.loads(headstart("show", path, "--json").stdout)
        assert shown["header"]["place"] == location
        assert shown["environment"]["prefix"] == ready
