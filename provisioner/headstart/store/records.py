"""The structural check of a build: every file that the packages say they have is there.

Installed packages list their files in ``<name>.dist-info/RECORD`` (PyPA's "Recording installed
projects"): path relative to site-packages, hash, size in bytes; hash and size may be empty.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path

from ..errors import EnvironmentDamaged

HINT = "Try again; if that does not help, the wheel itself is damaged: ask for another version."

Sizes = dict[str, dict[int | None, str]]
"""Sizes that are recorded for a path, each with the name of a distribution that says so."""


def check_installed(site_packages: Path) -> None:
    """Check that every recorded file is there with a recorded size.

    Two distributions may both have a file, of which one was written last: either's size is right.

    :raises EnvironmentDamaged: names the distribution and the file.
    """
    recorded: Sizes = defaultdict(dict)
    for record in sorted(site_packages.glob("*.dist-info/RECORD")):
        for path, size in _read(record):
            recorded[path][size] = record.parent.name.removesuffix(".dist-info")
    for path, sizes in recorded.items():
        _check(site_packages, path, sizes)


def _read(record: Path) -> list[tuple[str, int | None]]:
    try:
        with open(record, encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
        return [(path, int(size) if size else None) for path, _, size in rows]
    except (ValueError, csv.Error) as error:
        raise EnvironmentDamaged(f"{record.parent.name} has a RECORD that is none.") from error


def _check(site_packages: Path, path: str, sizes: dict[int | None, str]) -> None:
    distribution = next(iter(sizes.values()))
    try:
        found = os.stat(os.path.join(site_packages, path)).st_size
    except (OSError, ValueError) as error:  # ValueError: a null byte
        raise EnvironmentDamaged(
            f"{distribution} was not installed completely: {path} is missing.", hint=HINT
        ) from error
    if found not in sizes and None not in sizes:
        raise EnvironmentDamaged(
            f"{distribution} was not installed completely: {path} has {found} bytes,"
            f" and not {' or '.join(map(str, sizes))}.",
            hint=HINT,
        )
