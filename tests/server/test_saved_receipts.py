"""Receipts in the notebooks that a real server saves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from traitlets.config import Config

from headstart.kernels.receipts import _left
from headstart.kernels.status import status_board
from headstart.testing.notebooks import make_notebook
from tests.core.store.test_receipt import RECEIPT

from .factory import ready


@pytest.fixture(params=["off", "save", "headless"])
def receipts(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[False, True], ids=["alone", "with-jupytext"])
def jupytext(request: pytest.FixtureRequest) -> bool:
    """Whether jupytext's extension, which loads after ours, brings its contents manager."""
    return request.param


@pytest.fixture
def jp_server_config(jp_server_config: Config, receipts: str, jupytext: bool) -> Config:
    config = Config({**jp_server_config, "Headstart": {"receipts": receipts}})
    config.ServerApp.jpserver_extensions = {"headstart": True, "jupyterlab_jupytext": jupytext}
    return config


@pytest.fixture(autouse=True)
def kernel() -> Iterator[None]:
    status_board.set(ready(path="a.ipynb", receipt=RECEIPT))
    yield
    status_board.forget("k1")
    _left.clear()


async def test_a_save_leaves_a_receipt_where_the_settings_say_so(jp_fetch, receipts) -> None:
    body = json.dumps({"type": "notebook", "content": make_notebook("1")})
    await jp_fetch("api", "contents", "a.ipynb", method="PUT", body=body)
    answer: Any = json.loads((await jp_fetch("api", "contents", "a.ipynb")).body)
    kept = answer["content"]["metadata"].get("headstart")
    assert kept == ({"receipt": RECEIPT.to_json()} if receipts == "save" else None)
