"""Isolation of the whole session, guards around every test, and the stores that tests use."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.isolation import PREFIX, isolate, remove_tree, shared_folder, snapshot
from tests.zygotes import Zygotes

# Before anything imports Jupyter, whose paths are partly constants taken at import.
SESSION_FOLDER = isolate()

from headstart.core.header.spec import EMPTY_SPEC  # noqa: E402  (after the isolation)
from headstart.environments.context import open_context  # noqa: E402
from headstart.environments.ready import ensure  # noqa: E402
from headstart.settings import Settings, read_settings  # noqa: E402
from headstart.testing.package_index import LocalIndex  # noqa: E402

pytest_plugins = ["pytester", "tests.faults.figures"]


@pytest.fixture(autouse=True)
def guard_process() -> Iterator[None]:
    """Fail a test that leaves the process with other variables or another working directory."""
    environ, folder = dict(os.environ), Path.cwd()
    yield
    after = dict(os.environ)
    left = Path.cwd()
    os.chdir(folder)
    changed = sorted(
        name
        for name in environ.keys() | after.keys()
        if environ.get(name) != after.get(name) and name != "PYTEST_CURRENT_TEST"
    )
    assert left == folder, f"The test changed the working directory to {left}."
    assert not changed, f"The test left these environment variables changed: {changed}."


@pytest.fixture(autouse=True)
def guard_home() -> Iterator[None]:
    """Fail a test that reaches the real store, home or Jupyter folders."""
    before = snapshot()
    yield
    new = sorted(snapshot() ^ before)
    assert not new, f"While the test ran, these appeared or went in the user's folders: {new}."


@pytest.fixture
def store_root() -> Iterator[Path]:
    """An empty store of the test's own; its path is short enough for sockets below it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    yield folder
    remove_tree(folder)


@pytest.fixture
def settings(store_root: Path) -> Settings:
    """Settings as the session's environment gives them, with a store of the test's own."""
    return replace(read_settings(), store=store_root)


@pytest.fixture(scope="session")
def shared_store() -> Path:
    """One store a session, for tests with real packages: each is downloaded and built once.

    Workers share it as users do: the store's own locks are all that it takes.
    """
    folder = shared_folder() / "shared"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def shared_layer(shared_store: Path) -> Path:
    """The same store, with a kernel layer: kernels that start before their environment run in it.

    A server makes one when it starts; tests do not wait for that.
    """
    with ensure(EMPTY_SPEC, open_context(replace(read_settings(), store=shared_store))):
        return shared_store


@pytest.fixture
def shared_settings(shared_store: Path) -> Settings:
    """Settings with the store that the session shares."""
    return replace(read_settings(), store=shared_store)


@pytest.fixture
def index(house: Path) -> Iterator[LocalIndex]:
    """An index of the wheels in ``house``, which every folder of tests has its own of."""
    with LocalIndex(house) as running:
        yield running


@pytest.fixture
def zygotes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zygotes]:
    """Zygotes are on, in this process and in those that it starts; all of them end with the test.

    In a Jupyter runtime folder of the test's own, so that no test gets another's.
    """
    runtime = Path(tempfile.mkdtemp(prefix=PREFIX))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("HEADSTART_ZYGOTE", "on")
    zygotes = Zygotes(runtime / "zygotes")
    yield zygotes
    zygotes.end()
    remove_tree(runtime)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium. Where there is none, a laptop skips the test and CI fails it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("Chromium is not installed, and CI has to run the browser tests.")
    pytest.skip("Chromium is not installed.")
