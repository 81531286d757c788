"""A new environment of known wheels, with all safety and its bytecode, against bare uv without."""

from __future__ import annotations

import os
import time

from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import Line, Plan, Row
from tests.benchmarks.workbench import LINK_MODE, Workbench, base_python

TITLE = "A new environment of known wheels"

MORE = ("scikit-learn",)
"""What its notebook asks for beside the others; not in the short version."""


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Compare `ensure` with ``uv venv`` and ``uv pip sync`` of the same lock."""
    packages = plan.packages + (MORE if plan.rounds > 1 else ())
    notebook = bench.notebook(packages)
    ready = bench.known(notebook)
    environment, base = ready.environment.environment, base_python(ready)
    lock = bench.path("lock") / "pylock.toml"
    lock.parent.mkdir()
    lock.write_text(ready.lock.render())

    def ours() -> float:
        bench.forget(environment)
        os.sync()
        begin = time.perf_counter()
        built = bench.ensure(notebook)
        taken = time.perf_counter() - begin
        assert not built.reused, "The environment was there already: nothing was measured."
        assert built.environment.environment.manifest.bytecode
        built.close()
        return taken

    def theirs(*options: str) -> float:
        target = bench.path("bare")
        os.sync()
        begin = time.perf_counter()
        bench.uv("venv", "--python", base, target)
        python = target / "bin" / "python"
        bench.uv("pip", "sync", "--preview", *options, "--python", python, lock)
        return time.perf_counter() - begin

    bare = by_turns({"ours": ours, "theirs": theirs}, plan.rounds, plan.warm_up)
    compiling = {"ours": ours, "theirs": lambda: theirs("--compile-bytecode")}
    compiled = by_turns(compiling, plan.few)
    what = f"{', '.join(packages)} ({len(ready.lock.packages)} packages, {LINK_MODE})"
    against = "`uv venv` and `uv pip sync`"
    return [
        Row(what, bare["ours"], f"{against}, no bytecode", bare["theirs"], 1.25, 0.5),
        Row("the same", compiled["ours"], f"{against} `--compile-bytecode`", compiled["theirs"]),
    ]
