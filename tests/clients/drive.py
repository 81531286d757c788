"""Unmodified Jupyter clients in processes of their own, and what their notebooks said."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from tests.waiting import LIMIT

SCRIPTS = Path(sys.executable).parent

NBCLIENT = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook).execute()
    nbformat.write(notebook, path)
"""
"""The shortest way to run notebooks, in place."""


@dataclass(frozen=True)
class Clients:
    """Starts clients in ``top``, the folder that they are called from."""

    top: Path
    environ: Mapping[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def having(self, **environ: str) -> Clients:
        """The same, with more variables."""
        return replace(self, environ={**self.environ, **environ})

    def start(self, *command: str | Path, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start a console script of Jupyter's Python, or ``python``."""
        name, *arguments = command
        process = subprocess.Popen(
            [name if Path(name).is_absolute() else SCRIPTS / name, *arguments],
            cwd=folder or self.top,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def stop(self) -> None:
        """End whatever was started and still runs, as after a test that failed."""
        for process in self.started:
            process.kill()
            process.wait(60)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def run(self, *command: str | Path, folder: Path | None = None) -> str:
        """Run one to its good end; what it printed."""
        return ended(self.start(*command, folder=folder))

    def python(self, script: str, *arguments: str | Path) -> str:
        """Run Python code that uses a client's classes; what it printed."""
        return self.run("python", "-c", script, *arguments)


def ended(process: subprocess.Popen[str], typed: str = "") -> str:
    """What a process printed that ended well, after ``typed`` was typed into it."""
    output, errors = process.communicate(typed, timeout=LIMIT)
    assert process.returncode == 0, f"{output}\n{errors}"
    return output


def all_ended(running: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What processes printed that run at the same time and ended well."""
    results = [(process, *process.communicate(timeout=LIMIT)) for process in running]
    for process, output, errors in results:
        assert process.returncode == 0, f"{output}\n{errors}"
    return [output for _, output, _ in results]


def last_lines(running: Sequence[subprocess.Popen[str]]) -> list[str]:
    """The last lines on stderr of processes that run at the same time and fail."""
    errors = [process.communicate(timeout=LIMIT)[1] for process in running]
    assert all(process.returncode != 0 for process in running), errors
    return [text.strip().splitlines()[-1] for text in errors]


def printed(notebook: Path) -> list[str]:
    """What each cell of a notebook has printed; fails if one raised."""
    texts = []
    for cell in json.loads(notebook.read_text())["cells"]:
        outputs = cell.get("outputs", [])
        assert all(output["output_type"] != "error" for output in outputs), outputs
        texts.append("".join("".join(output.get("text", "")) for output in outputs).strip())
    return texts


def said(notebook: Path) -> str:
    """What the last cell has printed."""
    return printed(notebook)[-1]


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def below(process: subprocess.Popen[Any], *names: str) -> list[psutil.Process]:
    """A process's descendants; of those that have one of the names, if any are given.

    Those that end meanwhile are none any more.
    """
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [child] if not names or child.name() in names else []
    return found


def as_user() -> list[str]:
    """What starts a command as an ordinary user, if this process is root's.

    In a user namespace: it has another user's id and no rights, and may still enter the folders
    that this Python and its packages lie in.
    """
    if os.geteuid() != 0:
        return []
    return ["/usr/bin/unshare", "--user", "--map-user=1000", "--map-group=1000"]
