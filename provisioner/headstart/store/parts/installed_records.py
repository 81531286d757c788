"""Read the RECORD files of installed distributions, and check the files against them.

They list them in ``<name>.dist-info/RECORD`` (PyPA's "Recording installed projects"): path relative
to site-packages, hash, size in bytes; hash and size may be empty. The hashes are the wheel's own,
and uv does not check them.
"""

from __future__ import annotations

import base64
import csv
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.store.parts import FileRow
from ...errors import EnvironmentDamaged

HINT = "Try again; if that does not help, the wheel itself is damaged: ask for another version."


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line: ``sha256`` in hex, ``""`` if there is none; ``size`` in bytes, or None."""

    sha256: str
    size: int | None


def read_record(record: Path, site_packages: str) -> dict[str, Recorded]:
    """The lines of a RECORD, by path relative to the prefix.

    :param site_packages: relative to the prefix, with ``/``.
    :raises EnvironmentDamaged: if it cannot be read, or lists a file outside of the prefix.
    """
    try:
        with record.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
        lines = {
            # Scripts and data files are listed as ../../../bin/name.
            posixpath.normpath(posixpath.join(site_packages, path)): Recorded(
                _hex(digest), _size(size)
            )
            for path, digest, size in rows
        }
    except (OSError, ValueError, csv.Error) as error:
        raise EnvironmentDamaged(
            f"{record.parent.name} has a RECORD that cannot be read."
        ) from error
    # A RECORD is text of strangers: a path out of the prefix could name any file of the user's.
    for path in lines:
        if path.startswith(("../", "/")) or path == "..":
            raise EnvironmentDamaged(f"{record.parent.name} has a file outside: {path}.")
    return lines


def check_record(
    recorded: Mapping[str, Recorded], files: Mapping[str, FileRow], distribution: str
) -> None:
    """Check that every recorded file exists as it was recorded.

    :param files: what exists, by path relative to the prefix; links are not checked.
    :raises EnvironmentDamaged: names the distribution and the file.
    """
    for path, expected in recorded.items():
        row = files.get(path)
        if row is None:
            raise _incomplete(distribution, path, "is missing")
        sha256, size, _ = row
        if expected.size not in (None, size):
            raise _incomplete(distribution, path, f"has {size} bytes, and not {expected.size}")
        if expected.sha256 not in ("", sha256):
            raise _incomplete(distribution, path, "has another hash than its wheel says")


def _incomplete(distribution: str, path: str, what: str) -> EnvironmentDamaged:
    return EnvironmentDamaged(
        f"{distribution} was not installed completely: {path} {what}.",
        hint=HINT,
        details={"distribution": distribution, "file": path},
    )


def _hex(digest: str) -> str:
    """``sha256=<urlsafe base64 without padding>`` in hex; other algorithms count as none."""
    algorithm, _, text = digest.partition("=")
    if algorithm != "sha256":
        return ""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()


def _size(text: str) -> int | None:
    return int(text) if text else None
