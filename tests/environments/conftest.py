"""Contexts with a store of the test's own: with the real uv and a local index, and with the fake.

The wheels include an ipykernel that is none, so that kernel layers are built without a network.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headstart.environments.context import Context, open_context
from headstart.settings import Settings
from headstart.store.store import Store
from headstart.testing.fake_uv import FakeUv
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.local_uv import local_settings
from tests.stub_kernel import make_ipykernel


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    make_ipykernel(folder, requires=["shared>=2"])
    make_ipykernel(folder, "6.30", requires=["shared>=1,<2", "helper"])
    for version in ("0.9", "1.5", "2.0", "2.1"):
        make_wheel(folder, "shared", version)
    make_wheel(folder, "helper", "1.0")
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "alpha", "2.0")
    make_wheel(folder, "beta", "1.0", requires=["alpha<2", "shared"])
    make_wheel(folder, "forked", "1.0")
    make_wheel(folder, "forked", "2.0", requires_python=">=3.99")
    make_wheel(folder, "windows-only", "1.0")
    only = ["windows-only; sys_platform == 'win32'", "forked"]
    make_wheel(folder, "anywhere", "1.0", requires=only)
    make_wheel(folder, "evil-home", "1.0", files={"{data}/data/pyvenv.cfg": "home = /evil\n"})
    make_wheel(folder, "evil-python", "1.0", files={"{data}/data/bin/python3": "#!/bin/sh\n"})
    return folder


@pytest.fixture
def context(settings: Settings, tmp_path: Path, index: LocalIndex) -> Context:
    """With the real uv and a local index."""
    return open_context(local_settings(settings, tmp_path, index))


@pytest.fixture
def fake(house: Path) -> FakeUv:
    return FakeUv(house)


@pytest.fixture
def fake_context(settings: Settings, fake: FakeUv) -> Context:
    """With a uv that needs no process."""
    bare = replace(settings, environ={})
    return Context(bare, Store(bare.store), fake)
