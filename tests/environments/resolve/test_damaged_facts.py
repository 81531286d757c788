"""What is remembered is damaged, or the whole store is a copy: the next start is as the first."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.progress import Progress
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure
from tests.local_uv import spec

PACKAGES = ("alpha==2.0", "shared")
LONG_AGO = "2001-02-03"


def cut(text: str) -> str:
    return text[: text.rindex("\n[[packages]]")]


def change_a_digit(text: str) -> str:
    before, mark, digest = text.rpartition('sha256 = "')
    return before + mark + ("1" if digest[0] == "0" else "0") + digest[1:]


@pytest.fixture
def events() -> list[Progress]:
    return []


@pytest.fixture
def listening(context: Context, events: list[Progress]) -> Context:
    return open_context(context.settings, events.append)


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("change", [cut, change_a_digit])
def test_a_remembered_lock_that_was_changed_is_resolved_again(
    listening: Context, events: list[Progress], change: Callable[[str], str], built: bool
) -> None:
    with ensure(spec(*PACKAGES), listening) as ready:
        lock, key = ready.lock, ready.environment.environment.key
    [path] = [
        path
        for path in (listening.store.root / "v1/locks").iterdir()
        if "alpha" in path.read_text()
    ]
    path.write_text(change(path.read_text()))
    if not built:
        for entry in listening.store.entries():
            listening.store.remove(entry.kind, entry.key)
        shutil.rmtree(listening.store.root / "v1/wheels")
    events.clear()
    with ensure(spec(*PACKAGES), listening) as again:
        assert (again.lock, again.environment.environment.key) == (lock, key)
        assert again.reused == built
    said = [event.message for event in events if "is damaged" in event.message]
    assert len(said) == 1


def test_every_fact_that_is_remembered_can_be_lost(listening: Context) -> None:
    with ensure(spec(*PACKAGES), listening) as ready:
        key = ready.environment.environment.key
    for path in sorted((listening.store.root / "v1/locks").iterdir()):
        path.write_text(path.read_text()[:-1])
        with ensure(spec(*PACKAGES), listening) as again:
            assert again.environment.environment.key == key


@pytest.mark.parametrize("keep", [True, False])
def test_a_copy_of_a_store_needs_no_index(context: Context, tmp_path: Path, keep: bool) -> None:
    ensure(spec(*PACKAGES), context).close()
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(context.store.root), str(copy)], check=True)
    subprocess.run(["find", str(copy), "-exec", "touch", "-hd", LONG_AGO, "{}", "+"], check=True)
    copied = open_context(replace(context.settings, store=copy, offline=True))
    with ensure(spec(*PACKAGES), context) as ready:
        key = ready.environment.environment.key
    if not keep:
        shutil.rmtree(copy / "v1/environments" / key)
    with ensure(spec(*PACKAGES), copied) as again:
        assert again.environment.environment.prefix == os.fspath(copy / "v1/environments" / key)
        assert again.reused == keep
