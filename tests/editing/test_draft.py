"""Read a notebook, edit its header, resolve it, and write it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from headstart.editing.draft import Edited, read_draft, resolve_draft, save
from headstart.editing.relock import lock_notebook
from headstart.errors import HeaderError
from headstart.testing.notebooks import header_cell, save_notebook


@pytest.fixture
def path(tmp_path):
    return save_notebook(tmp_path / "a.ipynb", "1 + 1", header_cell("beta"))


def locked(path, context):
    draft = read_draft(path, context.settings)
    lock_notebook(path, draft.notebook, draft.request(locked=False), context)
    return read_draft(path, context.settings)


def lock_in(path):
    return json.loads(path.read_text())["metadata"]["headstart"]["lock"]


def test_a_draft_changes_no_file(path, settings):
    before = path.read_bytes()
    draft = read_draft(path, settings)
    after = draft.with_texts(["beta", "alpha"])
    assert (draft.texts, after.texts) == (["beta"], ["beta", "alpha"])
    assert (after.place, after.location) == ("cell", f"{path}, cell 2, line 2")
    assert path.read_bytes() == before


def test_a_notebook_without_a_header_gets_one_only_where_that_is_allowed(tmp_path, settings):
    path = save_notebook(tmp_path / "a.ipynb", "1 + 1")
    with pytest.raises(HeaderError, match="has no header"):
        read_draft(path, settings)
    draft = read_draft(path, settings, allow_no_header=True)
    assert (draft.header, draft.texts, draft.place) == (None, [], "")
    assert draft.with_texts(["beta"]).place == "cell"


def test_a_draft_is_resolved_before_it_is_written(path, context):
    before = path.read_bytes()
    after = read_draft(path, context.settings).with_texts(["beta", "alpha"])
    assert resolve_draft(after, context).versions == {"alpha": "1.0", "beta": "1.0"}
    assert path.read_bytes() == before


def test_an_edit_renews_the_lock_and_prints_nothing(path, context, capfd):
    draft = locked(path, context)
    edited = save(Edited(draft, draft.with_texts(["alpha"])), context, frozen=False)
    assert (edited.added, edited.removed, edited.relocked) == (["alpha"], ["beta"], True)
    assert "beta" not in lock_in(path)["pylock"]
    assert capfd.readouterr() == ("", "")


def test_an_edit_that_leaves_the_lock_says_so_in_a_note(path, context, capfd):
    draft = locked(path, context)
    before = lock_in(path)
    edited = save(Edited(draft, draft.with_texts(["alpha"])), context, frozen=True)
    assert edited.notes == (f"The lock is as it was. Renew it: headstart lock {path}",)
    assert lock_in(path) == before
    assert capfd.readouterr() == ("", "")


def test_no_header_is_written_that_cannot_be_read(path, settings, context):
    before = path.read_bytes()
    draft = read_draft(path, settings)
    after = replace(draft, text=draft.text.replace("dependencies = [", "dependencies = [3, "))
    assert after.text != draft.text
    with pytest.raises(HeaderError):
        save(Edited(draft, after), context, frozen=True)
    assert path.read_bytes() == before
