"""What is in local extras: digests of content, and copies to build from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headstart.core.header.spec import EnvironmentSpec, LocalExtra
from headstart.errors import HeaderError
from headstart.request import local_trees
from headstart.request.directory import DiskFolder, NoFolder
from headstart.request.local_trees import LocalExtraProblem, copy_tree, read_local_extra
from headstart.request.read import request_of
from headstart.testing.wheels import make_wheel
from tests.core.factory import block, notebook


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "src" / "mine").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[project]\nname = 'mine'\nversion = '1'\n")
    (folder / "src" / "mine" / "__init__.py").write_text("A = 1\n")
    return folder


def digest(path: Path) -> str:
    return read_local_extra(path).digest


def test_a_digest_is_of_the_content_and_not_of_path_or_time(tree: Path, tmp_path: Path) -> None:
    first = digest(tree)
    os.utime(tree / "pyproject.toml", (0, 0))
    tree.rename(tmp_path / "other")
    assert digest(tmp_path / "other") == first


def change_text(tree: Path) -> None:
    (tree / "src/mine/__init__.py").write_text("A = 2\n")


def add_file(tree: Path) -> None:
    (tree / "src/mine/data.txt").write_text("")


def rename(tree: Path) -> None:
    (tree / "src/mine").rename(tree / "src/yours")


def make_executable(tree: Path) -> None:
    (tree / "src/mine/__init__.py").chmod(0o755)


@pytest.mark.parametrize("change", [change_text, add_file, rename, make_executable])
def test_every_change_of_the_content_is_another_digest(tree: Path, change) -> None:
    first = digest(tree)
    change(tree)
    assert digest(tree) != first


@pytest.mark.parametrize(
    "name", [".git/HEAD", "src/mine/__pycache__/a.pyc", "src/mine.egg-info/PKG-INFO", "a.pyc",
             ".ipynb_checkpoints/a.ipynb", "build/lib/mine.py", "dist/mine-1.tar.gz",
             "venv/pyvenv.cfg", "other-env/pyvenv.cfg", "node_modules/a/b.js"]
)  # fmt: skip
def test_what_tools_leave_behind_counts_for_nothing_and_is_not_copied(
    tree: Path, tmp_path: Path, name: str
) -> None:
    first = digest(tree)
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text("x")
    assert digest(tree) == first
    copy_tree(tree, tmp_path / "copy")
    assert not (tmp_path / "copy" / name).exists()


def test_a_package_may_have_the_name_of_what_builds_leave_behind(tree: Path) -> None:
    first = digest(tree)
    (tree / "build").mkdir()
    (tree / "build" / "__init__.py").write_text("")
    assert digest(tree) != first


def test_a_copy_has_the_same_digest_and_finds_the_repository(tree: Path, tmp_path: Path) -> None:
    (tree / ".git").mkdir()
    (tree / "src/mine/__init__.py").chmod(0o755)
    (tree / "link.py").symlink_to("src/mine/__init__.py")
    copy_tree(tree, tmp_path / "copy")
    assert digest(tmp_path / "copy") == digest(tree)
    assert (tmp_path / "copy/.git").read_text() == f"gitdir: {tree / '.git'}\n"
    assert not (tmp_path / "copy/link.py").is_symlink()


def test_what_is_behind_a_link_counts(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.py").write_text("1")
    (tree / "shared").symlink_to(tmp_path / "shared")
    first = digest(tree)
    (tmp_path / "shared" / "a.py").write_text("2")
    assert digest(tree) != first


def test_pipes_and_broken_links_are_passed_over(tree: Path) -> None:
    first = digest(tree)
    os.mkfifo(tree / "pipe")
    (tree / "broken").symlink_to("nowhere")
    assert digest(tree) == first


def test_a_wheels_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    first = make_wheel(tmp_path / "a", "mine", "1.0")
    other = make_wheel(tmp_path / "b", "mine", "1.0")
    assert digest(first) == digest(other) != digest(make_wheel(tmp_path, "mine", "1.1"))


def nothing(_tree: Path) -> None:
    pass


def no_project(tree: Path) -> None:
    (tree / "pyproject.toml").unlink()


def loop(tree: Path) -> None:
    (tree / "src" / "up").symlink_to("..")


def bad_wheel(tree: Path) -> None:
    (tree / "mine.whl").write_text("")


@pytest.mark.parametrize(
    "change, name, says",
    [(no_project, "", "has no pyproject.toml"), (loop, "", "folders deep"),
     (bad_wheel, "mine.whl", "is not the file name of a wheel"),
     (nothing, "src", "src has no pyproject.toml"),
     (nothing, "pyproject.toml", "toml has no pyproject.toml")],
)  # fmt: skip
def test_what_is_no_local_extra_is_refused(tree: Path, change, name: str, says: str) -> None:
    change(tree)
    with pytest.raises(LocalExtraProblem, match=says) as caught:
        read_local_extra(tree / name)
    assert caught.value.hint


def test_a_tree_of_too_many_bytes_is_refused_before_it_is_read(tree: Path) -> None:
    with (tree / "data").open("wb") as file:
        file.truncate(local_trees.MAX_BYTES + 1)
    with pytest.raises(LocalExtraProblem, match="512 MiB"):
        read_local_extra(tree)


def test_a_tree_of_too_many_files_is_refused(tree: Path) -> None:
    for number in range(local_trees.MAX_FILES):
        (tree / str(number)).touch()
    with pytest.raises(LocalExtraProblem, match="more than 20000 files"):
        read_local_extra(tree)


# -- in a header -----------------------------------------------------------------------------------


def spec_with(folder: Path, *names: str) -> EnvironmentSpec:
    cell = block("[tool.headstart]", f"local-extras = {list(names)}")
    return request_of(notebook(cell), DiskFolder(folder)).spec


def test_a_header_names_them_from_the_notebooks_folder(tree: Path) -> None:
    wheel = make_wheel(tree.parent, "mine", "1.0")
    expected = (LocalExtra(str(tree), digest(tree)), LocalExtra(str(wheel), digest(wheel)))
    assert spec_with(tree / "src", "..", f"../../{wheel.name}").local_extras == expected
    assert spec_with(Path("/"), str(tree), str(wheel)).local_extras == expected


def test_they_are_read_again_each_time_and_decide_no_resolution(tree: Path) -> None:
    first = spec_with(tree.parent, "tree")
    change_text(tree)
    second = spec_with(tree.parent, "tree")
    assert first != second
    assert first.digest == second.digest == spec_with(tree).digest


@pytest.mark.parametrize("name", ["nowhere", "tree/src", "tree/pyproject.toml"])
def test_an_error_says_where_it_was_looked_for(tree: Path, name: str) -> None:
    with pytest.raises(HeaderError) as caught:
        spec_with(tree.parent, name)
    assert "cell 1, line 3" in caught.value.message
    assert str(tree.parent / name) in caught.value.message


def test_a_notebook_that_is_nowhere_has_none_beside_it() -> None:
    with pytest.raises(HeaderError, match="not known where") as caught:
        request_of(notebook(metadata={"local-extras": ["tree"]}), NoFolder())
    assert "absolute path" in caught.value.hint
