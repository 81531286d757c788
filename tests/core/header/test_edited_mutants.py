"""Odd headers that can be read can be edited too, or say why not; nothing else in them changes."""

from __future__ import annotations

import json

import pytest

from headstart.core.header.edit import edit_header, set_refresh, written_dependencies
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import Header
from headstart.core.notebook.find import FoundHeader, Notebook, find_header, notebook_of
from headstart.core.refresh import RefreshMode
from headstart.core.requirements.edits import added, removed
from headstart.core.requirements.string_list import rewritten, texts_of
from headstart.errors import HeadstartError
from tests.core.test_corpus import Mutator
from tests.faults.extent import times

BATCHES = times(2, 6, 60)
MUTANTS = 500 * BATCHES


def text_of(notebook: Notebook) -> str:
    """The text of the notebook's file."""
    if notebook.text is not None:
        return notebook.text
    cells = [
        {"cell_type": cell.kind, "source": cell.source.splitlines(keepends=True), "metadata": {}}
        for cell in notebook.cells
    ]
    return json.dumps({"cells": cells, "metadata": dict(notebook.metadata)}, indent=1)


def notebook_in(text: str, like: Notebook) -> Notebook:
    """The notebook that a file of that kind holds."""
    if like.text is not None:
        return like._replace(text=text)
    return notebook_of(json.loads(text), like.path)


def read(notebook: Notebook) -> tuple[FoundHeader, Header] | None:
    """The header, if there is one that can be read."""
    try:
        found = find_header(notebook)
        return None if found is None else (found, parse_header(found))
    except HeadstartError:
        return None


def without(header: Header, name: str) -> tuple[object, list[str]]:
    """All that a header says, and of its requirements those that are not of that name."""
    texts = [item.text for item in header.requirements if item.parsed.name != name]
    return header._replace(requirements=()), texts


def edited(notebook: Notebook, found: FoundHeader, *, add: bool) -> Notebook:
    """The notebook with another requirement, or again without it."""
    old = written_dependencies(found)
    change = added(texts_of(old), ["zzz-new>=1"]) if add else removed(texts_of(old), ["zzz-new"])
    value = rewritten(old, change)
    edit = edit_header(notebook, found, "dependencies", value)
    return notebook_in(edit.in_file(text_of(notebook)), notebook)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_a_requirement_is_added_and_taken_out_again(seed: int) -> None:
    mutator, edits = Mutator(1_000 + seed), 0
    for _ in range(MUTANTS // BATCHES):
        place, text = mutator.mutant()
        notebook = notebook_in(text_of(place(text).notebook), place(text).notebook)
        before = read(notebook)
        if before is None:
            continue
        try:
            more = edited(notebook, before[0], add=True)
        except HeadstartError:
            continue
        after = read(more)
        assert after is not None, text
        assert without(after[1], "zzz-new") == without(before[1], ""), text
        assert "zzz-new>=1" in [item.text for item in after[1].requirements], text
        again = read(edited(more, after[0], add=False))
        assert again is not None, text
        assert without(again[1], "") == without(before[1], ""), text
        edits += 1
    assert edits > 20


def switched(notebook: Notebook, mode: RefreshMode) -> Notebook:
    """The notebook after the panel's switch."""
    edit = set_refresh(notebook, find_header(notebook), mode)
    return notebook_in(edit.in_file(text_of(notebook)), notebook)


@pytest.mark.parametrize("seed", range(2))
def test_what_can_be_switched_on_can_be_switched_off(seed: int) -> None:
    mutator, switches = Mutator(2_000 + seed), 0
    for _ in range(MUTANTS // BATCHES):
        place, text = mutator.mutant()
        notebook = notebook_in(text_of(place(text).notebook), place(text).notebook)
        before = read(notebook)
        if before is None:
            continue
        try:
            on = switched(notebook, RefreshMode.EPHEMERAL)
        except HeadstartError:
            continue
        after, off = read(on), read(switched(on, RefreshMode.CACHED))
        assert after is not None, text
        assert after[1].refresh is RefreshMode.EPHEMERAL, text
        assert all_but_the_mode(after[1]) == all_but_the_mode(before[1]), text
        if off is not None:  # else the metadata had nothing but the mode
            assert off[1].refresh is RefreshMode.CACHED, text
            assert all_but_the_mode(off[1]) == all_but_the_mode(before[1]), text
        switches += 1
    assert switches > 20


def all_but_the_mode(header: Header) -> dict[str, object]:
    return {**header.to_json(), "refresh": None, "warnings": None}
