"""Bytecode, compiled once for each wheel and Python, as a part of its own.

It is unchecked (PEP 552): Python does not compare it with its source at each import, which is right
because neither ever changes. The paths in it are relative; Python corrects them when it loads it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ...core.interpreter import Interpreter
from ...core.progress import Phase
from ...core.store.parts import BYTECODE, TREE
from ...errors import BuildCancelled
from ...store.parts.part_store import Part, Parts, record_part
from ..context import Context, never

__all__ = ["bytecode_of", "compile_parts", "processors"]

_SECONDS = 900
"""How long one process may take to compile."""

_BATCH = 200
"""Modules that one process compiles, unless a wheel has more; about a second's work."""

# Reads what to compile from stdin. Isolated and without site, no `.pth` file of any environment is
# run. What does not compile cannot be imported either, and needs no bytecode. It works inside of
# the folder: if the builder was killed and the folder removed, it does not make it again, and ends.
_SCRIPT = """
import importlib.util, json, os, py_compile, sys
sys.setrecursionlimit(10_000)
parent = os.getppid()
for source, target, paths in json.load(sys.stdin):
    os.chdir(target)
    for path in paths:
        if os.getppid() != parent:
            sys.exit("The builder has ended.")
        folder, name = os.path.split(importlib.util.cache_from_source(path))
        os.makedirs(folder, exist_ok=True)
        py_compile.compile(
            os.path.join(source, path),
            os.path.join(folder, name),
            path,
            quiet=2,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
"""


def bytecode_of(
    parts: Sequence[Part], interpreter: Interpreter, context: Context, *, compile_missing: bool
) -> list[Part] | None:
    """The bytecode of parts; None if not all of them have any.

    :param compile_missing: compile what is missing, which takes 10 s for 5,000 modules.
    """
    store = context.store.parts
    bytecode = {part.name: store.find(part.name + BYTECODE) for part in parts}
    missing = [part for part in parts if bytecode[part.name] is None]
    # Mostly it is not worth the wait: a process in the background compiles for later environments.
    if missing and compile_missing:
        context.tell(Phase.COMPILE, "Compiling bytecode")
        made = compile_parts(missing, interpreter.path, store, processors(), context.cancelled)
        bytecode.update(made)
    compiled = [part for part in bytecode.values() if part is not None]
    return compiled if len(compiled) == len(parts) else None


def compile_parts(
    sources: Iterable[Part],
    python: str,
    store: Parts,
    workers: int = 1,
    cancelled: Callable[[], bool] = never,
) -> dict[str, Part]:
    """Compile parts, and publish their bytecode together.

    :param sources: the parts to compile.
    :param python: path of the interpreter.
    :param workers: how many processes compile at a time.
    :param cancelled: asked about every second.
    :return: bytecode by the names of the parts; none for one whose compilation failed.
    :raises BuildCancelled: if ``cancelled`` said so.
    """
    # Threads are enough: each only waits for a process.
    with store.building() as folder, ThreadPoolExecutor(workers) as pool:
        jobs = [_Job(part, folder / str(number)) for number, part in enumerate(sources)]
        running = [pool.submit(_compile, batch, python) for batch in _batches(jobs)]
        done: list[_Job] = []
        for future in running:
            done += future.result()
            if cancelled():
                pool.shutdown(cancel_futures=True)
                raise BuildCancelled("The build was cancelled.")
        # All at a time: publishing waits for the disk, and once is quicker than once a part.
        published = store.publish({job.part.name + BYTECODE: job.folder for job in done})
    return {name.removesuffix(BYTECODE): part for name, part in published.items()}


@dataclass(frozen=True, slots=True)
class _Job:
    """A part to compile into a folder that is to be published."""

    part: Part
    folder: Path

    @property
    def modules(self) -> list[str]:
        """Paths of the part's modules; what is in ``bin`` is run and not imported."""
        files = self.part.record.files
        return [path for path in files if path.endswith(".py") and not path.startswith("bin/")]


def _batches(jobs: Iterable[_Job]) -> list[list[_Job]]:
    """Jobs for one process each; the largest first, so that all end at about the same time."""
    batches: list[list[_Job]] = []
    room = 0
    for job in sorted(jobs, key=lambda job: len(job.modules), reverse=True):
        if len(job.modules) > room:
            batches.append([])
            room = _BATCH
        batches[-1].append(job)
        room -= len(job.modules)
    return batches


def _compile(jobs: list[_Job], python: str) -> list[_Job]:
    """Compile some parts; those of them that can be published."""
    try:
        for job in jobs:
            (job.folder / TREE).mkdir(parents=True)
        _run(python, jobs)
        for job in jobs:
            record_part(job.folder, job.part.name + BYTECODE)
    except (OSError, subprocess.SubprocessError):
        if len(jobs) == 1:
            return []
        # One of them has ended the process, and it is not known which: each alone.
        fresh = [_Job(job.part, job.folder.with_name(f"{job.folder.name}.alone")) for job in jobs]
        return [done for job in fresh for done in _compile([job], python)]
    return jobs


def _run(python: str, jobs: Iterable[_Job]) -> None:
    work = [(str(job.part.tree), str(job.folder / TREE), job.modules) for job in jobs]
    subprocess.run(
        [python, "-I", "-S", "-B", "-W", "ignore", "-c", _SCRIPT],
        input=json.dumps(work).encode(),
        cwd="/",
        env={},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=True,
    )


def processors() -> int:
    """How many processors this process may use."""
    # A batch system or a container may give it fewer than the machine has; macOS does not tell.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
