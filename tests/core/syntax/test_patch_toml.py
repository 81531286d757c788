"""What a change to a TOML text changes, and what it leaves as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.syntax.patch_toml import patch_toml
from headstart.core.syntax.toml import TomlProblem, load_toml

DEPENDENCIES = ("dependencies",)


def after(text: str, *items: str) -> str:
    return patch_toml(text, DEPENDENCIES, items)


@pytest.mark.parametrize(
    "old, new",
    [
        ('dependencies = ["a"]\n', 'dependencies = ["a", "b"]\n'),
        ("dependencies = [ 'a', ] # why\n", "dependencies = [ 'a', 'b', ] # why\n"),
        ('dependencies = ["a"\n]\n', 'dependencies = ["a", "b"\n]\n'),
        ("dependencies = []\n", 'dependencies = ["b"]\n'),
        ("dependencies = [\n]\n", 'dependencies = [\n    "b",\n]\n'),
        ("dependencies = [\n  # none\n  ]\n", 'dependencies = [\n  # none\n      "b",\n  ]\n'),
        ('dependencies = [\n  "a",\n]\n', 'dependencies = [\n  "a",\n  "b",\n]\n'),
        (
            'dependencies = [\n\t"a", # one\n\t# more\n]\nx = 1',
            'dependencies = [\n\t"a", # one\n\t"b",\n\t# more\n]\nx = 1\n',
        ),
        (
            'dependencies = [\n  "a" # last\n]\n',
            'dependencies = [\n  "a", # last\n  "b"\n]\n',
        ),
        ('dependencies = [\n  "a"]\n', 'dependencies = [\n  "a",\n  "b"]\n'),
    ],
)
def test_an_item_is_added_in_the_layout_of_the_list(old: str, new: str) -> None:
    items = load_toml(old)["dependencies"]
    assert after(old, *items, "b") == new


@pytest.mark.parametrize(
    "old, new",
    [
        ('dependencies = ["a", "b", "c"]\n', 'dependencies = ["a", "c"]\n'),
        ('dependencies = ["b"]\n', "dependencies = []\n"),
        ('dependencies = ["b",]\n', "dependencies = []\n"),
        ("dependencies = ['a', 'b']\n", "dependencies = ['a']\n"),
        ('dependencies = [\n  "a", # x\n  "b", # y\n]\n', 'dependencies = [\n  "a", # x\n]\n'),
        (
            'dependencies = [\n  # of b\n  "b",\n  "a"\n]\n',
            'dependencies = [\n  # of b\n  "a"\n]\n',
        ),
        ('dependencies = ["b",\n  "a"]\n', 'dependencies = ["a"]\n'),
        ('dependencies = ["a", # x\n  "b", ]\n', 'dependencies = ["a", # x\n   ]\n'),
    ],
)
def test_an_item_is_taken_out_with_its_line(old: str, new: str) -> None:
    items = [item for item in load_toml(old)["dependencies"] if item != "b"]
    assert after(old, *items) == new


def test_items_that_change_keep_their_lines_and_comments() -> None:
    old = "dependencies = [\n  'a', # one\n\n  \"b\" ,\n  # end\n]\n"
    assert after(old, "a==1", "b==2") == old.replace("'a'", "'a==1'").replace('"b"', "'b==2'")


def test_text_with_quotes_is_written_in_the_others() -> None:
    new = after('dependencies = ["a"]\n', "a", 'b; python_version < "3"')
    assert new == 'dependencies = ["a", \'b; python_version < "3"\']\n'


def test_a_string_keeps_its_comment() -> None:
    old = "requires-python  = '>=3.9' # old\n"
    new = patch_toml(old, ("requires-python",), ">=3.11")
    assert new == 'requires-python  = ">=3.11" # old\n'


@pytest.mark.parametrize(
    "old, new",
    [
        ("", '[tool.headstart]\npylock = "p"\n'),
        ("x = 1\n", 'x = 1\n\n[tool.headstart]\npylock = "p"\n'),
        (
            "[tool.headstart] # ours\n# empty\n[tool.ruff]\n",
            '[tool.headstart] # ours\npylock = "p"\n# empty\n[tool.ruff]\n',
        ),
        (
            "[tool.headstart]\na = 1 # one\n\n[tool.ruff]\n",
            '[tool.headstart]\na = 1 # one\npylock = "p"\n\n[tool.ruff]\n',
        ),
        (
            "tool . headstart.a = 1\nx = 2\n",
            'tool . headstart.a = 1\ntool . headstart.pylock = "p"\nx = 2\n',
        ),
        (
            "[tool]\nheadstart.a = 1\n",
            '[tool]\nheadstart.a = 1\nheadstart.pylock = "p"\n',
        ),
    ],
)
def test_a_key_that_is_new_goes_to_its_table(old: str, new: str) -> None:
    assert patch_toml(old, ("tool", "headstart", "pylock"), "p") == new


def test_new_dependencies_are_above_all_tables() -> None:
    old = "# ours\nrequires-python = '>=3.9'\n\n[tool.headstart]\nrefresh = true\n"
    listed = 'dependencies = [\n    "a",\n]\n'
    assert after(old, "a") == old.replace("\n\n", f"\n{listed}\n")
    assert after("[tool.x]\ny = 1\n", "a") == f"{listed}\n[tool.x]\ny = 1\n"


@pytest.mark.parametrize(
    "text, path",
    [
        ("tool = {headstart = [1]}\n", ("tool", "headstart", "pylock")),
        ("tool = 1\n", ("tool", "headstart", "pylock")),
        ("dependencies = [{a = 1}]\n", DEPENDENCIES),
        ("dependencies = [", DEPENDENCIES),
    ],
)
def test_what_cannot_be_edited_is_an_error(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(TomlProblem):
        patch_toml(text, path, ["p"])


NAMES = st.lists(
    st.sampled_from(["a", "b[x]", "c>=1,<2", "d'", 'e; x == "]"', "#f", "é"]), max_size=5
)
GAPS = st.sampled_from(["", " ", "\n  ", ' # ] a comment, "\n', "\n\n\t# x\n\t"])


@given(NAMES, NAMES, st.data())
def test_a_list_of_any_layout_becomes_any_other_list(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    quoted = [f'"{item}"' if '"' not in item else f"'{item}'" for item in old]
    text = "".join(f"{data.draw(GAPS)}{item}{data.draw(GAPS)}," for item in quoted)
    if text and data.draw(st.booleans()):
        text = text[:-1]
    text = f"dependencies = [{text}{data.draw(GAPS)}]\nafter = ']'\n"
    edited = after(text, *new)
    assert load_toml(edited) == {"dependencies": new, "after": "]"}
    assert after(edited, *new) == edited
    if new[: len(old)] == old:  # nothing but additions: every comment stays
        assert edited.count("comment") == text.count("comment")
