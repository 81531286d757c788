"""A new environment of known wheels, with all safety and its bytecode, against bare uv without."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from headstart.environments.compile_wheels import compile_missing
from headstart.environments.ensure import ensure
from tests.benchmarks.measure import by_turns, compare
from tests.benchmarks.workbench import LINK_MODE, Workbench, spec_at

DEPENDENCIES = ("pandas", "matplotlib", "scikit-learn")
BUDGET = 1.25


def run(bench: Workbench, rounds: int) -> str:
    """Compare `ensure` with ``uv venv`` and ``uv pip sync`` of the same lock.

    Nothing is removed in between, for removing large trees slows what follows: an environment
    that was built is renamed, so that its key is unknown again.
    """
    spec = spec_at(bench.notebook("build.ipynb", DEPENDENCIES))
    ready = ensure(spec, bench.context)
    ready.close()
    manifest = ready.environment.environment.manifest
    _, _, tag = manifest.parts[0].partition("/")
    compile_missing(bench.context.store, manifest.python_path, tag)
    lock = bench.folder / "pylock.toml"
    lock.write_text(ready.lock.render())
    environment = ready.environment.environment
    prefix, base = environment.prefix, environment.manifest.python_path
    count = itertools.count()

    def ours() -> float:
        _forget(prefix, next(count))
        begin = time.perf_counter()
        built = ensure(spec, bench.context)
        taken = time.perf_counter() - begin
        assert not built.reused, "The environment was there already: nothing was measured."
        assert built.environment.environment.manifest.bytecode
        built.close()
        return taken

    def theirs() -> float:
        target = bench.folder / f"bare-{next(count)}"
        begin = time.perf_counter()
        bench.uv("venv", "--python", base, target)
        bench.uv("pip", "sync", "--preview", "--python", target / "bin" / "python", lock)
        return time.perf_counter() - begin

    samples = by_turns({"ours": ours, "theirs": theirs}, rounds)
    what = (
        f"{', '.join(DEPENDENCIES)}: {len(ready.lock.packages)} packages, {LINK_MODE}, known wheels"
    )
    title = f"A new environment ({what})"
    return compare(title, samples["ours"], samples["theirs"], BUDGET)


def _forget(prefix: str, number: int) -> None:
    """Rename a published environment, within its folder."""
    Path(prefix).rename(f"{prefix}.used-{number}")
