"""A context with the real uv, an index of small wheels and a store of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.environments.context import Context, open_context
from headstart.settings import Settings
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.local_uv import local_settings

KERNEL = {f"ipykernel/{name}.py": "" for name in ("__init__", "ipkernel", "kernelapp", "zmqshell")}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "ipykernel", "7.0", KERNEL)
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "alpha", "2.0")
    make_wheel(folder, "beta", "1.0", requires=["alpha<2"])
    return folder


@pytest.fixture
def context(settings: Settings, tmp_path: Path, index: LocalIndex) -> Context:
    return open_context(local_settings(settings, tmp_path, index))
