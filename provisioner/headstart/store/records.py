"""The structural check of a build: every file that the packages say they have is there.

Installed packages list their files in ``<name>.dist-info/RECORD`` (PyPA's "Recording installed
projects"): path relative to site-packages, hash, size in bytes; hash and size may be empty.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from ..errors import EnvironmentDamaged

HINT = "Try again; if that does not help, the wheel itself is damaged: ask for another version."

Sizes = dict[str, dict[int | None, str]]
"""Sizes that are recorded for a path, each with the name of a distribution that says so."""


def check_installed(site_packages: Path, sizes: Mapping[str, int]) -> None:
    """Check that every recorded file is there with a recorded size.

    Two distributions may both have a file, of which one was written last: either's size is right.

    :param sizes: sizes in bytes of files that were looked at already, by absolute path.
    :raises EnvironmentDamaged: names the distribution and the file.
    """
    recorded: Sizes = defaultdict(dict)
    for record in sorted(site_packages.glob("*.dist-info/RECORD")):
        for path, size in _read(record):
            recorded[path][size] = record.parent.name.removesuffix(".dist-info")
    for path, expected in recorded.items():
        found = _size(f"{site_packages}/{path}", sizes)
        if found is None or not expected.keys() & {found, None}:
            raise _incomplete(path, found, expected)


def _read(record: Path) -> list[tuple[str, int | None]]:
    try:
        with open(record, encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
        return [(path, int(size) if size else None) for path, _, size in rows]
    except (ValueError, csv.Error) as error:
        raise EnvironmentDamaged(f"{record.parent.name} has a RECORD that is none.") from error


def _size(path: str, sizes: Mapping[str, int]) -> int | None:
    """The size of a file, None if there is none."""
    if "/../" in path:
        path = os.path.normpath(path)
    if path in sizes:
        return sizes[path]
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # ValueError: a null byte
        return None


def _incomplete(path: str, found: int | None, expected: dict[int | None, str]) -> Exception:
    distribution = next(iter(expected.values()))
    what = "is missing"
    if found is not None:
        what = f"has {found} bytes, and not {' or '.join(map(str, expected))}"
    return EnvironmentDamaged(
        f"{distribution} was not installed completely: {path} {what}.", hint=HINT
    )
