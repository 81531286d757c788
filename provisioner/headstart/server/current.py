"""The header of a notebook as it is now, read without keeping the server's loop waiting."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..beside import Folder
from ..core.notebook import Notebook
from ..errors import HeadstartError
from ..kernels.contents import read_from_server
from ..kernels.threads import in_thread
from ..traits import settings_of
from ..wanted import want
from .views import CurrentHeader


async def header_at(server: Any, path: str) -> CurrentHeader:
    """The header of the notebook at an API path, unsaved edits included.

    :param server: the ServerApp.
    """
    try:
        source = await read_from_server(server, path)
    except HeadstartError as error:
        return CurrentHeader(error=error)
    if source is None:
        return CurrentHeader(known=False)
    return await header_in(server, source.notebook, source.folder)


async def header_in(server: Any, notebook: Notebook, folder: Folder) -> CurrentHeader:
    """The header of a notebook that is at hand.

    :param server: the ServerApp.
    """
    settings = partial(settings_of, server.config)
    try:
        return CurrentHeader(await in_thread(lambda: want(notebook, folder, settings)))
    except HeadstartError as error:
        return CurrentHeader(error=error)
