"""Notebooks that are not as they should be: an error of ours before anything runs."""

from __future__ import annotations

import contextlib
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import NotebookError
from headstart.run.nbclient_engine import check_notebook
from headstart.testing.notebooks import make_notebook

ODD: list[Any] = [3, None, [], {}, "x", True, "\ud800", ["python"], {"name": 3}, {"language": {}}]


@pytest.mark.parametrize("key", ["kernelspec", "language_info"])
@pytest.mark.parametrize("language", ODD, ids=ascii)
def test_odd_metadata_says_nothing_of_the_language(key: str, language: object) -> None:
    document = make_notebook("1", kernel="", metadata={key: language})
    check_notebook(nbformat.from_dict(document))


@pytest.mark.parametrize("language", [{"language": "R"}, {"language": "julia", "name": "python3"}])
def test_another_language_is_refused(language: object) -> None:
    document = make_notebook("1", metadata={"kernelspec": language})
    with pytest.raises(NotebookError, match="is written in"):
        check_notebook(nbformat.from_dict(document))


@pytest.mark.parametrize(
    "field, value, says",
    [
        ("source", 3, "Cell 2 of the notebook has an odd source"),
        ("source", None, "has no source"),
        ("source", "x = '\ud800'", "half of a surrogate pair"),
        ("cell_type", [], "has an odd cell_type"),
        ("metadata", "x", "has an odd metadata"),
        ("metadata", {"tags": 3}, "has odd tags"),
    ],
)
def test_a_cell_that_cannot_run_is_named(field: str, value: object, says: str) -> None:
    document = make_notebook("1 + 1", "2 + 2")
    document["cells"][1][field] = value
    with pytest.raises(NotebookError, match=says):
        check_notebook(nbformat.from_dict(document))


JSON = st.recursive(
    st.sampled_from([*ODD, "R", "source"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["language", "name", "tags", "execution"]), inner),
    ),
    max_leaves=5,
)
CELL = st.dictionaries(st.sampled_from(["cell_type", "source", "metadata", "outputs"]), JSON)
METADATA = st.dictionaries(st.sampled_from(["kernelspec", "language_info", "widgets"]), JSON)


@settings(max_examples=300, deadline=None)
@given(cell=CELL, metadata=METADATA)
def test_any_notebook_is_accepted_or_refused(cell: dict[str, Any], metadata: object) -> None:
    document = make_notebook("1 + 1")
    document["cells"][0].update(cell)
    document["metadata"] = metadata
    with contextlib.suppress(NotebookError):
        check_notebook(nbformat.from_dict(document))
