"""An environment and its layer, as a kernel start gets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.core.environment import Distribution
from headstart.core.lock import Lock
from headstart.core.spec import EMPTY_SPEC
from headstart.environments.ensure import Ready
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, LAYER, OTHER_KEY, fill

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
