"""The real uv is killed in the middle of its work, and asked again."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from uv import find_uv_bin

from tests.faults.oracle import Oracle
from tests.faults.workshop import SPECS, Workshop, child, wait_for
from tests.local_uv import bare_environ
from tests.waiting import LIMIT

MODULES = {f"m{number}": f"text = {'leaf ' * 200!r}\n" for number in range(200)}
"""So many that uv has something to do."""

LINKING = 0.03
"""Seconds within which uv is killed once it has begun to link files."""


def uv_kills(folder: str, index: str, wanted: int, seed: int) -> dict[str, Any]:
    """Kill uv that many times, or whoever wants an environment, at random; then build again."""
    rng = random.Random(seed)
    shop = Workshop(Path(folder), index=index, modules=MODULES)
    kills, rounds, wrong = 0, 0, []
    while kills < wanted and rounds < 10 * wanted:
        rounds += 1
        spec = rng.choice(SPECS)
        if rng.random() < 0.3:
            shop.prune()  # uv's cache and the wheels too
        else:
            shop.forget(spec)
        client = child(lambda: shop.get(spec).close())  # noqa: B023  (it is called at once)
        kills += _kill_uv(rng, client)
        with suppress(ChildProcessError):
            wait_for([client])
        problems = [*shop.check()[1], *shop.use(spec)]
        wrong += [f"round {rounds}: {line}" for line in problems]
    shop.prune()
    wrong += [f"left behind: {path}" for path in shop.leftovers()]
    return {"rounds": rounds, "kills": kills, "violations": wrong}


def _kill_uv(rng: random.Random, client: int) -> bool:
    """Kill the n-th uv that the client starts, and half of the time the client with it."""
    process, seen, wanted = psutil.Process(client), set[int](), rng.randint(1, 2)
    end = time.monotonic() + LIMIT
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
            found = [item for item in process.children(True) if item.name() == "uv"]
            seen.update(item.pid for item in found)
            if found and len(seen) >= wanted:
                time.sleep(rng.uniform(0, 0.04))
                if rng.random() < 0.5:
                    process.kill()
                found[0].kill()
                return True
            time.sleep(0.001)
    return False


def in_place(folder: str, index: str, rounds: int, seed: int, enough: int) -> dict[str, Any]:
    """What others do: uv again in the folder in which it was killed, until all seems well.

    Counts the environments that are wrong then, and those that never get well.

    :param enough: stop once there are that many.
    """
    rng, top = random.Random(seed), Path(folder)
    shop = Workshop(top, index=index, modules=MODULES)
    wheels = [shop.wheels[name] for name in SPECS[3].requirements]
    oracle = Oracle({"place": wheels})
    wrong, stuck = [], 0
    for number in range(rounds):
        if len(wrong) + stuck >= enough:
            rounds = number
            break
        place = top / f"place-{number}"
        with _install(place, index) as process:
            while process.poll() is None and not any(place.glob("lib/*/site-packages/*/m0.py")):
                time.sleep(0.001)
            time.sleep(rng.uniform(0, LINKING))
            process.kill()
        for _attempt in range(3):
            with _install(place, index) as process:
                process.wait(LIMIT)
            if process.returncode == 0:
                wrong += [f"round {number}: {line}" for line in oracle.check(place, "place")]
                break
        else:
            stuck += 1
        shutil.rmtree(place)
    return {"rounds": rounds, "stuck": stuck, "violations": wrong}


def _install(place: Path, index: str) -> subprocess.Popen[bytes]:
    if not (place / "pyvenv.cfg").exists():
        venv = [find_uv_bin(), "venv", "--quiet", "--no-config", "--allow-existing", str(place)]
        subprocess.run(venv, env=_environ(place), check=True)
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--default-index", index]
    command += ["--python", str(place / "bin/python"), *SPECS[3].requirements]
    return subprocess.Popen(command, env=_environ(place), stderr=subprocess.DEVNULL)


def _environ(place: Path) -> dict[str, str]:
    cache = str(place.parent / "cache-in-place")
    return {**bare_environ(place.parent), "UV_CACHE_DIR": cache, "UV_LINK_MODE": "hardlink"}
