"""The header that an old notebook gets."""

from __future__ import annotations

import pytest

from headstart.editing.draft import read_draft
from headstart.editing.inferred_header import infer_header, write_header
from headstart.errors import HeaderError
from headstart.testing.notebooks import header_cell, save_notebook


@pytest.fixture
def draft(tmp_path, context):
    def read(*sources: str):
        path = save_notebook(tmp_path / "a.ipynb", *sources)
        return read_draft(path, context.settings, allow_no_header=True)

    return read


def test_a_guess_that_no_index_has_is_left_out(draft, context):
    before = draft("import beta, no_such_module_at_all")
    header = infer_header(before)
    assert header.inferred.texts == ("beta", "no-such-module-at-all")
    header, edited = write_header(header, before, context)
    assert header.inferred.texts == ("beta",)
    assert edited.resolved.versions == {"alpha": "1.0", "beta": "1.0"}
    assert read_draft(before.path, context.settings).texts == ["beta"]


def test_frozen_writes_what_is_inferred(draft, context):
    before = draft("import no_such_module_at_all")
    _, edited = write_header(infer_header(before), before, context, frozen=True)
    assert (edited.added, edited.resolved) == (["no-such-module-at-all"], None)


def test_a_header_that_is_there_stays(draft):
    with pytest.raises(HeaderError, match="has a header already"):
        infer_header(draft(header_cell("beta")))
