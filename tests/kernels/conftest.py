"""What tests of kernel starts share: an environment with its layer, and forked kernels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.core.header.spec import EMPTY_SPEC
from headstart.core.lock.pylock import Lock
from headstart.core.store.manifest import Distribution
from headstart.environments.ready import Ready
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, LAYER, OTHER_KEY, fill
from tests.zygotes import Zygotes

from .forks import Forks

SIX = Distribution("six", "1.0", wheel="a" * 64)


@pytest.fixture
def ready(store_root: Path) -> Iterator[Ready]:
    """What `ensure` returns; the environment and the layer both hold six."""
    store = Store(store_root)
    held = [
        store.build(kind, key, lambda prefix: fill(prefix)._replace(distributions=(SIX,)))
        for kind, key in ((KIND, KEY), (LAYER, OTHER_KEY))
    ]
    ready = Ready(EMPTY_SPEC, Lock((), ""), *held, reused=True, timings={}, store=store)
    yield ready
    ready.release()


@pytest.fixture
def forks(zygotes: Zygotes, store_root: Path) -> Iterator[Forks]:
    """Kernels of a folder of the test's own, which end with it."""
    forks = Forks(store_root, zygotes)
    yield forks
    forks.end()
