"""What a patch changes in a JSON text, and what it leaves as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.notebook.patch_notebook import insert_cell, patch_source, set_metadata
from headstart.core.syntax.patch_json import patch_json
from headstart.core.syntax.values import REMOVE
from headstart.errors import NotebookError
from tests.effort import effort

NOTEBOOK = """\
{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 7,
   "outputs": [ {"text": "1.50 \\u00e9 \\/"} ],
   "source": [
    "# /// script\\n",
    "# dependencies = [\\n",
    "#   \\"numpy\\",  # \\u03c0\\n",
    "# ]\\n",
    "# ///"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {"name": "python3"},
  "zoom": 1.0
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
"""
SOURCE = '# /// script\n# dependencies = [\n#   "numpy",  # π\n#   "pandas",\n# ]\n# ///'


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """Lines that are only in the old text, and lines that are only in the new one."""
    before, after = old.splitlines(), new.splitlines()
    return [x for x in before if x not in after], [x for x in after if x not in before]


def test_a_line_that_is_added_to_a_cell_is_the_only_line_that_changes() -> None:
    new = patch_source(NOTEBOOK, 0, SOURCE)
    assert changed_lines(NOTEBOOK, new) == ([], ['    "#   \\"pandas\\",\\n",'])
    assert len(new.splitlines()) == len(NOTEBOOK.splitlines()) + 1


def test_line_endings_tabs_and_a_missing_final_newline_stay() -> None:
    old = NOTEBOOK.replace("\n ", "\n\t").replace("\n", "\r\n").rstrip()
    new = patch_source(old, 0, SOURCE)
    assert new == old.replace(
        '# \\u03c0\\n",\r\n', '# \\u03c0\\n",\r\n\t   "#   \\"pandas\\",\\n",\r\n'
    )


def test_a_source_that_is_one_string_stays_one_and_keeps_its_escapes() -> None:
    old = r'{"cells":[{"source":"\u0061\/é\nend","cell_type":"raw"}]}'
    assert patch_source(old, 0, "a/é\nmore\nend") == old.replace(r"\nend", r"\nmore\nend")


def test_a_source_of_an_empty_cell_is_written_in_the_style_of_the_file() -> None:
    old = '{\n  "cells": [\n    {\n      "source": []\n    }\n  ]\n}'
    new = patch_source(old, 0, "a\nb")
    assert new == old.replace("[]", '[\n        "a\\n",\n        "b"\n      ]')


def test_the_cells_of_an_old_notebook_are_found_by_their_position() -> None:
    old = '{"worksheets": [{"cells": [{"source": ["a"]}]}, {"cells": [{"input": "b"}]}]}'
    assert patch_source(old, 1, "c") == old.replace('"b"', '"c"')


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [{}]}', "[" * 100_000, "1" * 5000])
def test_what_is_no_notebook_or_has_no_such_cell_is_an_error(text: str) -> None:
    with pytest.raises(NotebookError):
        patch_source(text, 1, "")


def test_metadata_is_put_where_jupyter_would_put_it() -> None:
    new = set_metadata(NOTEBOOK, ("headstart",), {"refresh": True})
    added = ['  "headstart": {', '   "refresh": true', "  },"]
    assert changed_lines(NOTEBOOK, new) == ([], added)
    assert new.splitlines()[16:19] == added


def test_metadata_that_is_taken_away_again_leaves_the_text_as_it_was() -> None:
    one = set_metadata(NOTEBOOK, ("headstart", "lock"), {"version": 1, "pylock": ["a", "b"]})
    two = set_metadata(one, ("headstart", "receipt"), {"key": "k"})
    assert set_metadata(two, ("headstart", "receipt"), REMOVE) == one
    assert set_metadata(one, ("headstart", "lock"), REMOVE) == NOTEBOOK
    assert set_metadata('{"cells":[]}', ("headstart",), REMOVE) == '{"cells":[]}'


def test_an_object_in_the_metadata_keeps_the_members_that_stay() -> None:
    old = '{"metadata": {"headstart": {"b":1.50,  "a": [1,2], "a": [3,  4]}}, "x": 1}'
    new = set_metadata(old, ("headstart",), {"b": 1.5, "a": [3, 5, 4]})
    assert new == old.replace("[3,  4]", "[3,  5,  4]")


def test_true_and_one_are_not_the_same() -> None:
    old = '{"metadata": {"headstart": {"refresh": 1}}}'
    assert set_metadata(old, ("headstart", "refresh"), True) == old.replace("1", "true")


def test_a_notebook_without_metadata_gets_it() -> None:
    assert set_metadata('{"cells":[]}', ("a",), 1) == '{"cells":[],"metadata":{"a":1}}'


def test_a_cell_is_inserted_and_the_others_stay() -> None:
    new = insert_cell(NOTEBOOK, 0, {"cell_type": "raw", "metadata": {}, "source": ["x"]})
    before, after = NOTEBOOK.split("[\n", 1)
    cell = '  {\n   "cell_type": "raw",\n   "id": "header",\n   "metadata": {},\n'
    cell += '   "source": [\n    "x"\n   ]\n  },\n'
    assert new == f"{before}[\n{cell}{after}"


def test_a_notebook_of_many_cells_takes_linear_time() -> None:
    def units(count: int) -> float:
        cells = [{"source": ["x\n", "y"], "outputs": [{"text": "z" * 500}]} for _ in range(count)]
        text = json.dumps({"cells": cells}, indent=1)
        return effort(lambda: patch_source(text, count // 2, "x\nmore\ny"))

    assert units(16_000) < 24 * units(2000)


def test_a_byte_order_mark_stays() -> None:
    assert patch_json("\ufeff [1]\n", [1, 2]) == "\ufeff [1, 2]\n"


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_a_patched_text_holds_the_new_value(
    old: Any, new: Any, indent: int | str | None, ascii: bool
) -> None:
    text = json.dumps(old, indent=indent, ensure_ascii=ascii)
    assert json.loads(patch_json(text, new)) == new
    assert patch_json(text, old) == text
