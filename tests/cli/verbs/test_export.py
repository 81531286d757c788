"""``headstart tree`` and ``headstart export``."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from repo2docker.app import Repo2Docker

from headstart.core.lock.pylock import parse_lock

from ..conftest import block

UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture
def uv(environ, index, tmp_path):
    """Runs uv with the tests' index."""

    def run(*arguments: object) -> str:
        command = [UV, "pip", *map(str, arguments), "--default-index", index.url, "--no-config"]
        own = {**environ, "UV_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


# -- tree -----------------------------------------------------------------------------------------


def test_the_tree_of_what_is_not_built_and_of_what_is(headstart, notebook, store_root):
    path, own = notebook(block("beta")), {"HEADSTART_STORE": str(store_root)}
    lines = ["beta 1.0", "└── alpha 1.0"]
    assert headstart("tree", path, **own).stdout.splitlines() == lines
    assert not list(store_root.glob("v1/environments/*"))
    headstart("ensure", path, **own)
    assert headstart("tree", path, **own).stdout.splitlines() == lines


def test_the_tree_for_programs(headstart, notebook):
    answer = json.loads(headstart("tree", notebook(block("beta")), "--json").stdout)
    assert answer["packages"] == [
        {"name": "alpha", "version": "1.0", "direct": False, "requires": []},
        {"name": "beta", "version": "1.0", "direct": True, "requires": ["alpha"]},
    ]


def test_a_notebook_without_packages_has_no_tree(headstart, notebook):
    assert headstart("tree", notebook("1")).stdout == "The notebook asks for no packages.\n"


# -- export ---------------------------------------------------------------------------------------


@pytest.fixture
def store_root(tmp_path):
    """A store of the test's own."""
    return tmp_path / "store"


def test_pip_can_install_the_requirements(headstart, notebook, uv, tmp_path):
    path, target = notebook(block("beta")), tmp_path / "r.txt"
    assert headstart("export", path, "-o", target).stdout == f"{target}\n"
    assert headstart("export", path).stdout == target.read_text()
    answer = uv("install", "--dry-run", "--require-hashes", "--no-deps", "--python", sys.executable,
              "--target", tmp_path / "none", "-r", target)  # fmt: skip
    assert "alpha==1.0" in answer
    assert "beta==1.0" in answer
    target.write_text(target.read_text().replace("sha256:", "sha256:00", 1)[:-2])
    with pytest.raises(AssertionError):
        uv("install", "--require-hashes", "--no-deps", "--python", sys.executable,
           "--target", tmp_path / "none", "-r", target)  # fmt: skip


def test_a_lock_in_the_notebook_is_exported_for_all_platforms(headstart, notebook):
    path = notebook(block("beta", "alpha; os_name == 'nt'"))
    headstart("lock", path)
    lock = json.loads(path.read_text())["metadata"]["headstart"]["lock"]["pylock"]
    done = headstart("export", path, "--format", "pylock")
    assert done.stdout.splitlines() == lock
    assert {package.name for package in parse_lock(done.stdout).packages} == {"alpha", "beta"}


FIELDS = """\
# /// script
# dependencies = ["alpha"]
# requires-python = ">=3.8"
# [tool.headstart]
# prepend-paths = "."
# env = { A = "1" }
# ///"""


@pytest.mark.parametrize(
    "form, missing",
    [
        ("requirements", ["requires-python", "env", "prepend-paths"]),
        ("pylock", ["env", "prepend-paths"]),
        ("pyproject", ["env", "prepend-paths"]),
        ("dockerfile", ["prepend-paths"]),
    ],
)
def test_what_a_form_has_no_words_for_is_said(headstart, notebook, form, missing):
    done = headstart("export", notebook(FIELDS), "--format", form, "--json")

    assert json.loads(done.stdout)["left_out"] == missing
    assert ", ".join(missing) in done.stderr


def test_the_exported_lock_is_one_that_a_header_can_name(headstart, notebook, tmp_path):
    path = notebook(block("beta"))
    headstart("export", path, "--format", "pylock", "-o", tmp_path / "pylock.x.toml")
    other = notebook("1", headstart={"pylock": "pylock.x.toml"}, name="other.ipynb")
    ensured = [headstart("ensure", each).stdout for each in (path, other)]
    assert ensured[0] == ensured[1] != ""


def test_the_project_resolves_to_the_same(headstart, notebook, uv, tmp_path):
    target = tmp_path / "pyproject.toml"
    headstart("export", notebook(block("beta")), "--format", "pyproject", "-o", target)
    answer = uv("compile", target, "--python", sys.executable, "--no-header")
    assert {line for line in answer.splitlines() if "==" in line} == {"alpha==1.0", "beta==1.0"}


def test_repo2docker_takes_the_binder_folder(headstart, notebook, tmp_path):
    path = notebook(block("beta", requires_python="==3.11.*"))
    written = headstart("export", path, "--format", "binder").stdout.splitlines()
    folder = tmp_path / "binder"
    assert written == [str(folder / "requirements.txt"), str(folder / "runtime.txt")]
    with contextlib.chdir(tmp_path):  # build packs look for their files in the working directory
        app = Repo2Docker()
        pack = next(pack for kind in app.buildpacks if (pack := kind(app.base_image)).detect())
        pack.platform = "linux/amd64"
        text = pack.render({})
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in text
    assert "environment-2epy-2d3-2e11" in text


def test_a_binder_folder_is_no_text(headstart, notebook):
    done = headstart("export", notebook(block("beta")), "--format", "binder", "-o", "-")
    assert (done.returncode, "has two files" in done.stderr) == (1, True)


def test_a_dockerfile_is_for_the_notebooks_python(headstart, notebook):
    done = headstart("export", notebook(block("beta")), "--format", "dockerfile", "--json")
    text = json.loads(done.stdout)["text"]
    assert f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim" in text
    assert '["a b.ipynb", "./"]' in text
