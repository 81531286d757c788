"""Folders that the user may not enter, where programs and settings are looked for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.clients.drive import as_user
from tests.waiting import LIMIT

from ..conftest import SCRIPT, block

ASK = """
import sys
from pathlib import Path
from headstart.request.directory import DiskFolder
from headstart.testing.notebooks import make_notebook
from headstart.core.notebook.find import notebook_of
from headstart.request.read import NO_REQUEST, request_of
assert request_of(notebook_of(make_notebook("1 + 1")), DiskFolder(Path(sys.argv[1]))) == NO_REQUEST
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that may not be entered, with pyenv's shims and settings of uv."""
    folder = tmp_path / "locked"
    for name in ("shims", "versions/3.12.1/bin", "uv"):
        (folder / name).mkdir(parents=True)
    (folder / "uv/uv.toml").write_text("no settings")
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


@pytest.fixture
def as_ordinary(tmp_path: Path, environ: Mapping[str, str]) -> Run:
    """Runs ``headstart`` as a user for whom the modes of folders count."""

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [*as_user(), SCRIPT, *map(str, arguments)]
        environment = {**environ, **variables}
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT
        )

    return run


@pytest.mark.parametrize("variable", ["PATH", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "HOME"])
def test_a_locked_folder_stops_no_verb(notebook, locked, environ, as_ordinary, variable) -> None:
    folders = [str(locked), str(locked / "shims")] if variable == "PATH" else [str(locked)]
    path = os.pathsep.join([*folders, environ.get(variable, "")] if variable == "PATH" else folders)
    shown = as_ordinary("show", notebook(block("alpha")), **{variable: path})
    assert shown.returncode == 0, shown.stderr
    assert "alpha 2.0" in " ".join(shown.stdout.split())


def test_settings_of_uv_that_are_there_and_cannot_be_read_are_named(
    notebook, locked, as_ordinary
) -> None:
    locked.chmod(0o700)
    (locked / "uv/uv.toml").chmod(0)
    shown = as_ordinary("show", notebook(block("alpha")), XDG_CONFIG_HOME=str(locked))
    assert shown.returncode == 1
    assert f"{locked}/uv/uv.toml cannot be read" in shown.stdout


def test_a_file_that_the_user_names_must_be_readable(notebook, locked, as_ordinary) -> None:
    shown = as_ordinary("show", notebook(block("alpha")), UV_CONFIG_FILE=f"{locked}/uv/uv.toml")
    assert shown.returncode == 1
    assert f"{locked}/uv/uv.toml cannot be read" in shown.stdout


@pytest.mark.parametrize("verb", ["show", "keep"])
def test_a_notebook_in_a_locked_folder_cannot_be_read(locked, as_ordinary, verb) -> None:
    result = as_ordinary(verb, locked / "a.ipynb")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {locked}/a.ipynb cannot be read: Permission denied.")


def test_a_client_may_work_in_a_locked_folder(locked, environ) -> None:
    command = [*as_user(), sys.executable, "-c", ASK, locked]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
