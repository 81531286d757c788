"""What an error says of a file that a header merely names: where, and never what it contains."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from headstart.core.lock.pylock import parse_lock
from headstart.errors import HeadstartError
from headstart.request.directory import DiskFolder
from headstart.request.read import request_of
from tests.core.factory import notebook

CANARY = "hunter2"
LOCK = 'lock-version = "1.0"\ncreated-by = "me"\n'

REQUIREMENTS = [
    "db.example.org:5432:*:me:hunter2",
    "-----BEGIN hunter2 KEY-----",
    "hunter2=1",
    "hunter2 1.0",
    "six>=1 <hunter2.0",
    "hunter2>=1 <2",
    "name hunter2",
    "python>=hunter2",
    "python ; python_version > 'hunter2'",
    "--password hunter2",
    "-phunter2",
    "-i https://me:hunter2@example.org",
    "six --hash=hunter2",
    "-r hunter2",
    "-c 'https://hunter2'",
    "https://me:hunter2@example.org/six",
    "./hunter2",
    "$hunter2",
]
NO_TOML = [
    "db.example.org:5432:*:me:hunter2",
    "[hunter2]\n[hunter2]",
    "hunter2 = 1\nhunter2 = 2",
    "a.hunter2 = 1\n[a]\nhunter2.b = 1",
    "a = {hunter2 = 1, hunter2 = 2}",
    "a = {hunter2 = 1}\n[a.hunter2]\nb = 1",
    "hunter2 = ",
    'a = "hunter2\\q"',
    "a = hunter2",
]
PROJECTS = [
    *NO_TOML,
    "[project]\ndependencies = ['hunter2=1']",
    "[project]\ndependencies = ['me:hunter2']",
    "[project]\ndependencies = {hunter2 = 1}",
    "[project]\nrequires-python = 'hunter2'",
]
PACKAGE = LOCK + "[[packages]]\n"
LOCKS = [
    *NO_TOML,
    "lock-version = 'hunter2'",
    PACKAGE + "name = 'Hunter2 hunter2'",
    PACKAGE + "name = 'six'\nversion = 'hunter2'",
    PACKAGE + "name = 'six'\nmarker = 'hunter2'",
    PACKAGE + "name = 'six'\nrequires-python = 'hunter2'",
    PACKAGE + "name = 'six'\nversion = '1'\nwheels = [{name = 'hunter2.whl'}]",
    PACKAGE + "name = 'six'\nversion = '1'\nwheels = [{name = 'hunter2-1-py3-none-any.whl'}]",
]


def shown_text(error: BaseException) -> str:
    """All that is shown of an error, with its causes."""
    told = error.to_json() if isinstance(error, HeadstartError) else None
    return f"{told} {''.join(traceback.format_exception(error))}"


def refusal(folder: Path, **fields: Any) -> HeadstartError:
    with pytest.raises(HeadstartError) as caught:
        request_of(notebook(metadata=fields), DiskFolder(folder))
    return caught.value


@pytest.mark.parametrize("line", REQUIREMENTS)
def test_a_line_that_is_no_requirement_is_not_quoted(tmp_path: Path, line: str) -> None:
    (tmp_path / ".pgpass").write_text(f"six\n{line}\n")
    error = refusal(tmp_path, requirements=".pgpass")
    assert ".pgpass, line 2" in error.message
    assert CANARY not in shown_text(error)


def test_a_file_that_is_taken_in_is_not_quoted_either(tmp_path: Path) -> None:
    (tmp_path / ".pgpass").write_text(REQUIREMENTS[0])
    (tmp_path / "all.txt").write_text("-r .pgpass")
    error = refusal(tmp_path, requirements="all.txt")
    assert "In .pgpass, line 1 (named in" in error.message
    assert CANARY not in shown_text(error)


@pytest.mark.parametrize("text", PROJECTS)
def test_a_project_that_cannot_be_read_is_not_quoted(tmp_path: Path, text: str) -> None:
    (tmp_path / "credentials.toml").write_text(text)
    error = refusal(tmp_path, requirements="credentials.toml")
    assert "In credentials.toml" in error.message
    assert CANARY not in shown_text(error)


@pytest.mark.parametrize("text", LOCKS)
def test_a_lock_that_cannot_be_read_is_not_quoted(text: str) -> None:
    with pytest.raises(HeadstartError) as caught:
        parse_lock(text)
    assert CANARY not in shown_text(caught.value)


def test_the_record_at_the_end_of_a_lock_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(f"{LOCK}\n[tool.headstart]\nhunter2 = 1\nhunter2 = 2")
    assert CANARY not in shown_text(refusal(tmp_path, pylock="pylock.toml"))
