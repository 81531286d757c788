"""Requests that are not what the front end would send are refused, and the answer says why."""

from __future__ import annotations

import json

import pytest

from headstart.core.notebook.find import find_header
from headstart.core.refresh import RefreshMode
from headstart.errors import HeadstartError, RequestError
from headstart.server import bodies
from headstart.testing.notebooks import header_cell

CELL = {"index": 3, "cell_type": "code", "source": header_cell("numpy")}
BODY = {"path": "sub/a.ipynb", "cells": [CELL], "metadata": None}


def test_a_header_keeps_the_position_of_its_cell() -> None:
    edited = bodies.read_edited_header(BODY)
    header = find_header(edited.notebook)
    assert header is not None
    assert header.cell == 3
    assert edited.notebook.cells[header.cell].source == CELL["source"]
    assert edited.path == "sub/a.ipynb"


def test_metadata_is_the_value_of_our_key() -> None:
    edited = bodies.read_edited_header({**BODY, "cells": [], "metadata": {"dependencies": "six"}})
    header = find_header(edited.notebook)
    assert header is not None
    assert header.fields == {"dependencies": "six"}


def test_cells_that_jupytext_made_of_a_text_are_read_as_such() -> None:
    cell = {"index": 0, "cell_type": "markdown", "source": "/// script\ndependencies = []\n///"}
    jupytext = {"text_representation": {"extension": ".py", "format_name": "light"}}
    assert find_header(bodies.read_edited_header({**BODY, "cells": [cell]}).notebook) is None
    edited = bodies.read_edited_header({**BODY, "cells": [cell], "jupytext": jupytext})
    header = find_header(edited.notebook)
    assert header is not None
    assert header.prefix == ""


@pytest.mark.parametrize(
    "change",
    [
        {"path": None},
        {"path": ""},
        {"path": "../a.ipynb"},
        {"path": "a\0.ipynb"},
        {"path": 3},
        {"cells": None},
        {"cells": {"0": CELL}},
        {"cells": ["# /// script"]},
        {"cells": [{**CELL, "index": -1}]},
        {"cells": [{**CELL, "index": 10**12}]},
        {"cells": [{**CELL, "source": ["# /// script"]}]},
        {"cells": [{**CELL, "cell_type": None}]},
    ],
)
def test_what_is_missing_or_of_another_kind_is_refused(change) -> None:
    with pytest.raises(RequestError) as caught:
        bodies.read_edited_header({**BODY, **change})
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body) -> None:
    with pytest.raises(RequestError, match="not a JSON object"):
        bodies.read_object(body)


def test_a_notebooks_lock_comes_with_its_header() -> None:
    lock = {"pylock": ["x" * 1000] * 4000}
    body = {"path": "a.ipynb", "cells": [], "metadata": {"lock": lock}}
    edited = bodies.read_edited_header(bodies.read_object(json.dumps(body).encode()))
    assert edited.notebook.metadata["headstart"]["lock"] == lock


def test_a_body_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(RequestError, match="at most"):
        bodies.read_object(json.dumps({"path": "x" * bodies.MAX_BODY}).encode())


@pytest.mark.parametrize("number", ["7", -1, True, 1.5, None, 2**53, 10**30])
def test_a_number_that_no_page_can_count_to_is_refused(number: object) -> None:
    with pytest.raises(RequestError, match="revision"):
        bodies.read_revision({"page": "p", "revision": number})
    assert bodies.read_revision({"page": "p", "revision": 2**53 - 1}) == ("p", 2**53 - 1)


@pytest.mark.parametrize("page", [None, "", 3, "x" * 101])
def test_a_page_that_has_no_name_is_refused(page: object) -> None:
    with pytest.raises(RequestError, match="page"):
        bodies.read_revision({"page": page, "revision": 1})


def test_a_refresh_mode_is_one_of_two() -> None:
    assert bodies.read_refresh({"refresh": "ephemeral"}) is RefreshMode.EPHEMERAL
    for wrong in ({}, {"refresh": True}, {"refresh": "sometimes"}):
        with pytest.raises(HeadstartError):
            bodies.read_refresh(wrong)


def test_a_kernel_id_may_be_missing() -> None:
    assert bodies.read_kernel_id({}) == ""
    assert bodies.read_kernel_id({"kernel_id": None}) == ""
    assert bodies.read_kernel_id({"kernel_id": "k1"}) == "k1"
