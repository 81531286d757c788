from __future__ import annotations

from pathlib import Path

import pytest

from headstart.store.layout import Layout
from headstart.store.store import Store


@pytest.fixture
def store(store_root: Path) -> Store:
    return Store(store_root)


@pytest.fixture
def layout(store_root: Path) -> Layout:
    layout = Layout(store_root)
    layout.make()
    return layout
