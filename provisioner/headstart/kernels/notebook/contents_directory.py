"""The folder of a notebook that a contents manager stores elsewhere than on this disk."""

from __future__ import annotations

import asyncio
import base64
import posixpath
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from ...core.messages import shown
from ...errors import NotebookError
from ...request.directory import MAX_BYTES, NoFolder

LIMIT = 30.0
"""Seconds that a contents manager may take for a file."""


class ContentsFolder:
    """Reads files next to a notebook as the server itself does. Absolute paths are on the disk.

    To be read from another thread than the server's loop, on which the contents manager works.

    :param contents: the server's contents manager.
    :param folder: API path of the folder, ``""`` for the server's root.
    :param loop: the server's.
    """

    def __init__(self, contents: Any, folder: str, loop: asyncio.AbstractEventLoop):
        self._contents = contents
        self._folder = folder
        self._loop = loop

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none, or it is outside of the root."""
        if Path(name).is_absolute():
            return NoFolder().read(name)
        path = self._api_path(name)
        if path.split("/")[0] == "..":
            return None
        try:
            future = asyncio.run_coroutine_threadsafe(self._get(path), self._loop)
            model = future.result(LIMIT)
            content = _bytes_of(model)
        except Exception as error:
            # A contents manager may raise whatever its storage raises.
            if getattr(error, "status_code", None) == 404:
                return None
            reason = str(error) or type(error).__name__
            raise NotebookError(f"{shown(path)} cannot be read: {reason}.") from error
        if len(content) > MAX_BYTES:
            raise NotebookError(f"{shown(path)} is longer than {MAX_BYTES // 2**20} MiB.")
        return content

    def path(self, name: str) -> Path | None:
        """An absolute path; all others are on no disk."""
        return NoFolder().path(name)

    def where(self, name: str) -> str:
        """The path, for messages."""
        if Path(name).is_absolute():
            return name
        return f"{shown(self._api_path(name))} among the server's files"

    def _api_path(self, name: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, name))

    async def _get(self, path: str) -> Any:
        return await ensure_async(self._contents.get(path, content=True, type="file"))


def _bytes_of(model: Any) -> bytes:
    """The content of a file's model, which is text or in base64."""
    content = model["content"]
    if model.get("format") == "base64":
        return base64.b64decode(content)
    return str(content).encode("utf-8")
