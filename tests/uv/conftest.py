"""A local index with wheels that fail in every way a resolution can."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.settings import Settings
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_sdist, make_wheel
from tests.local_uv import local_settings


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "alpha", "2.0")
    make_wheel(folder, "beta", "1.0", requires=["alpha<2"])
    make_wheel(folder, "gamma", "1.0", requires=["alpha>=2"])
    make_wheel(folder, "delta", "1.0", requires=["beta"])
    make_wheel(folder, "needs-missing", "1.0", requires=["missing"])
    make_wheel(folder, "needs-later", "1.0", requires=["beta"])
    away = "away @ https://user:secret@example.org/away-1.0-py3-none-any.whl"
    make_wheel(folder, "wants-url", "1.0", requires=[away])
    make_wheel(folder, "wants-wants", "1.0", requires=["wants-url"])
    make_wheel(folder, "needs-newer", "1.0", requires=["alpha>=3"])
    make_wheel(folder, "windows", "1.0", tag="py3-none-win_amd64")
    make_wheel(folder, "future", "1.0", requires_python=">=3.99")
    make_wheel(folder, "old-abi", "1.0", tag="cp27-cp27m-manylinux1_x86_64")
    make_sdist(folder, "source", "1.0")
    make_sdist(folder, "sklearn", "0.0")
    make_wheel(folder, "script-python", "1.0", scripts={"python": "script_python:main"})
    make_wheel(folder, "script-outside", "1.0", scripts={"../../x": "script_outside:main"})
    return folder


@pytest.fixture
def local(settings: Settings, tmp_path: Path, index: LocalIndex) -> Settings:
    return local_settings(settings, tmp_path, index)
