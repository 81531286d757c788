"""What notebooks do with the most used packages has the outputs that it has in a plain kernel.

Those that need no environment of their own run with all other tests, all of them by
``make fidelity``.
"""

from __future__ import annotations

from typing import Any

import pytest

from .launching import Launching, launchings
from .script import QUICK, all_scripts, read_script, scripts

pytestmark = pytest.mark.real_index


@pytest.mark.parametrize("launching", launchings(), ids=str)
@pytest.mark.parametrize("script", scripts())
def test_each_cell_has_the_outputs_of_a_plain_kernel(script: str, launching: Launching, stage):
    ours, plain = stage.ours(script, launching), stage.plain(script)

    *cells, printed = zip(ours, plain, strict=True)
    for cell, (one, other) in zip(read_script(script), cells, strict=True):
        assert one == other, cell
    # Beside the cells; in whatever order its threads write.
    assert sorted(printed[0]) == sorted(printed[1]), printed


@pytest.mark.parametrize("script", scripts())
def test_each_cell_ends_in_a_plain_kernel_as_it_is_meant_to(script: str, stage):
    outputs = stage.plain(script)[:-1]

    assert [_raised(output) for output in outputs] == [cell.raises for cell in read_script(script)]


def test_the_scripts_of_every_run_are_some_of_all():
    assert set(QUICK) < set(all_scripts())


def _raised(outputs: list[Any]) -> str:
    names = [output["ename"] for output in outputs if output.get("output_type") == "error"]
    return names[0] if names else ""
