"""Many processes want environments at the same moment."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from headstart.core.header.spec import EnvironmentSpec
from headstart.store import publish
from headstart.store.gc import removal
from tests.faults.workshop import SPECS, TREES, Workshop, child, kill, wait_for

SPEC = SPECS[3]
LARGE = {f"m{number}": f"text = {'leaf ' * 200!r}\n" for number in range(2500)}
"""So many files in each of three wheels that a build takes as long as one of real packages."""


def one_new_environment(folder: str, processes: int) -> dict[str, Any]:
    """All ask for one that is not there; how often it is built, and how many take a turn at it."""
    shop = Workshop(Path(folder))
    shop.get(SPECS[0]).close()  # the kernel layer
    builds, turns = Path(folder) / "builds", Path(folder) / "turns"
    publish._move = _noted(publish._move, builds)
    removal.look_again = _noted(removal.look_again, turns)
    _seconds(lambda: shop.use(SPEC), processes)
    found, wrong = shop.check()
    return {
        "processes": processes,
        "builds": builds.read_bytes().count(b"\n"),
        "turns": turns.read_bytes().count(b"\n"),
        "environments": found - 2,
        "violations": wrong,
    }


def price_of_a_crowd(folder: str, processes: int, turns: int, index: str) -> dict[str, Any]:
    """Seconds until all have it, against those until one has, by turns; medians.

    Its wheels are installed by the real uv, which has them in its cache. All have found another
    environment before: a process that was forked copies the memory that it touches for the first
    time, which one that was started has done.
    """
    shop = Workshop(Path(folder), index=index, modules=LARGE)
    for spec in (SPEC, SPECS[0]):
        _get(shop, spec)
    seconds: dict[int, list[float]] = {1: [], processes: []}
    for _turn in range(turns):
        for count, taken in seconds.items():
            shop.forget(SPEC)
            taken.append(_seconds(partial(_get, shop, SPEC), count, partial(_get, shop, SPECS[0])))
    one, all_of_them = (statistics.median(taken) for taken in seconds.values())
    return {
        "processes": processes,
        "one": round(one, 3),
        "all": round(all_of_them, 3),
        "ratio": round(all_of_them / one, 2),
    }


def eight_environments(folder: str, processes: int, turns: int) -> dict[str, Any]:
    """All use eight environments again and again, while two pruners remove what they can."""
    shop = Workshop(Path(folder))
    specs = [EnvironmentSpec(names) for names in combinations(TREES, 2)]
    specs += [EnvironmentSpec((name,)) for name in TREES[2:]]
    shop.learn(specs)
    shop.get(SPECS[0]).close()
    counted = Path(folder) / "builds"
    publish._move = _noted(publish._move, counted)
    pruners = [child(lambda: _prune_on(shop, specs)) for _ in range(2)]
    users = [child(lambda: _use_many(shop, specs, turns)) for _ in range(processes)]
    codes = wait_for(users)
    for pruner in pruners:
        kill(pruner)
    wait_for(pruners)
    found, wrong = shop.check()
    wrong += [f"a process ended with {code}" for code in codes if code]
    return {
        "processes": processes,
        "uses": processes * turns,
        "builds": counted.read_bytes().count(b"\n"),
        "survived": found,
        "violations": wrong,
    }


def _noted(function: Callable[..., Any], counted: Path) -> Callable[..., Any]:
    """The same function; each call leaves a line, whichever process makes it."""

    def noted(*arguments: Any) -> Any:
        result = function(*arguments)
        with counted.open("ab", buffering=0) as file:
            file.write(b"done\n")
        return result

    counted.touch()
    return noted


def _use_many(shop: Workshop, specs: list[EnvironmentSpec], turns: int) -> list[str]:
    return [line for _ in range(turns) for line in shop.use(random.choice(specs))]


def _prune_on(shop: Workshop, specs: list[EnvironmentSpec]) -> None:
    while True:
        shop.remove(random.choice(specs))
        shop.context.store.remove_leftovers()


def _get(shop: Workshop, spec: EnvironmentSpec) -> None:
    shop.get(spec).close()


def _seconds(
    action: Callable[[], object], processes: int, before: Callable[[], object] = lambda: None
) -> float:
    """How long it takes until all processes have done it, from the moment that they may begin."""
    ready, go = os.pipe(), os.pipe()

    def run() -> object:
        before()
        os.write(ready[1], b"x")
        os.close(go[1])
        os.read(go[0], 1)
        return action()

    children = [child(run) for _ in range(processes)]
    for _child in children:
        os.read(ready[0], 1)
    started = time.perf_counter()
    os.close(go[1])
    codes = wait_for(children)
    taken = time.perf_counter() - started
    for descriptor in (*ready, go[0]):
        os.close(descriptor)
    assert set(codes) == {0}, codes
    return taken
