"""Notebooks write into their environments."""

from __future__ import annotations

from pathlib import Path

from tests.faults.alone import alone
from tests.faults.figures import record
from tests.faults.writing import write_into_one


def test_who_writes_into_an_environment_changes_no_other(folder: Path) -> None:
    found = alone(write_into_one, folder=folder, ordinary=False)
    record("a notebook writes, as whoever runs the tests", found)
    assert found["violations"] == []


def test_a_user_cannot_write_where_another_environment_has_the_file(folder: Path) -> None:
    found = alone(write_into_one, folder=folder, ordinary=True)
    record("a notebook writes, as a user", found)
    assert found == {"changed": 0, "violations": []}


def test_without_write_protection_another_environment_is_changed(folder: Path) -> None:
    found = alone(write_into_one, folder=folder, ordinary=True, without="write protection")
    record("control, a notebook writes, as a user, without write protection", found)
    assert found["violations"]
