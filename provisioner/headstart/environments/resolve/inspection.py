"""What a Python is: version, platform, tags, markers. Inspected once, then kept in the store."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...core.interpreter import Interpreter
from ..context import Context
from ..facts import digest_of, recall, remember

__all__ = ["base_python", "inspect_python"]

_SECONDS = 30
"""How long another Python may take to say what it is."""

_SCRIPT = Path(__file__).with_name("python_probe.py")


def base_python() -> str:
    """Path of the Python that runs this; the one below it if this is a virtual environment."""
    return str(Path(getattr(sys, "_base_executable", "") or sys.executable).absolute())


def inspect_python(path: str, context: Context) -> Interpreter | None:
    """What the Python at ``path`` is, or None if it does not run.

    The one below this process is inspected in this process; any other is started once.
    """
    digest = _digest(path)
    if digest is None:
        return None
    cached = _from_json(recall(context.store, digest))
    if cached is not None:
        return cached
    interpreter = inspect_this() if path == base_python() else _inspect_other(path, context)
    if interpreter is not None:
        remember(context.store, digest, interpreter._asdict())
    return interpreter


@lru_cache(maxsize=1)
def inspect_this() -> Interpreter:
    """What the Python that runs this is, inspected in this process."""
    # Only where the store has no inspection of it yet.
    import sysconfig

    from packaging.markers import default_environment
    from packaging.tags import sys_tags

    return Interpreter(
        path=base_python(),
        version=platform.python_version(),
        implementation=sys.implementation.name,
        platform=sysconfig.get_platform(),
        tags=tuple(map(str, sys_tags())),
        markers={name: str(value) for name, value in default_environment().items()},
    )


def _inspect_other(path: str, context: Context) -> Interpreter | None:
    environ = dict(context.settings.environ)
    for name in [name for name in environ if name.startswith("PYTHON")]:
        del environ[name]
    try:
        done = subprocess.run(
            # Isolated and without site, no `.pth` file of that Python is run.
            [path, "-I", "-S", str(_SCRIPT)],
            env=environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
        return _from_json(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _digest(path: str) -> str | None:
    """What an inspection is remembered under: it changes when the Python or the system does."""
    try:
        file = Path(path).stat()
    except OSError:
        return None
    # Markers have the system's release and version (PEP 508), tags the C library's (PEP 600).
    system = os.uname()
    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else ""
    state = [path, file.st_mtime_ns, file.st_size, file.st_ino]
    return digest_of("inspection", state, system.release, system.version, libc)


def _from_json(value: dict[str, Any] | None) -> Interpreter | None:
    try:
        return Interpreter(**{**value, "tags": tuple(value["tags"])}) if value else None
    except (TypeError, KeyError):
        return None
