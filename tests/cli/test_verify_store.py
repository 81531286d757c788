"""What ``verify`` and ``prune --damaged`` print of the damage in a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from headstart import envvars
from headstart.cli.verify_store import prune_damaged, verify_store
from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, fill


@pytest.mark.parametrize(
    "check",
    [lambda: verify_store(False), lambda: prune_damaged(False, False)],
    ids=["say", "prune"],
)
def test_the_name_of_a_file_does_not_command_the_terminal(
    check: Callable[[], int], monkeypatch, tmp_path: Path, capsys
) -> None:
    monkeypatch.setenv(envvars.STORE, str(tmp_path / "store"))
    Store(tmp_path / "store").build(KIND, KEY, fill).close()
    prefix = Layout(tmp_path / "store").prefix(KIND, KEY)
    prefix.chmod(0o700)
    (prefix / "clear\x1b[2J").touch()
    check()
    printed = capsys.readouterr().out
    assert "clear\\x1b[2J" in printed
    assert "\x1b" not in printed
