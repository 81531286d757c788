"""Each benchmark once, with little. It reports; what the times are is judged by nobody."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.rows import SHORT, Row
from tests.benchmarks.suite import run
from tests.benchmarks.workbench import Workbench, open_workbench
from tests.isolation import PREFIX, remove_tree

pytestmark = [pytest.mark.real_index, pytest.mark.slow]


EVERY_RUN = ("start", "build", "decision")
"""The others, of crowds, browsers and other tools, take minutes: `make bench SHORT=1`."""


@pytest.fixture(scope="module")
def bench(shared_store: Path) -> Iterator[Workbench]:
    """A workbench in a folder of its own, as are Jupyter's kernelspecs and runtime files."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(folder / "data"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "run"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        (folder / "run").mkdir(mode=0o700)
        yield open_workbench(folder, shared_store)
    remove_tree(folder)


@pytest.mark.parametrize("name", EVERY_RUN)
def test_everything_can_be_measured(
    name: str, bench: Workbench, capsys: pytest.CaptureFixture[str]
) -> None:
    def report(text: str) -> None:
        with capsys.disabled():
            print(text)

    before = set(os.environ)
    (lines,) = run([name], bench, SHORT, report).values()
    assert [line for line in lines if isinstance(line, Row)]
    assert set(os.environ) == before
