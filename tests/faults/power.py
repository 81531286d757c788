"""The power of a disk is cut while processes build on it."""

from __future__ import annotations

import os
import random
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from headstart.errors import HeadstartError
from tests.faults.disks import mounted
from tests.faults.workshop import SPECS, Workshop, child, kill, wait_for

LONGEST, LONGEST_WITH_UV = 0.4, 1.5
"""Seconds after which the power is cut at the latest."""

BUILDERS = 2


def power_cuts(
    folder: str, file_system: str, cuts: int, seed: int, enough: int = 10**9, index: str = ""
) -> dict[str, Any]:
    """Cut the power again and again, and look at what is on the disk after each time.

    :param index: see `Workshop`; uv's cache is on the disk too.
    :param enough: stop once that much is wrong.
    """
    rng, survived, wrong = random.Random(seed), 0, []
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
            builders = [child(lambda: _build_on(shop)) for _ in range(BUILDERS)]
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
            wrong += [f"cut {number}: {line}" for line in problems]
            wrong += [f"cut {number}, later: {line}" for line in _wrong_later(shop)]
    return {"cuts": cuts, "survived": survived, "violations": wrong}


def _build_on(shop: Workshop) -> None:
    """Build until the power goes, and remove so that there is something to build."""
    with suppress(HeadstartError):
        while True:
            spec = random.choice(SPECS)
            shop.remove(spec)
            shop.get(spec).close()


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


def _wrong_later(shop: Workshop) -> list[str]:
    """What is wrong once the power is back: everything can be had, and nothing stays behind."""
    try:
        wrong = [line for spec in SPECS for line in shop.use(spec)]
        shop.context.store.remove_leftovers()
    except HeadstartError as error:
        return [str(error)]
    # Half of them from here on, so that what survives is not always all.
    for spec in random.sample(SPECS, len(SPECS) // 2):
        shop.remove(spec)
    return wrong + [f"left behind: {path}" for path in shop.leftovers()]
