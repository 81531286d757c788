"""A notebook that writes into its environment, where another environment has the same files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.workshop import SPECS, Workshop, child, wait_for
from tests.store.helpers import become_ordinary

FIRST, SECOND = SPECS[0], SPECS[1]
"""Both hold ``ash``."""


def write_into_one(folder: str, ordinary: bool) -> dict[str, Any]:
    """Append to every file of one environment, and look at another.

    :param ordinary: do so as the user that the store belongs to, in environments that are linked
        together; else as whoever runs this, in those that they would have.
    """
    shop = Workshop(Path(folder))
    if not ordinary:
        shop.settings = replace(shop.settings, link_mode="auto")
    with shop.get(FIRST) as ready:
        first = Path(ready.environment.environment.prefix)
    with shop.get(SECOND) as ready:
        second = Path(ready.environment.environment.prefix)
    writer = child(lambda: _write(Path(folder), first, ordinary))
    assert wait_for([writer]) == [0]
    changed = len(shop.oracle.check(first, imports=False))
    return {"changed": changed, "violations": shop.oracle.check(second, imports=False)}


def _write(top: Path, prefix: Path, ordinary: bool) -> None:
    if ordinary:
        become_ordinary(top, owner=True)
    for path in prefix.glob("lib/python*/site-packages/ash/**/*"):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        except (PermissionError, IsADirectoryError):
            continue
        os.write(descriptor, b"\n# a notebook was here\n")
        os.close(descriptor)
