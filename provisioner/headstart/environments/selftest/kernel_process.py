"""Import modules as a kernel in an environment would, and try them, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ... import envvars
from ..ready import Ready

__all__ = ["KernelProcess", "Outcome", "probe"]

SCRIPT = Path(__file__).with_name("import_check.py")
_LOG = 2000
"""Characters of what a Python wrote before it crashed: the end tells most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import or a check ended: the module's file, or what went wrong."""

    file: str = ""
    error: str = ""
    seconds: float = 0.0
    log: str = field(default="", repr=False)


class KernelProcess(NamedTuple):
    """How a notebook's kernel would be started.

    ``folder`` is its working directory; ``environ`` are all its environment variables, those of
    the header among them.
    """

    folder: Path
    environ: Mapping[str, str]


def probe(
    ready: Ready, modules: Sequence[str], usage: str, process: KernelProcess, seconds: float
) -> list[Outcome]:
    """Import the modules and then run the program ``usage``, unless it is ``""``.

    :param seconds: how long all of it may take.
    :return: an outcome for each step, in their order; none for those after a crash.
    """
    work = {
        "prefix": ready.environment.environment.prefix,
        "modules": list(modules),
        "usage": usage,
    }
    with tempfile.TemporaryDirectory(prefix="headstart-test-") as folder:
        try:
            done = subprocess.run(
                [ready.layer.environment.python, str(SCRIPT)],
                input=json.dumps(work),
                # Nothing opens a window, or writes into the user's folders.
                env={envvars.MPLBACKEND: "agg", envvars.MPLCONFIGDIR: folder, **process.environ},
                cwd=process.folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            lines = (late.stdout or b"").decode("utf-8", "replace").splitlines()
            return [*_read(lines), Outcome(error=f"It takes longer than {seconds:.0f} seconds.")]
        except OSError as error:
            return [Outcome(error=f"Its Python does not start: {error.strerror or error}.")]
    outcomes = _read(done.stdout.splitlines())
    if len(outcomes) < len(modules) + bool(usage):
        status = done.returncode
        how = f"signal {-status}" if status < 0 else f"status {status}"
        crash = f"Its Python ended with {how}."
        outcomes.append(Outcome(error=crash, log=done.stderr[-_LOG:]))
    return outcomes


def _read(lines: Iterable[str]) -> list[Outcome]:
    # A process that was killed may leave half a line.
    return [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]
