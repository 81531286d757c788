"""Bytecode, compiled once for each wheel and Python, as a part of its own.

It is unchecked (PEP 552): Python does not compare it with its source at each import, which is right
because neither ever changes. The paths in it are relative; Python mends them when it loads it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..core.environment import Interpreter
from ..core.parts import BYTECODE
from ..store.parts import TREE, Part, Parts, seal
from .context import Context

__all__ = ["bytecode_of", "compile_parts", "processors"]

_SECONDS = 900
"""How long the compilation of one wheel may take."""

# Reads what to compile from stdin. Isolated and without site, no `.pth` file of any environment is
# run. What does not compile cannot be imported either, and needs no bytecode.
_SCRIPT = """
import importlib.util, json, os, py_compile, sys
sys.setrecursionlimit(10_000)
source, target, paths = json.load(sys.stdin)
for path in paths:
    folder, name = os.path.split(importlib.util.cache_from_source(path))
    os.makedirs(os.path.join(target, folder), exist_ok=True)
    py_compile.compile(
        os.path.join(source, path),
        os.path.join(target, folder, name),
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
    found = {part.name: store.find(part.name + BYTECODE) for part in parts}
    missing = [part for part in parts if found[part.name] is None]
    if missing and compile_missing:
        found.update(compile_parts(missing, interpreter.path, store, processors()))
    compiled = [part for part in found.values() if part is not None]
    return compiled if len(compiled) == len(parts) else None


def compile_parts(
    wanted: Iterable[Part], python: str, parts: Parts, workers: int = 1
) -> dict[str, Part]:
    """Compile parts, and publish their bytecode together.

    :param python: path of the interpreter.
    :param workers: how many are compiled at a time.
    :return: bytecode by the names of the parts; none for one whose compilation failed.
    """
    # The largest first, so that the workers end at about the same time.
    ordered = sorted(wanted, key=lambda part: len(part.record.files), reverse=True)
    with parts.building() as folder, ThreadPoolExecutor(workers) as pool:
        jobs = {
            part.name: pool.submit(_compile, part, python, folder / str(number))
            for number, part in enumerate(ordered)
        }
        made = {name: job.result() for name, job in jobs.items()}
        published = parts.publish(
            {name + BYTECODE: path for name, path in made.items() if path is not None}
        )
    return {name.removesuffix(BYTECODE): part for name, part in published.items()}


def _compile(part: Part, python: str, folder: Path) -> Path | None:
    """Compile one part into a folder to be published; None if that is not possible."""
    (folder / TREE).mkdir(parents=True)
    paths = [path for path in part.record.files if path.endswith(".py") and not _is_script(path)]
    try:
        if paths:
            _run(python, json.dumps([str(part.tree), str(folder / TREE), paths]))
        seal(folder)
    except (OSError, subprocess.SubprocessError):
        return None
    return folder


def _is_script(path: str) -> bool:
    return path.startswith("bin/")


def _run(python: str, text: str) -> None:
    subprocess.run(
        [python, "-I", "-S", "-B", "-W", "ignore", "-c", _SCRIPT],
        input=text.encode(),
        cwd="/",
        env={},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=True,
    )


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
