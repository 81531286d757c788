"""uv's output, line by line, turned into events of progress."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from ..core.progress import Phase, Progress

__all__ = ["EventReader"]

_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
# uv tells its progress in these lines only, and in no other form. What is not one of them is no
# event, so a uv that words them differently costs the progress and nothing else.
_DOWNLOADING = re.compile(r"^Downloading (\S+) \(([\d.]+)(B|[KMG]iB)\)")
_DOWNLOADED = re.compile(r"^ ?Downloaded (\S+)")
_COUNTED = re.compile(r"^(Resolved|Prepared|Installed) (\d+) packages?")
_COMPILED = re.compile(r"^Bytecode compiled (\d+) files?")

_PHASES = {"Resolved": Phase.RESOLVE, "Prepared": Phase.DOWNLOAD, "Installed": Phase.INSTALL}


class EventReader:
    """Reads the lines of one call of uv; keeps count of its downloads.

    uv names those only that are large, with their sizes when they begin.

    :param sizes: bytes of all that it may download, by normalised names: then the counts are of
        all of it.
    """

    def __init__(self, sizes: Mapping[str, int] = MappingProxyType({})) -> None:
        self._sizes = dict(sizes)
        self._total = len(sizes)
        self._started = 0
        self._finished = 0
        self._bytes_done = 0

    def read(self, line: str) -> Progress | None:
        """The event that a line reports, or None if it reports none."""
        if match := _DOWNLOADING.match(line):
            self._started += 1
            size = int(float(match[2]) * _UNITS[match[3]])
            if not self._sizes.get(match[1]):
                self._sizes[match[1]] = size
            return self._download(f"Downloading {match[1]} ({match[2]} {match[3]})", size)
        if match := _DOWNLOADED.match(line):
            self._finished += 1
            self._bytes_done += self._sizes.get(match[1], 0)
            return self._download(f"Downloaded {match[1]}", 0)
        if match := _COUNTED.match(line):
            count = int(match[2])
            plural = "" if count == 1 else "s"
            message, phase = f"{match[1]} {count} package{plural}", _PHASES[match[1]]
            if phase is Phase.DOWNLOAD:
                # Also what was in uv's cache: it need not be fetched any more.
                self._bytes_done = self._bytes_total
            return Progress(
                phase,
                message,
                count,
                count,
                bytes_done=self._bytes_done,
                bytes_total=self._bytes_total,
            )
        if match := _COMPILED.match(line):
            return Progress(Phase.COMPILE, f"Compiled {match[1]} files")
        return None

    def _download(self, message: str, size: int) -> Progress:
        return Progress(
            Phase.DOWNLOAD,
            message,
            self._finished,
            max(self._started, self._total),
            size,
            min(self._bytes_done, self._bytes_total),
            self._bytes_total,
        )

    @property
    def _bytes_total(self) -> int:
        return sum(self._sizes.values())
