"""One file of an environment is changed, cut short, deleted or added, again and again."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.store.manifest import EnvironmentKind
from headstart.errors import HeadstartError
from headstart.store.store import Store
from tests.faults.workshop import SPECS, Workshop

WAYS = ("change", "cut", "delete", "add", "hide")
KIND = EnvironmentKind.ENVIRONMENT


def tamper_rounds(folder: str, rounds: int, seed: int) -> dict[str, Any]:
    """Damage a file, let the full check look, and get the environment again."""
    rng, shop = random.Random(seed), Workshop(Path(folder))
    store, missed, wrong, rebuilt = Store(shop.root), [], [], 0
    shop.compile_all()
    for number in range(rounds):
        spec, way = rng.choice(SPECS), WAYS[number % len(WAYS)]
        try:
            ready = shop.get(spec)
        except HeadstartError as error:
            wrong.append(f"round {number}: {error}")
            continue
        with ready:
            prefix, layer = ready.environment.environment.prefix, ready.layer.environment.prefix
        inode = Path(prefix).stat().st_ino
        damaged = tamper(rng, Path(prefix), way)
        key = shop.keys[spec.requirements]
        if not store.verify(KIND, key):
            missed.append(f"round {number}: {way} {damaged}")
            store.remove(KIND, key)
        wrong += [f"round {number}, {way} {damaged}: {line}" for line in _use(shop, spec)]
        rebuilt += Path(prefix).exists() and Path(prefix).stat().st_ino != inode
        wrong += [f"layer: {line}" for line in shop.oracle.check(Path(layer), imports=False)]
    return {"rounds": rounds, "missed": missed, "rebuilt": rebuilt, "violations": wrong}


def _use(shop: Workshop, spec: EnvironmentSpec) -> list[str]:
    try:
        return shop.use(spec)
    except HeadstartError as error:
        return [str(error)]


def tamper(rng: random.Random, prefix: Path, way: str) -> str:
    """Damage a file as root or its owner can; what it was."""
    path = rng.choice([path for path in sorted(_files(prefix)) if path.stat().st_size > 0])
    _let_write(path)
    before = path.stat()
    content = bytearray(path.read_bytes())
    match way:
        case "change":
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            path.write_bytes(content)
        case "cut":
            path.write_bytes(content[: rng.randrange(len(content))])
        case "delete":
            path.unlink()
        case "add":
            path = path.with_name(f"{path.stem}_more.py")
            path.write_text("")
        case "hide":  # with the size and the times that it had
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            path.write_bytes(content)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return str(path.relative_to(prefix))


def _files(top: Path) -> Iterator[Path]:
    """Files of an environment, those in folders of bytecode too that it shares with others."""
    for path in top.iterdir():
        if path.is_dir() and (not path.is_symlink() or path.name == "__pycache__"):
            yield from _files(path)
        elif path.is_file() and not path.is_symlink():
            yield path


def _let_write(path: Path) -> None:
    """What somebody does who wants to write a protected file."""
    path.parent.chmod(0o700)
    path.chmod(0o600)
