"""Wheels, a store and a folder for clients."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headstart import envvars
from headstart.environments.context import open_context
from headstart.settings import read_settings
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import list_pythons

from .drive import Clients


@pytest.fixture(scope="session")
def client_wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a library, and a few more; real packages take longer to install."""
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "hs-lib", "1.0")
    make_wheel(folder, "hs-lib", "2.0")
    make_wheel(folder, "hs-other", "1.0", scripts={"hs-other": "hs_other:main"})
    make_wheel(folder, "hs-own", "1.0")
    make_wheel(folder, "hs-picky", "1.0", requires=["hs-lib<2"])
    return folder


@pytest.fixture
def clients(tmp_path: Path, shared_store: Path, client_wheels: Path) -> Iterator[Clients]:
    """Clients with the session's store, as a user has them: no configuration at all."""
    places = {envvars.STORE: str(shared_store), envvars.FIND_LINKS: str(client_wheels)}
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    clients = Clients(tmp_path, {**kept, **places})
    yield clients
    clients.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for notebooks, below the one that clients are called from."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def other_pythons(shared_store: Path) -> list[int]:
    """Minor versions of Pythons on this machine beside Jupyter's: the oldest and the newest.

    Asked of uv in the way that Headstart asks it; a machine that has none downloads one.
    """
    context = open_context(replace(read_settings(), store=shared_store))
    found = [
        python["version_parts"]["minor"]
        for python in json.loads(context.uv.run(list_pythons()).stdout)
        if python["implementation"] == "cpython"
    ]
    own = sys.version_info.minor
    others = sorted({minor for minor in found if 10 <= minor <= 13} - {own})
    return sorted({others[0], others[-1]}) if others else [12 if own != 12 else 13]
