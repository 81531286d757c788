"""When a file was last committed, as git says."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime
from pathlib import Path

from ..core.timestamp import timestamp
from ..errors import NotebookError

__all__ = ["last_commit"]

_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "log.showSignature=false")
"""A folder's own configuration of git can name programs that it runs; these are the ones of log."""

LIMIT = 30.0
"""Seconds that git may take."""


def last_commit(path: Path) -> str:
    """The moment of a file's last commit, ISO 8601 in UTC.

    :raises NotebookError: if the file was never committed, or git is not installed.
    """
    output = _git(path.absolute(), "log", "-1", "--format=%cI", "--no-show-signature", "--")
    try:
        return timestamp(datetime.fromisoformat(output.strip()))
    except ValueError:
        raise NotebookError(
            f"{path} was never committed, so it has no date.",
            hint="Give the date yourself: --as-of 2026-01-31.",
        ) from None


def _git(path: Path, *arguments: str) -> str:
    """The output of git on a file; empty if it is in no repository, or there is no git."""
    # git is to change nothing in the repository, and to ask for nothing.
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "--no-pager", *_SAFE, *arguments, path.name]
    try:
        done = subprocess.run(
            command,
            cwd=path.parent,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
