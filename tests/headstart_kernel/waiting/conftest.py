"""Kernels with a link, and an environment for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.forks import Forks
from tests.zygotes import Zygotes

from .linked import Linked, make_environment

Start = Callable[..., Linked]


@pytest.fixture
def forks(zygotes: Zygotes, store_root: Path) -> Iterator[Forks]:
    """Kernels of a folder of the test's own, which end with it."""
    forks = Forks(store_root, zygotes)
    yield forks
    forks.end()


@pytest.fixture
def start(forks: Forks) -> Iterator[Start]:
    """Starts a kernel that has a link and no environment."""
    with ExitStack() as stack:

        def begin(kind: str = "process", **options: Any) -> Linked:
            linked = Linked(forks, kind, **options)
            stack.callback(linked.close)
            return linked

        yield begin


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment that has a module of its own."""
    return make_environment(tmp_path, packaged="value = 42")
