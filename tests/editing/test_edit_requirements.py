"""Add, remove, pin and upgrade requirements, without a command line."""

from __future__ import annotations

import pytest

from headstart.editing.draft import read_draft
from headstart.editing.edit_requirements import (
    add_requirements,
    pin_requirements,
    remove_requirements,
    upgrade_requirements,
)
from headstart.errors import HeaderError, NoSuchPackage
from headstart.testing.notebooks import header_cell, save_notebook


@pytest.fixture
def draft(tmp_path, context):
    """Reads a notebook with these requirements, or with no header if there are none."""

    def read(*requirements: str):
        cells = [header_cell(*requirements)] if requirements else ["1 + 1"]
        path = save_notebook(tmp_path / "a.ipynb", *cells)
        return read_draft(path, context.settings, allow_no_header=True)

    return read


def written(edited) -> list[str]:
    return read_draft(edited.after.path, edited.after.settings).texts


@pytest.mark.parametrize("pin, texts", [(False, ["beta"]), (True, ["beta==1.0"])])
def test_add_gives_a_notebook_a_header(draft, context, pin, texts):
    edited = add_requirements(draft(), ["beta"], context, pin=pin)
    assert written(edited) == edited.added == texts
    assert edited.resolved.versions == {"alpha": "1.0", "beta": "1.0"}


def test_what_no_index_has_is_not_added(draft, context):
    before = draft("beta")
    with pytest.raises(NoSuchPackage):
        add_requirements(before, ["gone"], context)
    assert before.path.read_text() == before.text


def test_remove_resolves_nothing(draft, context):
    edited = remove_requirements(draft("alpha", "beta"), ["Alpha"], context)
    assert (written(edited), edited.resolved) == (["beta"], None)
    with pytest.raises(HeaderError):
        remove_requirements(edited.after, ["alpha"], context)


def test_pin_writes_the_versions_of_the_lock(draft, context):
    edited = pin_requirements(draft("alpha", "beta"), ["alpha"], context)
    assert written(edited) == ["alpha==1.0", "beta"]


def test_upgrade_renews_what_is_pinned(draft, context):
    assert written(upgrade_requirements(draft("alpha==1.0"), [], context)) == ["alpha==2.0"]


def test_upgrade_of_what_is_not_pinned_says_what_else_there_is(draft, context):
    edited = upgrade_requirements(draft("alpha"), [], context)
    [note] = edited.notes
    assert note.endswith(f"headstart lock {edited.after.path} --upgrade")
    assert not edited.changed
