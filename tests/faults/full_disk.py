"""A disk that is full before an environment is built, at each of many sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headstart.errors import DiskFull, HeadstartError
from tests.faults.disks import memory_disk, resize
from tests.faults.workshop import SPECS, Workshop

MIB = 1 << 20
ENOUGH = 512 * MIB
SPEC = SPECS[3]
MODULES = {f"m{number}": f"text = {'leaf ' * 100_000!r}\n" for number in range(6)}
"""Half a MiB each."""


def full_disks(folder: str, index: str, disks: int) -> dict[str, Any]:
    """Build on disks of that many sizes, up to one that suffices; then give each more room."""
    shop = Workshop(Path(folder), None, index, MODULES)
    needed = _needed(shop)
    refused, unclear, wrong = 0, [], []
    sizes = [needed * (number + 1) // disks for number in range(disks)]
    for size in sizes:
        with memory_disk(size) as place:
            shop.move(place / "store")
            try:
                shop.get(SPEC).close()
            except DiskFull:
                refused += 1
            except HeadstartError as error:
                unclear.append(f"{size / MIB:.1f} MiB: {type(error).__name__}: {error}")
            wrong += [f"{size / MIB:.1f} MiB: {line}" for line in shop.check()[1]]
            resize(place, ENOUGH)
            wrong += [f"{size / MIB:.1f} MiB, later: {line}" for line in shop.use(SPEC)]
            shop.prune()
            wrong += [f"{size / MIB:.1f} MiB, left behind: {line}" for line in shop.leftovers()]
    return {
        "disks": disks,
        "of": f"1 to {needed / MIB:.0f} MiB",
        "refused": refused,
        "unclear": unclear,
        "violations": wrong,
    }


def _needed(shop: Workshop) -> int:
    """Bytes that the store takes, with uv's cache."""
    with memory_disk(ENOUGH) as place:
        shop.move(place / "store")
        shop.get(SPEC).close()
        paths = {path.lstat().st_ino: path.lstat().st_blocks for path in place.rglob("*")}
        return sum(paths.values()) * 512
