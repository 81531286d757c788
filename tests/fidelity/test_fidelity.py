"""A kernel of ours answers as a plain ipykernel of a venv with the same packages does.

Allowed to differ: paths, the second copy of a distribution that the layer also has, pip, and the
number of objects that the garbage collector does not look at, which a zygote has frozen; and the
thread of the link, where the environment came after the kernel.
"""

from __future__ import annotations

import json

import pytest

from .kernels import Answers
from .probes import PROBES

pytestmark = pytest.mark.real_index


Both = tuple[Answers, Answers]


@pytest.mark.parametrize("probe", PROBES)
def test_a_cell_has_the_outputs_of_a_plain_kernel(probe: str, both: Both):
    ours, plain = both

    assert json.loads(ours.outputs[probe]) == json.loads(plain.outputs[probe])


def test_a_front_end_gets_the_answers_of_a_plain_kernel(both: Both):
    ours, plain = both

    assert ours.requests == plain.requests


@pytest.mark.parametrize(
    "probe",
    [name for name in PROBES if name not in {"traceback", "import_error"}],
)
def test_no_probe_is_right_only_because_both_kernels_fail(probe: str, both: Both):
    outputs = json.loads(both[0].outputs[probe])

    assert "error" not in {output.get("output_type") for output in outputs[1:]}
    assert outputs != [{}]
