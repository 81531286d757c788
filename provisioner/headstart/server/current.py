"""The header of a notebook as it is now, read without keeping the server's loop waiting."""

from __future__ import annotations

from typing import Any

from ..core.header import Header, parse_header
from ..core.notebook import Notebook, find_header
from ..errors import HeadstartError
from ..kernels.threads import in_thread
from ..kernels.which_notebook import read_from_server
from .views import CurrentHeader


async def header_at(server: Any, path: str) -> CurrentHeader:
    """The header of the notebook at an API path, unsaved edits included.

    :param server: the ServerApp.
    """
    try:
        source = await read_from_server(server, path)
    except HeadstartError as error:
        return CurrentHeader(error=error)
    return CurrentHeader(known=False) if source is None else await header_in(source.notebook)


async def header_in(notebook: Notebook) -> CurrentHeader:
    """The header of a notebook that is at hand."""
    try:
        return CurrentHeader(await in_thread(lambda: _header_of(notebook)))
    except HeadstartError as error:
        return CurrentHeader(error=error)


def _header_of(notebook: Notebook) -> Header | None:
    found = find_header(notebook)
    return None if found is None else parse_header(found)
