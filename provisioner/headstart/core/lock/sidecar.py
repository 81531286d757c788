"""Read and write the lock of a text notebook: a ``pylock.NAME.toml`` next to it, with a record.

The record is in the ``tool`` table of PEP 751, at the end of the file.
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
"""The beginning of the record; a lock without it was written by another tool."""


def lock_file_name(notebook: str) -> str:
    """The file name of the lock of a notebook with this file name."""
    # PEP 751 allows no further dots in it.
    stem = notebook.rpartition(".")[0] or notebook
    return f"pylock.{stem.replace('.', '-')}.toml"


def render_lock_file(lock: NotebookLock) -> str:
    """The text of the file."""
    lines = [f"{name} = {_toml(value)}\n" for name, value in lock.record().items()]
    return "".join([lock.pylock, RECORD, *lines])


def read_lock_file(text: str, path: str) -> NotebookLock | None:
    """The lock of a file that `render_lock_file` wrote; None if another tool wrote it.

    :param path: of the notebook, for messages.
    :raises LockError: if the record cannot be read.
    """
    # Git may have changed the line endings, and the digest is of the original ones.
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
