"""What the verbs say of old versions that are taken for want of wheels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from headstart import envvars
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_sdist, make_wheel

from ..conftest import block

SAID = "minor 1.0 was taken, and not 1.2, the newest that the header allows: that version has no "


@pytest.fixture
def environ(environ, tmp_path, house):
    """With an index of packages whose newest versions are sources."""
    folder = tmp_path / "sources"
    [kernel] = house.glob("ipykernel-*.whl")
    for name, newest in (("minor", "1.2"), ("major", "2.0")):
        make_wheel(folder, name, "1.0")
        make_sdist(folder, name, newest)
    shutil.copy(kernel, folder)
    with LocalIndex(folder) as index:
        yield {**environ, envvars.DEFAULT_INDEX: index.url}


def test_lock_says_it_and_show_says_it_again(headstart, notebook):
    path = notebook(block("minor"))
    assert f"note: {SAID}" in headstart("lock", path).stderr
    [package] = json.loads(headstart("lock", path, "--json").stdout)["held_back"]
    assert (package["name"], package["taken"], package["newest"]) == ("minor", "1.0", "1.2")
    assert f"warning      {SAID}" in headstart("show", path).stdout
    [package] = json.loads(headstart("show", path, "--json").stdout)["held_back"]
    assert package["message"].startswith(SAID)


def test_show_and_ensure_say_it_of_a_header_that_was_resolved(headstart, notebook):
    path = notebook(block("minor"))
    for _ in range(2):
        assert f"warning      {SAID}" in headstart("show", path).stdout
        assert f"note: {SAID}" in headstart("ensure", path).stderr


def test_add_says_it(headstart, notebook):
    path = notebook(block())
    assert f"note: {SAID}" in headstart("add", path, "minor").stderr
    answer = headstart("add", path, "minor>=0.1", "--pin", "--json")
    assert "minor==1.0" in json.loads(answer.stdout)["added"]


@pytest.mark.parametrize("verb", ["lock", "show", "ensure"])
def test_a_major_version_too_old_is_an_error_that_names_the_line(headstart, notebook, verb):
    path = notebook("1 + 1", block("major"))
    before = path.read_text()
    done = headstart(verb, path)
    assert done.returncode == 1
    output = done.stderr + done.stdout
    assert "error: major allows major 2.0, which cannot be had: that version has no wheel" in output
    assert '"major<2"; else ask for another package. major is in cell 2, line 2.' in output
    assert path.read_text() == before


def test_what_is_refused_is_not_added(headstart, notebook):
    path = notebook(block())
    before = path.read_text()
    for options in ((), ("--pin",)):
        assert "cannot be had" in headstart("add", path, "major", *options).stderr
    assert path.read_text() == before
    assert headstart("add", path, "major<2").returncode == 0


def test_upgrade_does_not_stop_at_an_old_version_that_was_pinned(headstart, notebook):
    path = notebook(block("major==1.0", "minor==1.0"))
    assert headstart("upgrade", path).returncode == 0
    assert Path(path).read_text().count("==1.0") == 2
