"""Which base Python an environment is for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ...core.interpreter import Interpreter
from ...core.progress import Phase
from ...errors import BuildError, HeadstartError, InterpreterError, PackageIndexError, UvError
from ..context import Context
from ..facts import digest_of, recall, remember
from .inspection import base_python, inspect_python

__all__ = ["cached_interpreter", "find_interpreter"]


_OLDEST = Version("3.8")
"""The oldest Python that ipykernel, and our own part in kernels, run on."""


class _Listed(NamedTuple):
    """A Python that uv lists: its path, its version, and whether it is the usual build."""

    path: str
    version: Version
    usual: bool


def find_interpreter(requires_python: str, context: Context) -> Interpreter:
    """The base Python for a ``requires-python`` (PEP 440 specifiers, ``""`` for any).

    Jupyter's own if it fits, else the one that was chosen before, else the best that uv finds on
    this machine, else one that uv downloads if the settings allow it.

    :raises InterpreterError: if none fits; says which ones are installed.
    """
    cached = cached_interpreter(requires_python, context)
    if cached is not None:
        return cached
    context.tell(Phase.INTERPRETER, f"Looking for Python {requires_python}")
    listed = _list(context)
    fitting = [python for python in _ranked(listed) if _fits(str(python.version), requires_python)]
    interpreter = _first_that_runs(fitting, requires_python, context)
    if interpreter is None and fitting:
        raise _unusable(requires_python, fitting[0])
    if interpreter is None:
        interpreter = _downloaded(requires_python, context, listed)
    remember(context.store, _choice_digest(requires_python), {"path": interpreter.path})
    return interpreter


def cached_interpreter(requires_python: str, context: Context) -> Interpreter | None:
    """`find_interpreter` without a search: None if a search would be needed.

    Starts no process, unless the Python that was chosen before has changed.
    """
    own = inspect_python(base_python(), context)
    if own is not None and _fits(own.version, requires_python):
        return own
    chosen = recall(context.store, _choice_digest(requires_python))
    # Not Path.exists: it raises if the folder may not be entered any more.
    if chosen is None or not os.access(str(chosen.get("path")), os.F_OK):
        return None
    interpreter = inspect_python(str(chosen["path"]), context)
    if interpreter is not None and _fits(interpreter.version, requires_python):
        return interpreter
    return None


def _choice_digest(requires_python: str) -> str:
    return digest_of("python", requires_python)


def _fits(version: str, requires_python: str) -> bool:
    # A Python that is installed counts, finished or not; `_ranked` prefers finished ones.
    return SpecifierSet(requires_python).contains(version, prereleases=True)


def _list(context: Context) -> list[_Listed]:
    # Here and below: Jupyter's own Python fits most headers, and the choice is remembered.
    from ...uv.commands import list_pythons

    result = context.run(list_pythons())
    return list(_read_list(json.loads(result.stdout or "[]")))


def _read_list(entries: Iterable[dict[str, Any]]) -> Iterator[_Listed]:
    for entry in entries:
        try:
            version = Version(str(entry["version"]))
        except (InvalidVersion, KeyError):
            continue
        if entry.get("path"):
            usual = entry.get("variant", "default") == "default"
            yield _Listed(entry["path"], version, usual and entry["implementation"] == "cpython")


def _ranked(listed: Iterable[_Listed]) -> list[_Listed]:
    """Usual builds first, then finished versions, then Jupyter's own minor, then the newest."""
    own = sys.version_info[:2]

    def rank(python: _Listed) -> tuple[bool, bool, bool, Version]:
        version = python.version
        same = version.release[:2] == own
        return (python.usual, not version.is_prerelease, same, version)

    return sorted(listed, key=rank, reverse=True)


def _first_that_runs(
    fitting: Iterable[_Listed], requires_python: str, context: Context
) -> Interpreter | None:
    for python in fitting:
        interpreter = inspect_python(python.path, context)
        # A shim may start another Python here than it did for uv.
        if interpreter is not None and _fits(interpreter.version, requires_python):
            return interpreter
    return None


def _downloaded(requires_python: str, context: Context, listed: Iterable[_Listed]) -> Interpreter:
    from ...uv.commands import find_python, install_python

    if context.settings.offline or context.settings.python_downloads == "never":
        raise _none(requires_python, listed, "Headstart may not download one.")
    context.tell(Phase.INTERPRETER, f"Downloading Python {requires_python}")
    try:
        context.run(install_python(requires_python))
        path = context.run(find_python(requires_python)).stdout.strip()
    except InterpreterError as error:
        raise _none(requires_python, listed, "uv has none to download.") from error
    except (PackageIndexError, UvError, BuildError) as error:
        raise _none(requires_python, listed, f"Its download failed: {error.message}") from error
    interpreter = inspect_python(path, context)
    if interpreter is None:
        raise _none(requires_python, listed, f"The one that uv downloaded, {path}, does not run.")
    return interpreter


def _none(requires_python: str, listed: Iterable[_Listed], why: str) -> HeadstartError:
    versions = sorted({python.version for python in listed}, reverse=True)
    installed = ", ".join(map(str, versions)) or "none"
    return InterpreterError(
        f"No Python {requires_python} is installed (found: {installed}). {why}",
        hint="Change requires-python in the header, or install such a Python.",
        details={"requires_python": requires_python, "found": [str(v) for v in versions]},
    )


def _unusable(requires_python: str, python: _Listed) -> HeadstartError:
    old = python.version < _OLDEST
    why = f"kernels need {_OLDEST} or later" if old else "it does not say what it is, if it starts"
    return InterpreterError(
        f"Python {python.version} at {python.path} fits {requires_python}, but cannot be used: "
        f"{why}.",
        hint="Change requires-python in the header.",
        details={"requires_python": requires_python, "found": [str(python.version)]},
    )
