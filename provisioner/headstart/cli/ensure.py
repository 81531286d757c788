"""``headstart ensure``: make a notebook's environment ready."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..core.environment import RefreshMode
from ..environments.context import open_context
from ..environments.ensure import Ready, ensure
from ..settings import read_settings
from .output import print_json, print_note
from .terminal import ProgressLine
from .wanted import read_wanted


def main(notebook: Path, as_json: bool) -> int:
    """Build the environment unless it is there, and print its prefix.

    :raises HeadstartError: if it cannot be had.
    """
    spec = read_wanted(notebook).spec
    if spec.refresh is RefreshMode.EPHEMERAL:
        print_note(
            "The header asks for a fresh environment at each start; kernels will not use it."
        )
        spec = replace(spec, refresh=RefreshMode.CACHED)
    with ProgressLine() as line:
        ready = ensure(spec, open_context(read_settings(), line.report))
    try:
        print_json(_json(ready)) if as_json else print(ready.environment.environment.prefix)
    finally:
        ready.release()
    return 0


def _json(ready: Ready) -> dict[str, object]:
    environment = ready.environment.environment
    return {
        "prefix": environment.prefix,
        "key": environment.key,
        "python": environment.manifest.python_version,
        "lock": environment.manifest.lock_digest,
        "layer": ready.layer.environment.key,
        "packages": len(environment.manifest.distributions),
        "reused": ready.reused,
        "timings": dict(ready.timings),
    }
