"""Packages' own lists of their files: how they are read, and what does not agree with them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from headstart.errors import EnvironmentDamaged
from headstart.store.parts.installed_records import Recorded, check_record, read_record
from headstart.testing.wheels import record_digest

SITE_PACKAGES = "lib/python3/site-packages"


def row(content: bytes) -> tuple[str, int, int]:
    return hashlib.sha256(content).hexdigest(), len(content), 0


def read(folder: Path, text: str) -> dict[str, Recorded]:
    record = folder / "one-1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text(text)
    return read_record(record, SITE_PACKAGES)


def test_lines_are_read_by_path_in_the_prefix(tmp_path: Path) -> None:
    text = f"one.py,{record_digest(b'1')},1\n../../../bin/tool,,\n\n"
    lines = read(tmp_path, text)
    assert lines[f"{SITE_PACKAGES}/one.py"] == Recorded(hashlib.sha256(b"1").hexdigest(), 1)
    assert lines["bin/tool"] == Recorded("", None)


def test_paths_are_read_as_csv(tmp_path: Path) -> None:
    assert f"{SITE_PACKAGES}/two, three.py" in read(tmp_path, '"two, three.py",sha256=0000,2\n')


def test_hashes_of_other_kinds_are_not_compared(tmp_path: Path) -> None:
    assert read(tmp_path, "one.py,md5=abc,1\n")[f"{SITE_PACKAGES}/one.py"].sha256 == ""


@pytest.mark.parametrize("text", ["one.py\n", "one.py,,many\n", "a,b,c,d\n", "a,sha256=1,1\n"])
def test_a_record_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EnvironmentDamaged, match=r"one-1\.0"):
        read(tmp_path, text)


@pytest.mark.parametrize("path", ["../../../../home", "/etc/passwd", "../../../.."])
def test_a_file_outside_of_the_prefix_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(EnvironmentDamaged, match="a file outside"):
        read(tmp_path, f"{path},,\n")


def test_what_is_as_recorded_passes() -> None:
    recorded = {"a": Recorded(row(b"1")[0], 1), "b": Recorded("", None)}
    check_record(recorded, {"a": row(b"1"), "b": row(b"any"), "more": row(b"")}, "one")


@pytest.mark.parametrize(
    "files,what",
    [
        ({}, r"one was not installed completely: a is missing"),
        ({"a": row(b"12")}, r"a has 2 bytes, and not 1"),
        ({"a": row(b"2")}, r"a has another hash than its wheel says"),
    ],
)
def test_what_is_not_is_named(files: dict[str, tuple[str, int, int]], what: str) -> None:
    with pytest.raises(EnvironmentDamaged, match=what):
        check_record({"a": Recorded(row(b"1")[0], 1)}, files, "one")
