"""The lock of a text notebook: a ``pylock.NAME.toml`` beside it, with the record of its making.

The record stands in the table that PEP 751 leaves to tools, at the end of the file.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import LockError
from ..notebook.model import METADATA_KEY
from ..syntax.toml import TomlProblem, load_toml
from .embedded import NotebookLock, lock_again, read_record

__all__ = ["RECORD", "lock_file_name", "read_lock_file", "render_lock_file"]

RECORD = f"\n[tool.{METADATA_KEY}]\n"
"""What the record begins with; a lock without it is not one of ours."""


def lock_file_name(notebook: str) -> str:
    """The name of the lock of a notebook with this file name, as PEP 751 lets it be."""
    stem = notebook.rpartition(".")[0] or notebook
    return f"pylock.{stem.replace('.', '-')}.toml"


def render_lock_file(lock: NotebookLock) -> str:
    """The text of the file."""
    lines = [f"{name} = {_toml(value)}\n" for name, value in lock.record().items()]
    return "".join([lock.pylock, RECORD, *lines])


def read_lock_file(text: str, path: str) -> NotebookLock | None:
    """What `render_lock_file` wrote; None if it was somebody else.

    :param path: of the notebook, for messages.
    :raises LockError: if the record cannot be read.
    """
    # Git may have given the file other line endings; its digest is of ours.
    pylock, mark, record = text.replace("\r\n", "\n").rpartition(RECORD)
    if not mark:
        return None
    try:
        fields = load_toml(record)
    except TomlProblem as problem:
        raise LockError(
            f"The record at the end of the notebook's lock cannot be read: {problem.reason}.",
            hint=lock_again(path),
        ) from None
    return read_record(fields, pylock, path)


def _toml(value: Any) -> str:
    """A value as TOML: texts and lists of them are written as in JSON."""
    if isinstance(value, dict):
        items = (f"{json.dumps(name)} = {_toml(item)}" for name, item in value.items())
        return f"{{ {', '.join(items)} }}"
    return json.dumps(value, ensure_ascii=False)
