"""Requirements that are added, removed and pinned, in lists and in strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.requirements.edits import (
    added,
    loosened,
    pinned,
    removed,
    upgraded,
)
from headstart.core.requirements.string_list import rewritten, texts_of
from headstart.errors import HeaderError, RequirementError

OLD = ["zope", "Pandas [excel] >= 2 ; python_version >= '3'", "numpy==1.0"]


def test_what_is_new_goes_to_the_end_or_to_its_place() -> None:
    assert added(OLD, ["abc", "mno>=1"]) == [*OLD, "abc", "mno>=1"]
    assert added(["a", "c"], ["b>=1"]) == ["a", "b>=1", "c"]
    assert added([], ["b", "a"]) == ["b", "a"]


def test_the_same_name_is_replaced_or_kept() -> None:
    assert added(OLD, ["Numpy", "ZOPE"]) == OLD
    assert added(OLD, ["numpy>=2"]) == [*OLD[:2], "numpy>=2"]
    assert added(OLD, ["numpy == 1.0"]) == OLD
    assert added(OLD, ["pandas<3"]) == [*OLD, "pandas<3"]


def test_what_is_no_requirement_is_not_added() -> None:
    with pytest.raises(RequirementError, match="is a path"):
        added(OLD, ["https://example.org/a.whl"])


def test_all_of_a_name_is_removed() -> None:
    assert removed([*OLD, "numpy<3; os_name=='nt'"], ["NumPy", "pandas"]) == ["zope"]


@pytest.mark.parametrize(
    "name, hint", [("nunpy", "numpy"), ("numpy>1", "only numpy"), ("x", "show")]
)
def test_what_is_not_there_is_not_removed(name: str, hint: str) -> None:
    with pytest.raises(HeaderError) as caught:
        removed(OLD, [name])
    assert hint in caught.value.hint


def test_pinning_keeps_names_extras_and_markers_as_they_are() -> None:
    versions = {"pandas": "2.3", "numpy": "1.0", "other": "1"}
    new = [OLD[0], "Pandas [excel]==2.3 ; python_version >= '3'", OLD[2]]
    assert pinned(OLD, versions) == new
    assert pinned(OLD, versions, ["numpy"]) == OLD
    with pytest.raises(HeaderError, match="other"):
        pinned(OLD, versions, ["other"])


def test_an_upgrade_renews_pins_and_ranges_that_are_named() -> None:
    old = ["a==1.0 ; x=='y'".replace("x", "os_name"), "b>=1,<2", "c>=1", "d==1.*", "e"]
    versions = {"a": "2.0", "b": "3.0", "c": "4.0", "d": "2.0", "e": "9"}
    assert loosened(old) == ["a>=1.0 ; os_name=='y'", *old[1:]]
    assert upgraded(old, versions) == ["a==2.0 ; os_name=='y'", *old[1:]]
    assert loosened(old, ["b", "c", "d", "e"]) == [old[0], "b>=1", "c>=1", "d>=1", "e"]
    assert upgraded(old, versions, ["b", "c", "d", "e"]) == [
        old[0], "b>=3.0", "c>=1", "d>=2.0", "e"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "old, new",
    [("~=1.4.2", ">=1.4.2"), ("==2.0rc1", ">=2.0rc1"), ("==1!2.0+cpu", ">=1!2.0"),
     (">1,!=1.5,<2", "!=1.5,>1"), ("===odd", ""), ("<2", "")],
)  # fmt: skip
def test_an_upgrade_never_goes_back(old: str, new: str) -> None:
    assert loosened([f"a{old}"], ["a"]) == [f"a{new}"]


@pytest.mark.parametrize(
    "old, new",
    [
        ("numpy pandas>=2", "numpy pandas>=2 x"),
        ("numpy, pandas>=2,<3", "numpy, pandas>=2,<3, x"),
        ("numpy", "numpy x"),
        ("", "x"),
        ("numpy # why\npandas\n", "numpy # why\npandas\nx\n"),
        ("numpy; os_name == 'nt'", "numpy; os_name == 'nt'\nx"),
        ("numpy \\\n  --hash=sha256:" + 64 * "a", "numpy \\\n  --hash=sha256:" + 64 * "a" + "\nx"),
    ],
)
def test_a_string_stays_a_string_of_its_kind(old: str, new: str) -> None:
    assert rewritten(old, [*texts_of(old), "x"]) == new


@pytest.mark.parametrize(
    "old, new",
    [
        ("numpy pandas>=2 x", "numpy x"),
        ("numpy, pandas", "numpy"),
        ("pandas", ""),
        ("numpy\npandas # why\nx\n", "numpy\nx\n"),
        ("numpy\npandas>=2", "numpy"),
        ("a b\npandas, c\n", "a b\nc\n"),
    ],
)
def test_a_requirement_is_taken_out_of_a_string(old: str, new: str) -> None:
    assert rewritten(old, removed(texts_of(old), ["pandas"])) == new


def test_a_requirement_is_put_between_two_on_a_line() -> None:
    assert rewritten("a a a\nb", ["a", "b", "a"]) == "a b a"
    assert rewritten("a, c\nd\n", ["a", "b", "c", "d"]) == "a, b c\nd\n"


NAMES = st.lists(st.sampled_from(["a", "b[x]>=1,<2", "c == 1", "d; os_name=='nt'"]), max_size=4)
SIGNS = st.sampled_from([" ", ", ", "\n", " # why\n", "\n\n"])


@given(NAMES, NAMES, st.data())
def test_a_string_holds_what_it_should_or_is_refused(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    text = "".join(item + ("\n" if ";" in item else data.draw(SIGNS)) for item in old)
    assert texts_of(text) == old
    try:
        assert texts_of(rewritten(text, new)) == new
    except HeaderError:
        assert any(";" in item for item in [*old, *new])
