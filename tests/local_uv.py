"""The real uv with a package index of the test's own, and nothing of this machine's settings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from headstart import envvars
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.interpreter import Interpreter
from headstart.core.progress import Reporter
from headstart.environments.resolve.inspection import inspect_this
from headstart.settings import Settings
from headstart.testing.package_index import LocalIndex
from headstart.uv.commands import UvCommand, UvResult
from headstart.uv.runner import Cancelled, Uv, UvRunner


def bare_environ(home: Path, **more: str) -> dict[str, str]:
    """An environment in which uv has no settings; a failing request is not tried again."""
    background = (envvars.AUTO_PRUNE, envvars.COMPILE_BYTECODE, envvars.WARM_UP, envvars.ZYGOTE)
    names = ("PATH", "LANG", *background)
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "HOME": str(home), "UV_HTTP_RETRIES": "0", **more}


def local_settings(settings: Settings, home: Path, index: LocalIndex, **environ: str) -> Settings:
    """Settings with that index only."""
    return replace(settings, default_index=index.url, environ=bare_environ(home, **environ))


def runner(settings: Settings) -> UvRunner:
    """The real uv, with a cache in the settings' store."""
    return UvRunner(settings, settings.store / "uv-cache")


class Counted(Uv):
    """Another uv, and the verbs of what it was asked to do, in order."""

    def __init__(self, uv: Uv):
        self._uv = uv
        self.verbs: list[str] = []

    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        self.verbs.append(command.verb)
        return self._uv.run(command, report=report, cancelled=cancelled, timeout=timeout)


def spec(*requirements: str, **fields: object) -> EnvironmentSpec:
    """A spec, as `spec_of` would give it."""
    return EnvironmentSpec(tuple(requirements))._replace(**fields)


def this_python() -> Interpreter:
    """The Python that runs the tests."""
    return inspect_this()
