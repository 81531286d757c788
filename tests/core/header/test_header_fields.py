"""The fields of a header that are no requirements: names, paths, variables, hashes."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import FoundHeader, HeaderPlace
from headstart.errors import HeaderError, RequirementError
from tests.core.factory import cell_header, metadata_header

SHA = "0123456789abcdef" * 4


def test_a_block_says_where_files_and_folders_are() -> None:
    header = cell_header(
        "[tool.headstart]",
        'requirements = "../requirements.txt"',
        'groups = ["Docs", "dev_tools"]',
        'extras = ["Plot.it"]',
        'pylock = "pylock.toml"',
        'local-extras = ["dist/mine-1.0-py3-none-any.whl", "../mine"]',
        'prepend-paths = ["tools", "/opt/x/bin"]',
    )
    assert header.requirements_file == "../requirements.txt"
    assert (header.groups, header.extras) == (("dev-tools", "docs"), ("plot-it",))
    assert header.pylock == "pylock.toml"
    assert header.local_extras == ("dist/mine-1.0-py3-none-any.whl", "../mine")
    assert header.prepend_paths == ("tools", "/opt/x/bin")


def test_a_block_says_what_the_kernels_process_gets() -> None:
    header = cell_header(
        "[tool.headstart]",
        'preload = ["pandas", "numpy.linalg", "pandas"]',
        "[tool.headstart.env]",
        'OMP_NUM_THREADS = "4"',
        'A_TITLE = "two words"',
    )
    assert header.env == (("A_TITLE", "two words"), ("OMP_NUM_THREADS", "4"))
    assert header.preload == ("pandas", "numpy.linalg")


def test_in_metadata_names_may_stand_in_one_string_and_a_path_alone() -> None:
    header = metadata_header(groups="docs, dev", extras="a b", prepend_paths="my tools")
    assert (header.groups, header.extras) == (("dev", "docs"), ("a", "b"))
    assert header.prepend_paths == ("my tools",)


def test_no_groups_are_something_else_than_nothing_said_of_groups() -> None:
    assert metadata_header(groups=[]).groups == ()
    assert metadata_header(groups=None).groups is metadata_header().groups is None


def test_a_lock_and_a_receipt_in_the_metadata_are_no_fields() -> None:
    header = metadata_header(dependencies="six", lock={"version": 1}, receipt={"key": "x"})
    assert header == metadata_header(dependencies="six")


def test_indexes_of_uv_are_read_with_their_urls() -> None:
    header = cell_header(
        "[[tool.uv.index]]",
        'name = "a"',
        'url = "https://a.example.org/simple"',
        "default = true",
        "[[tool.uv.index]]",
        'url = "https://b.example.org/simple"',
    )
    assert header.indexes == ("https://a.example.org/simple", "https://b.example.org/simple")


def test_the_fields_are_shown_as_json() -> None:
    shown = metadata_header(env={"A": "b"}, groups="docs", pylock="p.toml").to_json()
    assert (shown["env"], shown["groups"], shown["pylock"]) == (
        {"A": "b"},
        ["docs"],
        "p.toml",
    )
    assert (shown["extras"], shown["requirements_file"], shown["preload"]) == ([], "", [])


@pytest.mark.parametrize(
    "lines, line, says",
    [
        (["pylock = ['a']"], 3, "pylock is a list"),
        (["pylock = 'https://example.org/pylock.toml'"], 3, "pylock is a URL"),
        ([r"requirements = 'a\u0000'".replace("'", '"')], 3, "path of a file"),
        (["refresh = true", "prepend-paths = ['']"], 4, "path of a file"),
        (["local-extras = {}"], 3, "local-extras is a table"),
        (["local-extras = [1]"], 3, "item 1 of local-extras is a whole number"),
        (["groups = ['a b']"], 3, '"a b" in groups is not a name'),
        (["extras = 3"], 3, "list of names"),
        (["preload = ['os.']"], 3, "name of a module"),
        (["preload = ['import os']"], 3, "name of a module"),
        (["env = 'A=b'"], 3, "env is a string"),
        (["env = {A = 1}"], 3, 'in quotes: A = "…"'),
        (["env = {'A-B' = 'c'}"], 3, "not the name of a variable"),
        (["env = {PATH = 'bin'}"], 3, "with prepend-paths"),
        (["env = {PYTHONHOME = 'x'}"], 3, "requires-python"),
        (["env = {VIRTUAL_ENV = 'x'}"], 3, "VIRTUAL_ENV cannot be set"),
        (["env = {HEADSTART_STORE = 'x'}"], 3, "HEADSTART_STORE cannot be set"),
        (["env = {JPY_PARENT_PID = '1'}"], 3, "JPY_PARENT_PID cannot be set"),
        (['env = {A = "a\\u0000"}'], 3, "without NUL"),
        (["[tool.headstart.env]", f"A = '{'x' * 33_000}'"], 3, "has 33001 characters"),
    ],
)  # fmt: skip
def test_a_field_of_another_form_says_what_would_be_right(
    lines: list[str], line: int, says: str
) -> None:
    with pytest.raises(HeaderError, match="In cell 1, line") as caught:
        cell_header("[tool.headstart]", *lines)
    assert says in str(caught.value)
    assert caught.value.details["line"] == line


@pytest.mark.parametrize(
    "fields",
    [{"env": {"A": "\ud800"}}, {"env": {f"A{n}": "" for n in range(101)}},
     {"groups": ["a"] * 101}, {"preload": "a " * 40_000}, {"pylock": "x" * 1_001}],
)  # fmt: skip
def test_fields_are_bounded(fields: dict[str, Any]) -> None:
    with pytest.raises(HeaderError, match="In the notebook's metadata"):
        metadata_header(**fields)


@pytest.mark.parametrize(
    "text, hashes",
    [
        (f"a==1 --hash=sha256:{SHA} b", [(SHA,), ()]),
        (f"a==1 \\\n  --hash=sha256:{SHA} \\\n  --hash sha256:{SHA.upper()}\nb", [(SHA,), ()]),
        (f"a ; os_name == 'x' --hash=sha256:{SHA}", [(SHA,)]),
        (f"a, b --hash=sha256:{SHA}, c", [(), (SHA,), ()]),
    ],
)
def test_a_string_may_have_hashes(text: str, hashes: list[tuple[str, ...]]) -> None:
    header = metadata_header(dependencies=text)
    assert [item.hashes for item in header.requirements] == hashes
    assert [item.parsed.name for item in header.requirements] == ["a", "b", "c"][: len(hashes)]


@pytest.mark.parametrize(
    "dependencies, says",
    [
        ("a --hash=md5:12", "is not SHA-256"),
        ("a --hash=sha256:12", "64 hex digits"),
        (f"--hash=sha256:{SHA}", "is an option"),
        ("a --pre", "is an option"),
        ("a; os_name == 'x' --pre", "only --hash is read"),
        ("-r other.txt", "is an option"),
        ([f"a --hash=sha256:{SHA}"], "only --hash is read"),
    ],
)
def test_other_options_and_hashes_are_refused(dependencies: object, says: str) -> None:
    with pytest.raises(RequirementError) as caught:
        metadata_header(dependencies=dependencies)
    assert says in str(caught.value)


def front_matter(text: str, cell: int | None, **fields: Any) -> FoundHeader:
    return FoundHeader(HeaderPlace.FRONT_MATTER, text, fields, cell, line=2)


@pytest.mark.parametrize("cell, where", [(0, "cell 1, line 5"), (None, "line 5 of the notebook")])
def test_front_matter_names_its_line(cell: int | None, where: str) -> None:
    text = "title: x\nheadstart:\n  dependencies:\n    - numpy==\n"
    with pytest.raises(RequirementError, match=f"In {where}: ") as caught:
        parse_header(front_matter(text, cell, dependencies=["numpy=="]))
    assert caught.value.details["line"] == 5
    assert caught.value.details.get("cell") == (None if cell is None else 1)


def test_a_text_notebook_names_its_line() -> None:
    found = FoundHeader(HeaderPlace.TEXT, 'dependencies = [\n"numpy",\n"a b"]\n', line=4)
    with pytest.raises(RequirementError, match="In line 6 of the notebook: ") as caught:
        parse_header(found)
    assert "cell" not in caught.value.details
    with pytest.raises(HeaderError, match="In line 4 of the notebook: the header cannot be read"):
        parse_header(FoundHeader(HeaderPlace.TEXT, "a =\n", line=4))
