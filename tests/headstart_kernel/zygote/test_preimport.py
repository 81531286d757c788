"""What a zygote loads, and what it must not have."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from headstart.kernels.launch.zygote import fingerprint

PREIMPORT = "from headstart_kernel.zygote import preimport; "
SAY = "import json, sys; reads, changes = preimport.load(); print(json.dumps([reads, changes]))"


def run(code: str, *options: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", PREIMPORT + code],
        env={"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_every_variable_that_is_read_tells_one_zygote_from_another() -> None:
    reads, changes = json.loads(run(SAY, TERM="dumb"))
    assert reads["TERM"] == "dumb"
    rarely_set = {"ANDROID_DATA", "IN_SPHINX_RUN", "PATHS_FROM_ECLIPSE_TO_PYTHON"}
    debuggers_own = {name for name in reads if name.startswith("DEBUG_PYDEVD")}
    assert {n for n in reads if not fingerprint.counts(n)} <= rarely_set | debuggers_own
    assert set(changes) <= {"LC_CTYPE", "PYDEVD_USE_FRAME_EVAL"}


def test_what_python_sets_in_the_c_locale_is_a_change() -> None:
    assert "LC_CTYPE" not in json.loads(run(SAY, LC_ALL="C.UTF-8"))[1]
    assert json.loads(run(SAY, LANG="C"))[1]["LC_CTYPE"]


@pytest.mark.parametrize(
    "code, problem",
    [
        ("", ""),
        ("import zmq; zmq.Context()", ""),
        ("import zmq; zmq.Context.instance()", "it has a ZeroMQ context"),
        ("import zmq; zmq.Context = object", "it has a ZeroMQ context"),
        ("import multiprocessing", "multiprocessing is loaded"),
        ("import threading; threading.Timer(60, print).start()", "it has 2 threads"),
        ("import sys, types; sys.modules['sitecustomize'] = types.ModuleType('s')", ""),
        (
            "import json, sys; sys.modules['sitecustomize'] = json",
            "sitecustomize has run, and may have done anything",
        ),
    ],
)
def test_only_a_process_that_can_be_forked_is_fit(code: str, problem: str) -> None:
    assert run(f"{code}\nimport os; print(preimport.unfit(), flush=True); os._exit(0)") == problem


def test_nothing_is_open_and_nothing_runs_after_loading() -> None:
    code = "before = os.listdir('/proc/self/fd'); preimport.load(); preimport.freeze()"
    same = "os.listdir('/proc/self/fd') == before"
    assert run(f"import os; {code}; print({same}, preimport.unfit() == '')") == "True True"
