"""``headstart lock`` and ``headstart sync``."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel

from ..conftest import block


def lock_in(notebook: Path) -> dict[str, Any]:
    return json.loads(notebook.read_text())["metadata"]["headstart"]["lock"]


def json_of(done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(done) -> dict[str, Any]:
    assert done.returncode == 1
    return json.loads(done.stdout)["error"]


@pytest.fixture
def own_index(tmp_path, house):
    """An index whose wheels a test may add to."""
    [kernel] = house.glob("ipykernel-*.whl")
    shutil.copy(kernel, make_wheel(tmp_path / "own", "alpha", "1.0").parent)
    make_wheel(tmp_path / "own", "beta", "1.0", requires=["alpha"])
    with LocalIndex(tmp_path / "own") as index:
        yield index


def test_a_notebook_is_locked_and_nothing_else_in_it_changes(headstart, notebook):
    path = notebook(block("beta"), "1 + 1", headstart={"receipt": {"key": "abc"}})
    before = path.read_text()
    done = headstart("lock", path)
    assert done.stdout.splitlines()[-1] == (
        f"{path}: 2 packages locked in {path}, for all platforms and Python >=3.11."
    )
    lock = lock_in(path)
    assert (lock["requirements"], lock["universal"], lock["version"]) == (["beta"], True, 1)
    assert 'name = "alpha"' in lock["pylock"]
    document = json.loads(path.read_text())
    del document["metadata"]["headstart"]["lock"]
    assert document == json.loads(before)
    kept = [line for line in before.splitlines() if line not in path.read_text().splitlines()]
    assert kept == []


@pytest.mark.parametrize("header", ["beta", ["beta"], {"dependencies": "beta"}])
def test_a_header_in_the_metadata_stays_next_to_its_lock(headstart, notebook, header):
    path = notebook("1", headstart=header)
    json_of(headstart("lock", path, "--json"))
    shown = json_of(headstart("show", path, "--json"))
    assert shown["header"]["requirements"] == ["beta"]
    assert shown["lock_from"] == "the lock in the notebook's metadata"
    assert "from the lock in the notebook's metadata" in headstart("show", path).stdout
    assert json_of(headstart("sync", path, "--json"))["packages"] == 2


def test_a_lock_that_still_is_right_stays_as_it_is(headstart, notebook):
    path = notebook(block("beta"))
    first = json_of(headstart("lock", path, "--json"))
    assert first["written"] == str(path)
    for verb in ("sync", "show"):
        assert json_of(headstart(verb, path, "--json"))["lock"] == first["lock"]
    assert first["added"] == [["alpha", "1.0"], ["beta", "1.0"]]
    before = path.read_bytes()
    again = json_of(headstart("lock", path, "--json"))
    assert (again["written"], again["added"], again["lock"]) == (None, [], first["lock"])
    assert path.read_bytes() == before


def test_versions_change_only_where_they_are_asked_to(headstart, notebook, own_index):
    path, ours = notebook(block("alpha", "beta")), {envvars.DEFAULT_INDEX: own_index.url}
    json_of(headstart("lock", path, "--json", **ours))
    for name in ("alpha", "beta"):
        make_wheel(own_index.folder, name, "2.0")
    assert json_of(headstart("lock", path, "--json", **ours))["changed"] == []
    relocked = json_of(headstart("lock", path, "--upgrade", "alpha", "--json", **ours))
    assert relocked["changed"] == [["alpha", "1.0", "2.0"]]
    rest = headstart("lock", "--upgrade", path, **ours)
    assert rest.stdout.splitlines()[0] == "~ beta 1.0 -> 2.0"


def test_what_is_locked_is_installed_on_every_machine(headstart, notebook, own_index):
    path, ours = notebook(block("alpha")), {envvars.DEFAULT_INDEX: own_index.url}
    json_of(headstart("lock", path, "--json", **ours))
    make_wheel(own_index.folder, "alpha", "2.0")
    new_machine = {**ours, envvars.STORE: str(path.parent / "store")}
    prefix = Path(json_of(headstart("sync", path, "--json", **new_machine))["prefix"])
    assert list(prefix.glob("lib/*/site-packages/alpha-1.0.dist-info"))
    own_index.requests.clear()
    for verb in ("sync", "ensure"):
        assert json_of(headstart(verb, path, "--json", **new_machine))["prefix"] == str(prefix)
    assert own_index.requests == []


def test_a_header_that_no_longer_fits_its_lock_is_reported(headstart, notebook):
    path = notebook(block("alpha", "beta"))
    locked = json_of(headstart("lock", path, "--json"))
    path.write_text(path.read_text().replace('\\"alpha\\"', '\\"alpha<2\\"'))
    for verb in ("sync", "ensure", "show"):
        error = refusal(headstart(verb, path, "--json"))
        assert error["code"] == "lock-outdated"
        assert 'asks for "alpha<2" and not for "alpha"' in error["message"]
        assert error["hint"] == f"Lock the notebook again: headstart lock '{path}'"
    again = json_of(headstart("lock", path, "--json"))
    assert (again["changed"], again["lock"]) == ([], locked["lock"])
    assert headstart("sync", path).returncode == 0


def test_a_lock_that_is_damaged_is_made_again(headstart, notebook):
    path = notebook(block("alpha"), headstart={"lock": "nonsense"})
    assert refusal(headstart("ensure", path, "--json"))["code"] == "lock"
    done = headstart("lock", path)
    assert "note: The lock in the notebook's metadata cannot be read" in done.stderr
    assert headstart("sync", path).returncode == 0


def test_a_lock_that_points_elsewhere_is_refused(headstart, notebook):
    path = notebook(block("alpha"))
    json_of(headstart("lock", path, "--json"))
    text = re.sub(r"http://[^/]*/files", "https://evil.invalid", path.read_text())
    path.write_text(re.sub(r"[0-9a-f]{64}", "ab" * 32, text))
    error = refusal(headstart("sync", path, "--json", **{envvars.STORE: str(path.parent / "s")}))
    assert error["code"] == "policy"
    assert "evil.invalid" in error["message"]


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["sync"], "lock", "has no lock"),
        (["lock", "--upgrade", "gamma", "--"], "lock", "There is no gamma in the lock"),
    ],
)
def test_what_cannot_be_done_is_an_error(headstart, notebook, arguments, code, words):
    path = notebook(block("alpha"))
    if arguments[0] == "lock":
        headstart("lock", path)
    error = refusal(headstart(arguments[0], "--json", *arguments[1:], path))
    assert error["code"] == code
    assert words in error["message"]


def test_a_notebook_without_a_header_has_nothing_to_lock(headstart, notebook):
    error = refusal(headstart("lock", notebook("1"), "--json"))
    assert "has no header" in error["message"]
    assert "headstart add" in error["hint"]


def test_a_notebook_has_to_be_named(headstart):
    assert "There is no notebook to lock" in headstart("lock").stderr


def test_offline_a_lock_needs_a_filled_cache_and_says_what_is_missing(
    headstart, notebook, tmp_path
):
    path = notebook(block("beta"))
    json_of(headstart("lock", path, "--json"))
    offline = {envvars.OFFLINE: "1", envvars.STORE: str(tmp_path / "other")}
    error = refusal(headstart("sync", path, "--json", **offline))
    assert error["code"] == "index-unreachable"
    assert "offline" in error["message"]


# -- text notebooks -------------------------------------------------------------------------------

MARKDOWN = """---
title: Notes  # of mine
headstart: beta
---

# Notes
"""


def script(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "notes.py"
    path.write_text("\n".join([block("beta"), "", "# %%", "1 + 1", *lines, ""]))
    return path


def test_a_text_notebook_keeps_its_lock_in_a_file_next_to_it(headstart, tmp_path):
    path = script(tmp_path)
    before = path.read_text()
    done = json_of(headstart("lock", path, "--json"))
    assert done["written"] == str(tmp_path / "pylock.notes.toml")
    assert [line for line in before.splitlines() if line not in path.read_text()] == []
    assert 'pylock = "pylock.notes.toml"' in path.read_text()
    assert json_of(headstart("sync", path, "--json"))["packages"] == 2
    assert headstart("verify", path).returncode == 0


def test_a_lock_in_a_file_is_renewed_in_the_same_way(headstart, tmp_path):
    path = script(tmp_path)
    json_of(headstart("lock", path, "--json"))
    path.write_text(path.read_text().replace('"beta"', '"alpha"'))
    for verb in ("sync", "ensure"):
        error = refusal(headstart(verb, path, "--json"))
        assert error["code"] == "lock-outdated"
        assert "the lock in pylock.notes.toml: it adds" in error["message"]
    assert headstart("verify", path).returncode == 1
    before = path.read_text()
    assert json_of(headstart("lock", path, "--json"))["removed"] == [["beta", "1.0"]]
    assert path.read_text() == before
    assert headstart("sync", path).returncode == 0


def test_markdown_names_its_lock_in_the_front_matter(headstart, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(MARKDOWN)
    json_of(headstart("lock", path, "--json"))
    assert "pylock.notes.toml" in path.read_text().partition("\n---")[0]
    assert "title: Notes  # of mine\n" in path.read_text()
    assert headstart("sync", path).returncode == 0


def test_a_lock_that_somebody_else_made_is_left_alone(headstart, tmp_path, notebook):
    theirs = tmp_path / "pylock.notes.toml"
    theirs.write_text("theirs")
    error = refusal(headstart("lock", script(tmp_path), "--json"))
    assert error["message"] == "The lock pylock.notes.toml was not written by Headstart."
    header = {"dependencies": "beta", "pylock": "pylock.toml"}
    assert refusal(headstart("lock", notebook(headstart=header), "--json"))["code"] == "lock"
    assert theirs.read_text() == "theirs"


def test_a_notebook_may_have_its_lock_in_a_file_too(headstart, notebook):
    path = notebook(headstart={"dependencies": "beta", "pylock": "pylock.a b.toml"})
    done = json_of(headstart("lock", path, "--json"))
    assert done["written"] == str(path.with_name("pylock.a b.toml"))
    assert headstart("sync", path).returncode == 0
