"""Three processes that want environments and one that prunes, killed at random."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.environment import RefreshMode
from tests.faults.workshop import SPECS, Workshop, child, kill, wait_for

LONGEST = 0.06
"""Seconds in which all of them are killed, if they are: they need about that long."""


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
            spec = replace(spec, refresh=RefreshMode.EPHEMERAL)
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
