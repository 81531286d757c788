"""Import modules in the Python of an environment, and try them, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import envvars
from ..core.environment import Environment
from ..core.spec import KernelOptions

__all__ = ["Outcome", "probe"]

SCRIPT = Path(__file__).with_name("import_probe.py")
_LOG = 2000
"""Characters of what a Python said before it crashed: its end says most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import or a check ended: the module's file, or what went wrong."""

    file: str = ""
    error: str = ""
    seconds: float = 0.0
    log: str = field(default="", repr=False)


def probe(
    environment: Environment,
    modules: Sequence[str],
    usage: str,
    environ: Mapping[str, str],
    options: KernelOptions,
    seconds: float,
) -> list[Outcome]:
    """Import the modules and then run the program ``usage``, unless it is ``""``.

    :param environ: the process's environment variables, to which those of a kernel are added.
    :param options: what the header says of the kernel's process.
    :param seconds: how long all of it may take.
    :return: an outcome for each step, in their order; none for those after a crash.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-test-") as folder:
        try:
            done = subprocess.run(
                [environment.python, "-I", str(SCRIPT)],
                input=json.dumps({"modules": list(modules), "usage": usage}),
                env=_variables(environment, environ, options, folder),
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode("utf-8", "replace").splitlines()
            return [*_read(said), Outcome(error=f"It takes longer than {seconds:.0f} seconds.")]
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
    return [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]


def _variables(
    environment: Environment, environ: Mapping[str, str], options: KernelOptions, folder: str
) -> dict[str, str]:
    """As a kernel has them, but for what would open windows or write into the user's folders."""
    path = (f"{environment.prefix}/bin", *options.prepend_paths, environ.get(envvars.PATH, ""))
    return {
        **environ,
        **dict(options.env),
        envvars.PATH: os.pathsep.join(filter(None, path)),
        envvars.VIRTUAL_ENV: environment.prefix,
        envvars.MPLBACKEND: "agg",
        envvars.MPLCONFIGDIR: folder,
    }
