"""The first import of a package, where a kernel has imported it before it was wanted."""

from __future__ import annotations

import json

from tests.benchmarks.clients import first_reply, only_reply
from tests.benchmarks.launchings import PARKED, measured, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import Line, Plan, Row
from tests.benchmarks.workbench import Workbench

TITLE = "Preloaded modules"


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """The cell that imports a package, alone; and the start of the kernel with it."""
    module = plan.packages[0]
    fields = f"\n[tool.headstart]\npreload = {json.dumps([module])}"
    notebook = bench.notebook(plan.packages, fields=fields)
    theirs, ours = bench.theirs(notebook), bench.ours(notebook, PARKED)
    code = f"import {module}"
    measured(ours, PARKED, code)

    def plain(*, alone: bool) -> float:
        settle()
        return (only_reply if alone else first_reply)(theirs, code)

    contenders = {
        "plain import": lambda: plain(alone=True),
        "import": lambda: measured(ours, PARKED, code, alone=True),
        "plain start": lambda: plain(alone=False),
        "start": lambda: measured(ours, PARKED, code),
    }
    samples = by_turns(contenders, plan.rounds, plan.warm_up)
    against = "plain ipykernel"
    return [
        Row(f"`{code}`", samples["import"], against, samples["plain import"], budget=0.02),
        Row(f"start and `{code}`", samples["start"], against, samples["plain start"]),
    ]
