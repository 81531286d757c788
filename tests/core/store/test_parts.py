"""Parts as values: their names, their records, and what several give together."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.store.parts import Record, combine, is_part, part_name, python_tag, source_of
from headstart.errors import EnvironmentDamaged
from tests.core.factory import LINUX

ONE, TWO = part_name("1" * 64, "cp311"), part_name("2" * 64, "cp311")
ROWS = st.tuples(st.text("0123456789abcdef"), st.integers(0), st.integers())


def row(text: str) -> tuple[str, int, int]:
    return text, 0, 0


@pytest.mark.parametrize(
    "tag,version,expected",
    [
        ("cp311-cp311-manylinux_2_36_x86_64", "3.11.7", "cp311"),
        ("cp313-cp313t-linux_x86_64", "3.13.0", "cp313t"),
        ("pp310-pypy310_pp73-linux_x86_64", "3.10.1", "pp310-pypy310_pp73"),
        ("cp314-cp314-linux_x86_64", "3.14.0rc1", "cp314-3.14.0rc1"),
        ("cp314-cp314-linux_x86_64", "3.14.0+", "cp314-3.14.0"),
    ],
)
def test_pythons_that_share_bytecode_share_a_tag(tag: str, version: str, expected: str) -> None:
    python = LINUX._replace(tags=(tag,), version=version)
    assert python_tag(python) == expected
    assert is_part(part_name("a" * 64, expected))


@pytest.mark.parametrize("name", ["", "a" * 64, f"{'a' * 64}/..", f"{'a' * 64}/a/b", "../x"])
def test_other_names_name_no_part(name: str) -> None:
    assert not is_part(name)


@given(st.dictionaries(st.text(), ROWS), st.dictionaries(st.text(), st.text()))
def test_a_record_is_read_as_it_was_written(files, links) -> None:
    record = Record.from_json(Record(files, links).to_json())
    assert {path: tuple(row) for path, row in record.files.items()} == files
    assert record.links == links


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t.replace("a", "b"), lambda t: ""])
def test_a_damaged_record_is_refused(change) -> None:
    with pytest.raises(EnvironmentDamaged):
        Record.from_json(change(Record({"a.py": row("0")}).to_json()))


def test_of_files_with_one_path_the_last_counts() -> None:
    content = combine([(ONE, Record({"a.py": row("1")})), (TWO, Record({"a.py": row("2")}))])
    assert content.files == {"a.py": row("2")}
    assert content.owners == {"a.py": TWO}


def test_a_link_and_a_file_take_each_other_s_place() -> None:
    file, link = (ONE, Record({"a": row("1")})), (TWO, Record(links={"a": "b"}))
    assert (combine([file, link]).files, combine([file, link]).links) == ({}, {"a": "b"})
    assert (combine([link, file]).files, combine([link, file]).links) == ({"a": row("1")}, {})


def test_bytecode_counts_where_its_source_does() -> None:
    cache = "p/__pycache__/a.cpython-311.pyc"
    sources = [(name, Record({"p/a.py": row(name)})) for name in (ONE, TWO)]
    compiled = [(f"{name}.code", Record({cache: row(f"of {name}")})) for name in (ONE, TWO)]
    assert combine([*sources, *compiled]).files[cache] == row(f"of {TWO}")
    assert combine([*compiled, *reversed(sources)]).files[cache] == row(f"of {ONE}")
    assert cache not in combine([*sources, compiled[0]]).files


SITE = "lib/python3.11/site-packages"


def shared(*parts: tuple[str, Record]) -> dict[str, str]:
    """The links of an environment that shares its bytecode."""
    return dict(combine(parts, share_bytecode=True).links)


def wheel_and_code(name: str, folder: str, module: str = "a") -> list[tuple[str, Record]]:
    code = f"{folder}/__pycache__/{module}.cpython-311.pyc"
    return [
        (name, Record({f"{folder}/{module}.py": row("1")})),
        (f"{name}.code", Record({code: row("2")})),
    ]


def test_a_folder_of_bytecode_that_one_part_fills_can_be_shared() -> None:
    content = combine(wheel_and_code(ONE, f"{SITE}/p"), share_bytecode=True)
    link = f"../../../../../../wheels/{ONE}.code/tree/{SITE}/p/__pycache__"
    assert content.links == {f"{SITE}/p/__pycache__": link}
    assert content.owners[f"{SITE}/p/__pycache__"] == f"{ONE}.code"
    assert list(content.files) == [f"{SITE}/p/a.py"]
    # From the folder that the link is in, down in an environment, it leads to the part.
    folder = PurePosixPath("/store/v1/environments/key", SITE, "p", link)
    assert os.path.normpath(folder) == f"/store/v1/wheels/{ONE}.code/tree/{SITE}/p/__pycache__"


def test_a_folder_of_bytecode_that_two_parts_fill_is_not_shared() -> None:
    both = [*wheel_and_code(ONE, f"{SITE}/ns", "a"), *wheel_and_code(TWO, f"{SITE}/ns", "b")]
    assert shared(*both) == {}
    assert len(combine(both, share_bytecode=True).files) == 4


@pytest.mark.parametrize("more", ["x.pyc", "old/x.pyc"])
def test_nor_is_one_in_which_a_wheel_brings_files_itself(more: str) -> None:
    brings = (TWO, Record({f"{SITE}/p/__pycache__/{more}": row("3")}))
    assert shared(*wheel_and_code(ONE, f"{SITE}/p"), brings) == {}
    assert shared(brings, *wheel_and_code(ONE, f"{SITE}/p")) == {}


def test_nor_is_one_that_a_wheel_brings_as_a_link() -> None:
    brings = (TWO, Record(links={f"{SITE}/p/__pycache__": "elsewhere"}))
    links = shared(*wheel_and_code(ONE, f"{SITE}/p"), brings)
    assert f"wheels/{ONE}" not in str(links)


def test_nor_is_that_of_site_packages_itself() -> None:
    assert shared(*wheel_and_code(ONE, SITE)) == {}


def test_nor_is_one_whose_sources_another_part_has_replaced() -> None:
    parts = [*wheel_and_code(ONE, f"{SITE}/p"), (TWO, Record({f"{SITE}/p/a.py": row("4")}))]
    assert shared(*parts) == {}
    assert list(combine(parts, share_bytecode=True).files) == [f"{SITE}/p/a.py"]


def test_the_source_of_bytecode() -> None:
    assert source_of("p/__pycache__/a.b.cpython-311.pyc") == "p/a.b.py"
