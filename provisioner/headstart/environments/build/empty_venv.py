"""What every environment has before its wheels: an empty venv with our own files in it, as a part.

It is made once for each interpreter and kept like the parts of wheels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.interpreter import Interpreter
from ...core.store.parts import BYTECODE, TREE, part_name, python_tag
from ...store.parts.extract import site_packages_of
from ...store.parts.part_store import Part, record_part
from ...uv.commands import make_venv
from ...uv.process import installed_version
from ..context import Context
from ..facts import digest_of
from .bytecode import compile_parts

__all__ = ["File", "Skeleton", "skeleton_for"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of ours: its bytes, and whether it is executable."""

    content: bytes
    executable: bool = False


Files = Callable[[str], Mapping[str, File]]
"""From site-packages, relative to the prefix, to our files by their paths there."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An empty environment as a part, and its bytecode."""

    part: Part
    bytecode: tuple[Part, ...]


def skeleton_for(interpreter: Interpreter, files: Files, context: Context) -> Skeleton:
    """An empty environment of an interpreter with those files: reused, or made.

    :raises HeadstartError: if uv cannot make an environment.
    """
    # By their contents: a Headstart with other files gets another part. Site-packages counts as "",
    # for only the venv, which may not be made yet, says where it is.
    ours = sorted((path, file.content.hex(), file.executable) for path, file in files("").items())
    python = [interpreter.path, interpreter.version, interpreter.implementation]
    name = part_name(
        digest_of("skeleton", python, installed_version(), ours), python_tag(interpreter)
    )
    parts = context.store.parts
    part = parts.find(name) or _make(name, interpreter, files, context)
    # Compiled here and not in the background: ours are a handful of modules.
    compiled = parts.find(name + BYTECODE)
    if compiled is None:
        compiled = compile_parts([part], interpreter.path, parts).get(name)
    return Skeleton(part, () if compiled is None else (compiled,))


def _make(name: str, interpreter: Interpreter, files: Files, context: Context) -> Part:
    with context.store.parts.building() as folder:
        prefix = folder / "part" / TREE
        prefix.parent.mkdir()
        context.run(make_venv(prefix, interpreter))
        _add(prefix, files(site_packages_of(prefix)))
        record_part(prefix.parent, name)
        return context.store.parts.publish({name: prefix.parent})[name]


def _add(prefix: Path, files: Mapping[str, File]) -> None:
    for name, file in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)
