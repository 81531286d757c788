"""The power of a disk is cut while processes build on it."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from headstart.core.refresh import RefreshMode
from headstart.environments.ready import Ready
from headstart.errors import HeadstartError
from headstart.store.verify_all import verify_all
from tests.faults.disks import mounted
from tests.faults.workshop import SPECS, Workshop, child, kill, wait_for

LONGEST, LONGEST_WITH_UV = 0.4, 1.5
"""Seconds after which the power is cut at the latest."""

BUILDERS = 2

KERNELS = 2
"""Ephemeral environments that each of them has in use."""

ENDS = (b"\n", b"}")
"""How locks end, and the other things that are remembered."""


def power_cuts(
    folder: str,
    file_system: str,
    cuts: int,
    seed: int,
    enough: int = 10**9,
    index: str = "",
    ephemeral: bool = False,
) -> dict[str, Any]:
    """Cut the power again and again, and look at what is on the disk after each time.

    :param index: see `Workshop`; uv's cache is on the disk too.
    :param enough: stop once that much is wrong.
    :param ephemeral: build for one kernel each time, of wheels that are new as often as not.
    """
    rng, survived, wrong, left = random.Random(seed), 0, [], 0
    build = _build_ephemeral_on if ephemeral else _build_on
    with mounted(file_system) as disk:
        shop = Workshop(Path(folder), disk.place / "store", index)
        for number in range(cuts):
            if len(wrong) >= enough:
                cuts = number
                break
            if index and rng.random() < 0.5:
                shutil.rmtree(
                    shop.context.store.uv_cache, ignore_errors=True
                )  # uv has to unpack everything again
            builders = [child(lambda: build(shop)) for _ in range(BUILDERS)]
            builders.append(child(lambda: _write_on(disk.place / "bystander")))
            time.sleep(rng.uniform(0, LONGEST_WITH_UV if index else LONGEST))
            disk.cut()
            for builder in builders:
                kill(builder)
            wait_for(builders)
            disk.unmount()
            disk.mount()
            found, problems = shop.check()
            survived += found
            left += len(list(shop.root.glob("v1/ephemeral/*")))
            problems += _wrong_shared(shop)
            wrong += [f"cut {number}: {line}" for line in problems]
            wrong += [f"cut {number}, later: {line}" for line in _wrong_later(shop)]
    return {"cuts": cuts, "survived": survived, "left": left, "violations": wrong}


def _build_on(shop: Workshop) -> None:
    """Build until the power goes, and remove so that there is something to build."""
    with suppress(HeadstartError):
        while True:
            spec = random.choice(SPECS)
            shop.remove(spec)
            shop.get(spec).close()


def _build_ephemeral_on(shop: Workshop) -> None:
    """Build for one kernel after the other until the power goes; the last of them still run."""
    running: deque[Ready] = deque()
    while True:
        with suppress(HeadstartError):  # two who forget parts may be in each other's way
            spec = random.choice(SPECS)
            if random.random() < 0.5:
                shop.forget(spec)
            running.append(shop.get(spec._replace(refresh=RefreshMode.EPHEMERAL)))
            if len(running) > KERNELS:
                running.popleft().release()


def _write_on(path: Path) -> None:
    """Another program, which syncs a file of its own.

    So the journal is written all the time, and with it the names of files whose content is not.
    """
    with suppress(OSError), path.open("wb") as file:
        while True:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
            time.sleep(0.02)


def _wrong_shared(shop: Workshop) -> Iterator[str]:
    """What is wrong with what environments share, and with who uses what: nobody does by now."""
    store = shop.context.store
    yield from (f"{item.key[:12]} is in use" for item in store.entries() if item.in_use)
    for path in sorted(shop.root.glob("v1/locks/*")):
        if not path.read_bytes().endswith(ENDS):
            yield f"the remembered lock {path.name[:12]} is cut short"
    for item in verify_all(store):
        if item.problems:
            yield f"{item.name}: {item.problems[0]}"


def _wrong_later(shop: Workshop) -> list[str]:
    """What is wrong once the power is back: everything can be had, and nothing stays behind."""
    try:
        # The ephemeral ones first: they are always put together out of what is shared.
        fresh = [spec._replace(refresh=RefreshMode.EPHEMERAL) for spec in SPECS]
        wrong = [line for spec in (*fresh, *SPECS) for line in shop.use(spec)]
        shop.context.store.remove_leftovers()
    except HeadstartError as error:
        return [str(error)]
    # Half of them from here on, so that what survives is not always all.
    for spec in random.sample(SPECS, len(SPECS) // 2):
        shop.remove(spec)
    return wrong + [f"left behind: {path}" for path in shop.leftovers()]
