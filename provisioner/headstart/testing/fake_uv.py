"""A fake uv for tests, which needs no binary, no index and no network."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.request import url2pathname

from ..core.lock.pylock import Lock, LockedPackage, Wheel, parse_lock
from ..core.progress import Phase, Progress, Reporter, silent
from ..errors import BuildCancelled, BuildTimeout, HashMismatch, HeadstartError, InterpreterError
from ..uv.commands import UvCommand, UvResult
from ..uv.configuration import CONSTRAINTS, LOCK, OVERRIDES, REQUIREMENTS
from ..uv.events import EventReader
from ..uv.runner import Cancelled, Uv
from .wheelhouse import Wheelhouse
from .wheels import make_wheel

__all__ = ["FakeUv"]

_INDEX = "https://index.invalid"
"""The index in locks; the reserved name (RFC 2606) cannot be fetched from by accident."""


class FakeUv(Uv):
    """Does what `UvRunner` does with a flat folder of pure Python wheels, in milliseconds.

    It resolves greedily, for the Python that runs it; environments it makes are real ones.

    :param wheelhouse: the folder; wheels may be added at any time.
    :param pythons: paths that ``list-pythons`` finds, with their versions.
    :param failures: verbs (see `UvCommand`) to the error that they raise.
    """

    def __init__(
        self,
        wheelhouse: Path,
        *,
        pythons: Mapping[str, str] | None = None,
        failures: Mapping[str, HeadstartError] | None = None,
    ):
        self.wheelhouse = Wheelhouse(wheelhouse)
        self.pythons = dict(pythons or {})
        self.failures = dict(failures or {})
        self.commands: list[UvCommand] = []
        """Every command that was run, in order."""
        self.gate = threading.Event()
        """While it is not set, commands wait; it is set to begin with."""
        self.gate.set()

    @property
    def verbs(self) -> list[str]:
        """The verbs of the commands that were run, in order."""
        return [command.verb for command in self.commands]

    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        self.commands.append(command)
        self._wait(cancelled, timeout)
        if command.verb in self.failures:
            raise self.failures[command.verb]
        actions: dict[str, Callable[[UvCommand, Reporter], str]] = {
            "compile": self._compile,
            "locate": self._locate,
            "newest": self._newest,
            "venv": self._venv,
            "sync": self._sync,
            "install": _nothing,
            "ask-build": lambda _command, _report: "[]",
            "build": self._build,
            "list-pythons": self._list_pythons,
            "find-python": self._find_python,
            "install-python": self._find_python,
            "prune-cache": _nothing,
            "clean-cache": _nothing,
        }
        return UvResult(actions[command.verb](command, report), "")

    def _wait(self, cancelled: Cancelled, timeout: float | None) -> None:
        started = time.monotonic()
        # By polling, as a wait for the gate alone would not notice `cancelled`.
        while not self.gate.wait(0.01):
            if timeout is not None and time.monotonic() - started > timeout:
                raise BuildTimeout(f"uv was not done after {timeout:g} seconds.")
            if cancelled():
                break
        if cancelled():
            raise BuildCancelled("The build was cancelled.")

    def _compile(self, command: UvCommand, report: Reporter) -> str:
        files = {name: text.splitlines() for name, text in command.files.items()}
        wheels = self.wheelhouse.resolve(
            files[REQUIREMENTS], files.get(CONSTRAINTS, ()), files.get(OVERRIDES, ())
        )
        count = len(wheels)
        report(Progress(Phase.RESOLVE, f"Resolved {count} packages", count, count))
        packages = tuple(
            LockedPackage(
                name=name,
                version=str(wheel.version),
                index="",
                marker="",
                wheels=(
                    Wheel(
                        filename=wheel.path.name,
                        url=f"{_INDEX}/files/{wheel.path.name}",
                        sha256=_sha256(wheel.path),
                        size=wheel.path.stat().st_size,
                    ),
                ),
            )
            for name, wheel in sorted(wheels.items())
        )
        return Lock(packages, f">={sys.version.split()[0]}").render()

    def _newest(self, command: UvCommand, _report: Reporter) -> str:
        return self._compile(command, silent)  # the folder has wheels only

    def _locate(self, command: UvCommand, _report: Reporter) -> str:
        lines = command.files[REQUIREMENTS].splitlines()
        return "".join(f"{line}\n    # from {_INDEX}/simple\n" for line in lines)

    def _venv(self, command: UvCommand, _report: Reporter) -> str:
        prefix = Path(command.argv[-1])
        python = Path(command.argv[command.argv.index("--python") + 1])
        _site_packages(prefix).mkdir(parents=True)
        (prefix / "bin").mkdir()
        # The quick check of an environment follows this link to its base Python.
        (prefix / "bin" / "python").symlink_to(python)
        (prefix / "bin" / "python3").symlink_to("python")
        (prefix / "pyvenv.cfg").write_text(f"home = {python.parent}\nrelocatable = true\n")
        return ""

    def _sync(self, command: UvCommand, report: Reporter) -> str:
        prefix = Path(command.argv[command.argv.index("--python") + 1]).parent.parent
        packages = parse_lock(command.files[LOCK]).packages
        for package in packages:
            self._install(package, _site_packages(prefix), prefix / "bin")
        reader, count = EventReader(command.sizes), len(packages)
        for word in ("Prepared", "Installed"):
            if (event := reader.read(f"{word} {count} packages in 1ms")) is not None:
                report(event)
        return ""

    def _install(self, package: LockedPackage, site_packages: Path, scripts: Path) -> None:
        wheel = package.wheels[0]
        local = wheel.url.startswith("file:")
        path = (
            Path(url2pathname(wheel.url[7:])) if local else self.wheelhouse.folder / wheel.filename
        )
        if _sha256(path) != wheel.sha256:
            raise HashMismatch(f"{wheel.filename} is not the file in the lock.")
        self.wheelhouse.unpack(path, site_packages, scripts)

    def _build(self, command: UvCommand, _report: Reporter) -> str:
        source, out = Path(command.argv[-1]), command.argv[command.argv.index("--out-dir") + 1]
        project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
        modules = {path.name: path.read_text() for path in sorted(source.glob("*.py"))}
        make_wheel(Path(out), project["name"], project["version"], modules)
        return ""

    def _list_pythons(self, _command: UvCommand, _report: Reporter) -> str:
        return json.dumps([_listed(path, text) for path, text in self.pythons.items()])

    def _find_python(self, command: UvCommand, _report: Reporter) -> str:
        if not self.pythons:
            raise InterpreterError(f"No interpreter found for Python {command.argv[-1]}.")
        return f"{next(iter(self.pythons))}\n"


def _nothing(_command: UvCommand, _report: Reporter) -> str:
    return ""  # no cache, and no build that needs tools


def _listed(path: str, version: str) -> dict[str, object]:
    numbers: Sequence[int] = [int(part) for part in version.split(".")]
    parts = dict(zip(("major", "minor", "patch"), numbers, strict=True))
    return {
        "path": path,
        "version": version,
        "version_parts": parts,
        "implementation": "cpython",
        "variant": "default",
    }


def _site_packages(prefix: Path) -> Path:
    version = ".".join(map(str, sys.version_info[:2]))
    return prefix / "lib" / f"python{version}" / "site-packages"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
