"""When a file was last committed."""

from __future__ import annotations

import os
import subprocess

import pytest

from headstart.editing.last_commit import last_commit
from headstart.errors import NotebookError


@pytest.fixture
def repository(tmp_path):
    """Runs git in a repository of its own."""
    identity = {
        f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }

    def git(*arguments: str, **environ: str) -> None:
        environ = {**os.environ, **identity, **environ}
        subprocess.run(["git", *arguments], cwd=tmp_path, env=environ, check=True)

    git("init", "--quiet")
    return git


def test_the_date_is_in_utc(repository, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    repository("add", path.name)
    when = "2021-03-31T12:00:00+02:00"
    repository("commit", "--quiet", "-m", "x", GIT_COMMITTER_DATE=when, GIT_AUTHOR_DATE=when)
    assert last_commit(path) == "2021-03-31T10:00:00Z"


def test_a_file_that_was_never_committed_has_none(repository, tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    with pytest.raises(NotebookError, match="never committed"):
        last_commit(tmp_path / "a.ipynb")
