"""Outputs are skipped where that is safe, and whatever else a notebook holds stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.skim import BRACKETS, without_outputs

TEXT = st.text(alphabet='ab]["{}\\/ \n#é\x1b', max_size=12)
JSON = st.recursive(
    st.one_of(TEXT, st.integers(), st.none(), st.just("outputs")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(TEXT, st.just("outputs")), inner, max_size=3),
    ),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "raw"]), "metadata": JSON, "source": TEXT},
    optional={"outputs": st.lists(JSON, max_size=3), "attachments": JSON},
)
NOTEBOOK = st.fixed_dictionaries({"cells": st.lists(CELL, max_size=4), "metadata": JSON})


def notebook(*outputs: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "outputs": list(outputs), "source": ["# ///\n", "1"]}
    return {"cells": [cell, {"cell_type": "code", "outputs": [], "source": "2"}], "metadata": {}}


def written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def cells_without_outputs(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: cell[key] for key in cell if key != "outputs"} for cell in document["cells"]]


@settings(max_examples=300, deadline=None)
@given(document=NOTEBOOK, indent=st.sampled_from([1, 2, None]), ordered=st.booleans())
def test_cells_stay_as_they_are_without_their_outputs(
    document: dict[str, Any], indent: int | None, ordered: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False, sort_keys=ordered)
    skimmed = json.loads(without_outputs(text.encode()))
    assert [cell["source"] for cell in skimmed["cells"]] == [
        cell["source"] for cell in document["cells"]
    ]
    assert [cell["cell_type"] for cell in skimmed["cells"]] == [
        cell["cell_type"] for cell in document["cells"]
    ]


@pytest.mark.parametrize("brackets", [0, 3, BRACKETS + 3])
def test_outputs_are_skipped_whatever_stands_in_them(brackets: int) -> None:
    document = notebook({"text": ["]\n"] * brackets}, {"data": {"a": [[1, 2], []]}})
    skimmed = json.loads(without_outputs(written(document)))
    assert skimmed["cells"][0]["outputs"] == []
    assert cells_without_outputs(skimmed) == cells_without_outputs(document)


def test_an_indent_that_misleads_takes_no_cell_away() -> None:
    first, second = '"outputs": [\n    1\n    ],', '"outputs": [\n    2\n   ],'
    cells = [
        f'{{\n   "cell_type": "code",\n   {each}\n   "source": "x"\n  }}'
        for each in (first, second)
    ]
    content = f'{{\n "cells": [\n  {cells[0]},\n  {cells[1]}\n ]\n}}'.encode()
    assert without_outputs(content) == content
    assert len(json.loads(content)["cells"]) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b'"outputs": [\n', b' "outputs": [\n' * 1_000, b'x "outputs": [\n ]', b"\n ]", b"\xff"],
)
def test_what_is_no_notebook_stays_as_it_is(content: bytes) -> None:
    assert without_outputs(content) == content


def test_line_ends_of_windows_are_left_alone() -> None:
    content = written(notebook(1)).replace(b"\n", b"\r\n")
    assert without_outputs(content) == content
