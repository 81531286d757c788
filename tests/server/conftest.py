"""The fixtures of pytest-jupyter, for these tests only: two of them work on every test they see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  (fixtures and hooks, as its pages say)
from traitlets.config import Config

import headstart
from headstart.kernels.notebook.unsaved import live_headers
from headstart.kernels.status import status_board


@pytest.fixture
def jp_server_config() -> Config:
    """A server with the extension, which refuses requests without a token."""
    return Config(
        {
            "ServerApp": {
                "jpserver_extensions": {"headstart": True, "jupyter_server_terminals": False},
                "allow_unauthenticated_access": False,
            }
        }
    )


@pytest.fixture
def kernelspec(jp_data_dir: Path) -> str:
    """Name of our kernelspec, installed where the server of the test looks for it."""
    spec = Path(headstart.__file__).parent / "kernels/spec"
    shutil.copytree(spec, jp_data_dir / "kernels/headstart")
    return "headstart"


@pytest.fixture(autouse=True)
def empty_boards() -> Iterator[None]:
    """Leave nothing to the next test: both are of the process."""
    yield
    live_headers.clear()
    for status in status_board.all():
        status_board.forget(status.kernel_id)
