"""Processes that use environments, as kernels do, while everything is pruned again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path
from typing import Any

from headstart.core.header.spec import EnvironmentSpec
from tests.faults.workshop import MODULES, Workshop, make_tree

# Imports what it is told to, from files that it has not opened before.
KERNEL = """
import importlib, sys
for line in sys.stdin:
    importlib.import_module(line.strip())
    print("imported", flush=True)
"""


class Kernel:
    """The Python of an environment, with the leases of the environment and its layer.

    They are its own: whoever started it does not hold them any more.
    """

    def __init__(self, shop: Workshop, name: str) -> None:
        self.name = name
        spec = EnvironmentSpec((name,))
        with shop.get(spec) as ready:
            environment = ready.environment.environment
            self.prefix = Path(environment.prefix)
            self.process = subprocess.Popen(
                [environment.python, "-I", "-B", "-c", KERNEL],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={},
                pass_fds=(ready.environment.lease.fileno(), ready.layer.lease.fileno()),
            )

    def imports(self, module: str) -> bool:
        """Whether it can import something from its environment."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(f"{self.name}.{module}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return False
        return self.process.stdout.readline() == "imported\n"

    def kill(self) -> None:
        """Kill it with -9."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(60)


def live_kernels(folder: str, count: int, seed: int) -> dict[str, Any]:
    """Prune against that many kernels, each of which is killed in turn."""
    rng, shop = random.Random(seed), Workshop(Path(folder))
    names = [f"tree{number}" for number in range(count)]
    for name in names:
        shop.wheels[name] = make_tree(shop.house, name, MODULES)
    kernels = [Kernel(shop, name) for name in names]
    early, late, broken, prunes = [], [], [], 0
    try:
        rng.shuffle(kernels)
        while kernels:
            shop.prune()
            prunes += 1
            early += [kernel.name for kernel in kernels if not kernel.prefix.is_dir()]
            asked = rng.choice(kernels)
            if not asked.imports(rng.choice(list(MODULES))):
                broken.append(asked.name)
            killed = kernels.pop()
            killed.kill()
            shop.prune()
            prunes += 1
            late += [killed.name] if killed.prefix.exists() else []
    finally:
        for kernel in kernels:
            kernel.kill()
    left = len(list((shop.root / "v1" / "environments").iterdir()))
    layers = len(list((shop.root / "v1" / "layers").iterdir()))
    return {
        "kernels": count,
        "prunes": prunes,
        "removed_early": early,
        "not_removable_after": late,
        "broken": broken,
        "left": left + layers,
    }
