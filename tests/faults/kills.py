"""Processes that use the store, killed at random moments, and at every step of a build."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from headstart.core.refresh import RefreshMode
from tests.faults.workshop import SPECS, Workshop, child, kill, wait_for

LONGEST = 0.06
"""Seconds in which all of them are killed, if they are: they need about that long."""

STEPS = ("open", "os.", "shutil.", "fcntl.")
"""How the audit events begin that tell of work on files; of the store's own calls, too."""


def kill_at_steps(folder: str, every: int = 1, enough: int = 10**9) -> dict[str, Any]:
    """Kill a builder before it does something with a file, at each such step, from the last one.

    What is found then, and what the next one gets, must be right. It is done for an environment of
    wheels that the store has not seen, for one of known ones, and for one with their bytecode.

    :param every: so many steps are one.
    :param enough: stop once that much is wrong.
    """
    shop = Workshop(Path(folder))
    shop.get(SPECS[0]).close()
    steps, kills, survived, wrong = 0, 0, 0, list[str]()
    for forget in (shop.forget, shop.remove, shop.remove):
        forget(SPECS[0])
        last = _steps(shop)
        steps += last
        for step in range(last, 0, -every):
            if len(wrong) >= enough:
                break
            forget(SPECS[0])
            codes = wait_for([child(partial(_use_until, shop, step))])
            kills += codes == [-signal.SIGKILL]
            found, problems = shop.check(imports=False)
            survived += found
            codes = wait_for([child(partial(shop.use, SPECS[0]))])
            problems += [f"the next one ended with {code}" for code in codes if code]
            wrong += [f"step {step}: {line}" for line in problems]
        wrong += [f"left behind: {line}" for line in _after_pruning(shop)]
        shop.compile_all()
        shop.get(SPECS[0]).close()
    return {"steps": steps, "kills": kills, "survived": survived, "violations": wrong}


def _steps(shop: Workshop) -> int:
    """How many steps it takes to use an environment that has to be built."""
    counted = os.pipe()
    wait_for([child(partial(_count_steps, shop, counted[1]))])
    steps = len(os.read(counted[0], 2**16))
    for descriptor in counted:
        os.close(descriptor)
    return steps


def _count_steps(shop: Workshop, counted: int) -> list[str]:
    def count(event: str, _arguments: object) -> None:
        if event.startswith(STEPS):
            os.write(counted, b"x")

    sys.addaudithook(count)
    return shop.use(SPECS[0])


def _use_until(shop: Workshop, step: int) -> list[str]:
    """Use an environment, and be killed before so many steps are done."""
    left = itertools.count(step - 1, -1)

    def kill_at_last(event: str, _arguments: object) -> None:
        if event.startswith(STEPS) and not next(left):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill_at_last)
    return shop.use(SPECS[0])


def kill_rounds(folder: str, rounds: int, seed: int, enough: int = 10**9) -> dict[str, Any]:
    """Kill in many rounds, and look at every environment after each.

    :param enough: stop once that much is wrong.
    """
    rng, shop = random.Random(seed), Workshop(Path(folder))
    kills, survived, wrong = 0, 0, []
    for number in range(rounds):
        if len(wrong) >= enough:
            rounds = number
            break
        children = [child(lambda: _use_some(shop)) for _ in range(3)]
        children.append(child(lambda: _prune_some(shop)))
        for delay, victim in _victims(rng, children):
            time.sleep(delay)
            kill(victim)
        codes = wait_for(children)
        kills += sum(code == -9 for code in codes)
        wrong += [f"round {number}: a process ended with {code}" for code in codes if code > 0]
        found, problems = shop.check()
        survived += found
        wrong += [f"round {number}: {line}" for line in problems]
        if number % 50 == 49 or number == rounds - 1:
            wrong += [f"round {number}: left behind: {line}" for line in _after_pruning(shop)]
    wrong += [line for spec in SPECS for line in shop.use(spec)]
    return {"rounds": rounds, "kills": kills, "survived": survived, "violations": wrong}


def _victims(rng: random.Random, children: list[int]) -> list[tuple[float, int]]:
    """Who is killed, and how many seconds after the one before."""
    moments = sorted((rng.uniform(0, LONGEST), pid) for pid in children if rng.random() < 0.8)
    before = [0.0, *(moment for moment, _ in moments)]
    return [(moment - last, pid) for last, (moment, pid) in zip(before, moments, strict=False)]


def _use_some(shop: Workshop) -> list[str]:
    for _ in range(3):
        spec = random.choice(SPECS)
        if random.random() < 0.2:
            spec = spec._replace(refresh=RefreshMode.EPHEMERAL)
        if wrong := shop.use(spec):
            return wrong
    return []


def _prune_some(shop: Workshop) -> None:
    for _ in range(5):
        time.sleep(random.uniform(0, 0.01))
        if random.random() < 0.05:
            shop.prune()  # the layer goes too, which takes long to build
        elif random.random() < 0.2:
            shop.compile()
        else:
            shop.remove(random.choice(SPECS))
            shop.context.store.remove_leftovers()


def _after_pruning(shop: Workshop) -> list[str]:
    shop.prune()
    return shop.leftovers()
