"""``headstart add``, ``remove``, ``upgrade`` and ``pin``, on every kind of notebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.request.read import read_request
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.core.factory import block as lines

from ..conftest import block

LISTED = lines("dependencies = [", '    "beta",  # needs alpha<2', "]")


def json_of(done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def dependencies(path: Path) -> list[str]:
    header = read_request(path).header
    assert header is not None
    return [item.text for item in header.requirements]


def new_lines(before: str, after: str) -> list[str]:
    """The lines that are new; the old ones are all there still, in their order."""
    rest = iter(after.splitlines())
    fresh: list[str] = []
    for line in before.splitlines():
        for other in rest:
            if other == line:
                break
            fresh.append(other)
        else:
            raise AssertionError(f"{line!r} is gone")
    return [*fresh, *rest]


@pytest.fixture
def written(tmp_path):
    """Writes a file next to the tests."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write


def as_saved(path: Path) -> str:
    """The notebook as Jupyter writes it, with sources in lines; and with results of a run."""
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        cell["execution_count"] = 7
    text = json.dumps(document, indent=1) + "\n"
    text = text.replace('"outputs": []', '"outputs": [ {"data": "1.50 \\u00e9"} ]')
    path.write_text(text)
    return text


# -- add ------------------------------------------------------------------------------------------


def test_add_writes_one_line_and_keeps_outputs_and_counts(headstart, notebook):
    path = notebook("1 + 1", LISTED)
    text = as_saved(path)
    done = headstart("add", path, "alpha")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"+ alpha\nChanged the header in {path}, cell 2, line 2.\n"
    assert new_lines(text, path.read_text()) == ['    "#     \\"alpha\\",\\n",']
    assert dependencies(path) == ["beta", "alpha"]


@pytest.mark.parametrize(
    "name, text, line",
    [
        ("a.py", f"#!/usr/bin/env python\n{LISTED}\n\n# %%\nx = 1\n", '#     "alpha",'),
        ("a.qmd", "---\nheadstart:\n  dependencies:\n    - beta\n---\n", "    - alpha"),
        ("a.md", f"# T\n\n```{{code-cell}}\n{LISTED}\n```\n", '#     "alpha",'),
        ("b.py", "# ---\n# headstart:\n# - beta\n# ---\n\n# text\n\nx = 1\n", "# - alpha"),
    ],
)
def test_add_writes_one_line_into_text_notebooks(headstart, written, name, text, line):
    path = written(name, text)
    assert json_of(headstart("add", path, "alpha", "--json"))["added"] == ["alpha"]
    assert new_lines(text, path.read_text()) == [line]


def test_add_to_metadata_keeps_a_string_a_string(headstart, notebook):
    path = notebook("1", headstart="beta")
    text = path.read_text()
    assert json_of(headstart("add", path, "alpha", "--json"))["place"] == "metadata"
    assert path.read_text() == text.replace('"beta"', '"beta alpha"')


def test_add_gives_a_notebook_a_header(headstart, notebook, written):
    path = notebook("1 + 1")
    assert headstart("add", path, "beta").stdout.splitlines() == [
        "+ beta", f"Wrote the header in {path}, cell 1, line 2."
    ]  # fmt: skip
    assert dependencies(path) == ["beta"]
    path = written("a.py", "x = 1\n")
    headstart("add", path, "beta")
    assert path.read_text().endswith("# ///\n\nx = 1\n")
    assert dependencies(path) == ["beta"]


@pytest.mark.parametrize("package, code", [("alpha>=2", "conflict"), ("gamma", "no-such-package")])
def test_what_cannot_be_had_is_not_written(headstart, notebook, package, code):
    path = notebook(LISTED)
    before = path.read_bytes()
    done = headstart("add", path, package, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == code
    assert path.read_bytes() == before


def test_frozen_writes_it_and_asks_no_index(headstart, notebook, index):
    path, before = notebook(LISTED), len(index.requests)
    assert json_of(headstart("add", path, "gamma>=3", "--frozen", "--json"))["versions"] == {}
    assert dependencies(path) == ["beta", "gamma>=3"]
    assert len(index.requests) == before


def test_add_pins_what_it_adds_if_asked_to(headstart, notebook):
    path = notebook(block("alpha"))
    headstart("add", path, "beta", "--pin")
    assert dependencies(path) == ["alpha", "beta==1.0"]


def test_what_is_there_already_changes_nothing(headstart, notebook):
    path = notebook(LISTED)
    before = path.stat()
    done = headstart("add", path, "Beta")
    assert done.stdout == f"Nothing to change in the header in {path}, cell 1, line 2.\n"
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_is_no_requirement_is_refused(headstart, notebook):
    done = headstart("add", notebook(LISTED), "--", "-e .")
    assert done.returncode == 1
    assert "is an option of pip or uv" in done.stderr


def test_a_lock_in_the_notebook_is_renewed(headstart, notebook):
    path = notebook(block("beta"))
    headstart("lock", path)
    done = json_of(headstart("add", path, "alpha", "--json"))
    assert (done["relocked"], done["versions"]["alpha"]) == (True, "1.0")
    lock = json.loads(path.read_text())["metadata"]["headstart"]["lock"]
    assert lock["requirements"] == ["alpha", "beta"]
    assert headstart("sync", path).returncode == 0


def test_a_lock_next_to_a_text_notebook_is_renewed(headstart, written):
    path = written("a.py", f"{block('beta')}\n")
    assert headstart("lock", path).returncode == 0
    assert json_of(headstart("add", path, "alpha", "--json"))["relocked"]
    assert headstart("sync", path).returncode == 0


def test_requirements_next_to_the_notebook_are_not_hidden_by_a_header(headstart, notebook, written):
    path = notebook("1")
    written("requirements.txt", "beta\n")
    done = headstart("add", path, "alpha", HEADSTART_REQUIREMENTS_FILES="1")
    assert done.returncode == 1
    assert "are in the requirements.txt next to it" in done.stderr


# -- remove ---------------------------------------------------------------------------------------


def test_remove_takes_out_the_line(headstart, notebook):
    path = notebook(lines("dependencies = [", '  "beta",', '  "alpha", # why', "]"))
    text = as_saved(path)
    assert headstart("remove", path, "Alpha").stdout.startswith("- alpha\nChanged the header in ")
    assert new_lines(path.read_text(), text) == ['    "#   \\"alpha\\", # why\\n",']


def test_what_is_not_there_cannot_be_removed(headstart, notebook):
    done = headstart("remove", notebook(LISTED), "betta")
    assert (done.returncode, "Did you mean beta?" in done.stderr) == (1, True)
    done = headstart("remove", notebook("1"), "beta")
    assert "has no header" in done.stderr


# -- pin and upgrade ------------------------------------------------------------------------------


def test_pin_writes_the_versions_of_the_lock(headstart, notebook):
    path = notebook(block("alpha", "beta>=0.5", "nothing; os_name == 'other'"))
    text = path.read_text()
    done = json_of(headstart("pin", path, "--json"))
    assert dependencies(path) == ["alpha==1.0", "beta==1.0", "nothing; os_name == 'other'"]
    assert done["added"] == ["alpha==1.0", "beta==1.0"]
    assert len(path.read_text().splitlines()) == len(text.splitlines())


def test_pin_takes_the_versions_of_a_lock_in_the_notebook(headstart, notebook):
    path = notebook(block("alpha<2"))
    headstart("lock", path)
    path.write_text(path.read_text().replace("alpha<2", "alpha", 1))
    assert "no longer fits" in headstart("pin", path).stderr
    path.write_text(path.read_text().replace('\\"alpha\\"', '\\"alpha<2\\"', 1))
    assert json_of(headstart("pin", path, "alpha", "--json"))["relocked"]
    assert dependencies(path) == ["alpha==1.0"]
    assert headstart("sync", path).returncode == 0


def test_upgrade_renews_what_is_pinned(headstart, notebook):
    path = notebook(block("alpha == 1.0 ; os_name == 'posix'"))
    done = headstart("upgrade", path)
    assert done.returncode == 0, done.stderr
    assert dependencies(path) == ["alpha==2.0 ; os_name == 'posix'"]


def test_upgrade_asks_the_index_again(headstart, notebook, house, tmp_path):
    [kernel] = house.glob("ipykernel-*.whl")
    shutil.copy(kernel, make_wheel(tmp_path / "own", "alpha", "1.0").parent)
    path = notebook(block("alpha==1.0", "beta"))
    make_wheel(tmp_path / "own", "beta", "1.0", requires=["alpha"])
    with LocalIndex(tmp_path / "own") as index:
        own = {envvars.DEFAULT_INDEX: index.url}
        headstart("upgrade", path, **own)
        make_wheel(tmp_path / "own", "alpha", "1.5")
        assert headstart("upgrade", path, **own).returncode == 0
        assert dependencies(path) == ["alpha==1.5", "beta"]
        before = len(index.requests)
        assert json_of(headstart("show", path, "--json", **own))["lock"]
        assert len(index.requests) == before


def test_upgrade_takes_what_fits_together(headstart, notebook):
    path = notebook(block("alpha==1.0", "beta==1.0"))
    assert json_of(headstart("upgrade", path, "--json"))["written"] is False
    path = notebook(block("alpha<2"))
    assert json_of(headstart("upgrade", path, "alpha", "--json"))["added"] == ["alpha>=2.0"]


def test_upgrade_never_goes_back(headstart, notebook):
    path = notebook(block("alpha>=2,<3", "beta"))
    before = path.read_bytes()
    assert headstart("upgrade", path, "alpha").returncode == 1
    assert path.read_bytes() == before


def test_upgrade_of_what_is_not_pinned_says_what_else_there_is(headstart, notebook):
    done = headstart("upgrade", notebook(LISTED))
    assert done.returncode == 0
    assert "headstart lock" in done.stderr
