"""Write a lock into a notebook, and renew it."""

from __future__ import annotations

import json

import pytest

from headstart.editing.draft import read_draft
from headstart.editing.relock import lock_notebook
from headstart.testing.notebooks import header_cell, save_notebook


@pytest.fixture
def path(tmp_path):
    return save_notebook(tmp_path / "a.ipynb", header_cell("beta"))


@pytest.fixture
def relock(path, context):
    def run(upgrade=None):
        draft = read_draft(path, context.settings)
        return lock_notebook(path, draft.notebook, draft.request(locked=False), context, upgrade)

    return run


def test_the_first_lock_adds_everything(relock, path):
    relocked = relock()
    assert relocked.old is None
    assert relocked.versions == {"alpha": "1.0", "beta": "1.0"}
    assert relocked.difference.added == (("alpha", "1.0"), ("beta", "1.0"))
    assert json.loads(path.read_text())["metadata"]["headstart"]["lock"]


def test_the_same_lock_is_not_written_again(relock, path):
    relock()
    before = path.read_bytes()
    relocked = relock()
    assert (relocked.changed, relocked.notes) == (False, ())
    assert path.read_bytes() == before


def test_a_damaged_lock_is_replaced_and_the_note_is_a_value(relock, path, capfd):
    relock()
    document = json.loads(path.read_text())
    document["metadata"]["headstart"]["lock"]["pylock"] = "["
    path.write_text(json.dumps(document))
    relocked = relock()
    [note] = relocked.notes
    assert note.endswith("A new lock takes its place.")
    assert relocked.changed
    assert relocked.old is None
    assert capfd.readouterr() == ("", "")
