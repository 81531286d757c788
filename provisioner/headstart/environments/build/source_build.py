"""Building a source tree into a wheel: nothing of the tree runs where credentials are.

What the build needs is fetched first, into an environment of its own, with the credentials of the
indexes. Then the tree's back end runs without a network, in a home that is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ...core.interpreter import Interpreter
from ...core.requirements.pyproject import LEGACY, BuildSystem, Project
from ...core.requirements.requirements_file import FileProblem
from ...uv.commands import UvCommand, UvResult, ask_build, build_wheel, install_tools, make_venv
from ..context import Context
from .enforce_limits import bounds_of

__all__ = ["build"]

PYPROJECT = "pyproject.toml"

MAX_BYTES = 256 * 1024
"""Of a ``pyproject.toml``."""

MAX_REQUIREMENTS = 100
"""Requirements that a back end may ask for in addition to those of ``pyproject.toml``."""


def build(source: Path, folder: Path, interpreter: Interpreter, context: Context) -> None:
    """Build a tree, which is a copy, into a wheel in a folder.

    :param folder: is made.
    :raises FileProblem: if the tree does not say how, or in a way that means nothing.
    :raises HeadstartError: if what it needs cannot be installed, or its build fails.
    """
    system = _build_system(source)
    tools = folder.with_name(f"{folder.name}-tools")
    context.run(make_venv(tools, interpreter))
    _install(tools, system.requires, context)
    # Asked by our own script: were the back end's requirements left to uv's build, it would fetch
    # them while the back end runs, with the credentials in the environment of both.
    answer = _run(ask_build(source, tools, system.back_end, system.paths), context).stdout
    _install(tools, _strings(answer), context)
    _run(build_wheel(source, folder, tools), context)


def _run(command: UvCommand, context: Context) -> UvResult:
    """Run what may write anything, if no file of it is larger than an environment may be."""
    # 0 would be no limit.
    limit = max(1, bounds_of(context.settings).size.limit)
    return context.run(replace(command, largest_file=limit))


def _build_system(source: Path) -> BuildSystem:
    path = source / PYPROJECT
    if not path.exists():
        return LEGACY
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        if len(content) > MAX_BYTES:
            raise ValueError
        return Project(str(path), content.decode("utf-8-sig")).build_system()
    # `from None`: tomllib's message quotes the file, and errors are saved in notebooks.
    except ValueError:
        hint = f"It is text in UTF-8, of at most {MAX_BYTES // 1024} KiB."
        raise FileProblem(str(path), "it cannot be read.", hint) from None


def _install(prefix: Path, requirements: Iterable[str], context: Context) -> None:
    lines = tuple(requirements)
    if lines:
        _run(install_tools(prefix, lines), context)


def _strings(answer: str) -> tuple[str, ...]:
    """What a back end has answered; it is a stranger's."""
    try:
        lines = json.loads(answer)
    except (ValueError, RecursionError):
        lines = None
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise FileProblem(PYPROJECT, "its build back end does not say what it needs.", "")
    return tuple(lines[:MAX_REQUIREMENTS])
