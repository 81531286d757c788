"""Compile wheels in the background: after a build, what was seen for the first time.

In a process of its own with the lowest priority, which outlives the process that starts it; no
kernel waits for it. The environments that are built afterwards have the bytecode inside. Killed at
any moment, it leaves nothing that is used.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

from ...core.store.manifest import Manifest
from ...core.store.parts import BYTECODE
from ...errors import HeadstartError
from ...settings import Settings, read_settings
from ...store.parts.part_store import Part, Parts
from ...store.store import Store
from ..build.bytecode import compile_parts
from .background import leave_parent, start_in_background

__all__ = ["compile_missing", "start_compiling"]

logger = logging.getLogger(__name__)

DELAY = 3.0
"""Seconds that the process waits before it begins: a kernel is starting."""


def start_compiling(manifest: Manifest, settings: Settings, delay: float = DELAY) -> None:
    """Start such a process if an environment lacks its bytecode; takes 50 ms. Never raises."""
    if manifest.bytecode or not manifest.parts or not settings.compile_bytecode:
        return
    tag = manifest.parts[0].partition("/")[2]
    arguments = (manifest.python_path, tag, str(delay))
    try:
        start_in_background(__name__, *arguments, settings=settings)
    except OSError as error:
        logger.warning("Wheels are not compiled in the background: %s", error)


def compile_missing(store: Store, python: str, tag: str) -> int:
    """Compile all parts of that tag which have no bytecode; how many were compiled.

    Returns without waiting if another process does so, which does not miss what is added meanwhile.
    """
    parts, done, failed = store.parts, 0, set[str]()
    # In a loop: a build that ends meanwhile finds the turn taken, and leaves its wheels to us.
    while missing := [part for part in _missing(parts, tag) if part.name not in failed]:
        lock = parts.take_turn(tag)
        if lock is None:
            break
        with lock:
            compiled = compile_parts(missing, python, parts)
        done += len(compiled)
        # Not again: what does not compile would keep the loop going for ever.
        failed |= {part.name for part in missing} - compiled.keys()
    return done


def _missing(parts: Parts, tag: str) -> Iterator[Part]:
    names = set(parts.names())
    for name in sorted(names):
        if name.endswith(f"/{tag}") and name + BYTECODE not in names:
            part = parts.find(name)
            if part is not None:
                yield part


def main(python: str, tag: str, delay: float) -> None:
    """Compile what has no bytecode yet."""
    if not leave_parent(delay):
        return
    try:
        compile_missing(Store(read_settings().store), python, tag)
    except (HeadstartError, OSError) as error:
        logger.warning("Wheels were not compiled: %s", error)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
