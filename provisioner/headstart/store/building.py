"""Builds in progress: private folders, each with a lock that its builder holds while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .disk.file_locks import FileLock, try_lock
from .disk.trees import delete_tree, is_fresh
from .layout import Layout, random_name

LOCK = "lock"
LONGEST_BUILD = 86_400.0
"""Seconds after which a build of another host counts as dead."""


@contextmanager
def build_folder(layout: Layout, name: str) -> Iterator[Path]:
    """An empty folder ``building/<name>.<random>/``, except for the lock that we hold in it.

    It is removed at the end. Where the process is killed or interrupted it stays, and no process
    builds in it again: what a killed installer leaves looks complete and is not.
    """
    folder, lock = _claim(layout, name)
    with lock:
        try:
            yield folder
        except Exception:
            delete_tree(folder)
            raise
        delete_tree(folder)


def _claim(layout: Layout, name: str) -> tuple[Path, FileLock]:
    while True:
        folder = layout.building / f"{name}.{random_name()}"
        folder.mkdir(mode=0o700)
        # Until the lock is held, another process that prunes may remove the folder as a dead build.
        try:
            lock = try_lock(folder / LOCK)
        except FileNotFoundError:
            continue
        if lock is not None:
            return folder, lock
        delete_tree(folder)  # it may have been somebody who only looked whether it is held


def dead_builds(layout: Layout) -> Iterator[Path]:
    """Folders whose builder has ended, each with its lock held until the next one is yielded."""
    for folder in sorted(layout.building.iterdir()):
        # Locks may not work between hosts: only its age tells that another host's build is dead.
        if layout.host and is_fresh(folder / LOCK, LONGEST_BUILD):
            continue
        try:
            lock = try_lock(folder / LOCK)
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            yield folder
            continue
        if lock is not None:
            with lock:
                yield folder
