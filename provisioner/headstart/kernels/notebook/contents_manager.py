"""Notebooks in a server: read from the editor's edits, from disk, or through its contents manager.

jupytext puts a contents manager of its own before the one that the server has, which shows text
files as notebooks and keeps pairs of files; their text is read here as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from ...core.notebook.find import METADATA_KEY, Notebook, find_header, notebook_of
from ...core.notebook.jupytext import is_text_notebook
from ...errors import HeadstartError, NotebookError
from ...request.directory import DiskFolder, Folder
from ...request.notebook_files import read_notebook
from ..jupyter.jupytext_files import behind_jupytext, paired_with
from ..jupyter.server_app import disk_path, is_for_files
from ..threads import in_thread
from .contents_directory import ContentsFolder
from .notebook_source import Source
from .unsaved import LiveHeader, live_headers


async def read_from_server(server: Any, path: str) -> Source | None:
    """The notebook at an API path: its header as an editor shows it, if it told us, else the file.

    If what is stored has another header than when the editor told us, the editor has saved the
    notebook, or something else has changed it: what is stored is newer.

    :param server: the ServerApp.
    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    before, stored = live_headers.get(path), None
    try:
        stored = await _read_stored(server, path)
    except NotebookError:
        if live_headers.get(path) is None:
            raise
    live = live_headers.get(path)
    if live is None:
        return stored
    # One that has come since is the latest in any case.
    if live is before and live.stored is not None and stored is not None:
        digest = await in_thread(lambda: header_digest(stored.notebook))
        if digest != live.stored:
            live_headers.drop(path, live)
            return stored
    return Source(live.notebook, path, folder_of(server, path), saved=stored is not None)


async def note_stored(server: Any, path: str, live: LiveHeader) -> None:
    """Note which header is stored at an API path, now that an editor's has come for it.

    :param server: the ServerApp.
    """
    digest = ""
    with suppress(NotebookError):
        stored = await _read_stored(server, path)
        if stored is not None:
            digest = await in_thread(lambda: header_digest(stored.notebook))
    live_headers.note_stored(path, live, digest)


def header_digest(notebook: Notebook) -> str:
    """A digest of all that a notebook says of its environment, without its location in there."""
    content: object
    try:
        header = find_header(notebook)
        content = header and (header.place, header.text, header.fields)
    except HeadstartError as error:
        content = str(error)
    kept = notebook.metadata.get(METADATA_KEY)
    lock = kept.get("lock") if isinstance(kept, Mapping) else None
    # JSON can hold half of a surrogate pair, which UTF-8 cannot.
    return hashlib.sha256(repr((content, lock)).encode("utf-8", "surrogatepass")).hexdigest()


async def _read_stored(server: Any, path: str) -> Source | None:
    """The notebook as it is stored; None if there is none.

    :raises NotebookError: if there is a notebook and it cannot be read.
    """
    contents = server.contents_manager
    on_disk = _disk_path(contents, path)
    if on_disk is not None:
        text = _paired_texts(contents, path)
        return await in_thread(lambda: _read_from_disk(on_disk, path, text))
    try:
        model = await ensure_async(contents.get(path, content=True, type="notebook"))
    except Exception as error:
        # A contents manager may raise whatever its storage raises. 404 is what VS Code's made-up
        # paths give, and a console has the path of the script that it was opened for; everything
        # else is a notebook that exists and cannot be read.
        if getattr(error, "status_code", None) == 404 or not path.endswith(".ipynb"):
            return None
        raise NotebookError(f"The notebook {path} cannot be read: {error}.") from error
    return Source(notebook_of(model["content"], path), path, folder_of(server, path))


def folder_of(server: Any, path: str) -> Folder:
    """The folder of the notebook at an API path. To be called on the server's loop."""
    on_disk = _disk_path(server.contents_manager, path)
    if on_disk is not None:
        return DiskFolder(on_disk.parent)
    folder = path.rpartition("/")[0]
    return ContentsFolder(server.contents_manager, folder, asyncio.get_running_loop())


def _disk_path(contents: Any, path: str) -> Path | None:
    """The notebook's path on disk, if the contents manager is Jupyter's own for files.

    Reading the file in a thread spares the server's loop what the contents manager would do on
    it: parse, validate and sign the whole notebook.
    """
    module, shows_texts = behind_jupytext(contents)
    if not is_for_files(module):
        return None
    is_notebook = path.endswith(".ipynb") or (shows_texts and is_text_notebook(path))
    return disk_path(contents, path) if is_notebook else None


def _paired_texts(contents: Any, path: str) -> tuple[Path, ...]:
    """The text files that jupytext pairs with an ``.ipynb``; it takes the cells from them."""
    if not path.endswith(".ipynb"):
        return ()
    texts = filter(is_text_notebook, paired_with(contents, path))
    files = (disk_path(contents, text) for text in texts)
    return tuple(file for file in files if file is not None)


def _read_from_disk(file: Path, path: str, texts: tuple[Path, ...]) -> Source | None:
    """The newest of a notebook's text files, if it has some, with the notebook's metadata."""
    changed = _changed(file)
    text = max(texts, key=_changed, default=file)
    folder = DiskFolder(file.parent)
    if text == file or not _changed(text):
        return Source(read_notebook(file), path, folder) if changed else None
    kept = read_notebook(file).metadata if changed else {}
    return Source(read_notebook(text)._replace(metadata=kept), path, folder)


def _changed(file: Path) -> float:
    """When a file was changed, in seconds since the epoch; 0 if there is none."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
