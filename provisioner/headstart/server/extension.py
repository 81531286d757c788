"""The extension: what Jupyter Server loads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp

from ..errors import SettingsError
from ..kernels.jupyter.server_app import pending_starts
from ..kernels.receipts import leave_in_saved
from ..kernels.status import status_board
from ..kernels.threads import cancel_all
from ..kernels.warm_up import warm_up
from ..traits import Headstart, settings_of
from .handlers import HANDLERS
from .publisher import Publisher

EVENT_SCHEMAS = Path(__file__).parent / "events"

_STARTS = 3.0
"""Seconds that a server which is told to stop waits for kernels that are starting."""


class HeadstartExtension(ExtensionApp):
    """Serves the panel: REST endpoints below ``headstart/api/``, and an event at each change."""

    name = "headstart"
    classes = [Headstart]  # noqa: RUF012  # as the base class has it

    _unsubscribe: Callable[[], None] | None = None

    def initialize_handlers(self) -> None:
        """Add the endpoints to the server."""
        self.handlers.extend(HANDLERS)

    def initialize_settings(self) -> None:
        """Register the event and begin to emit it.

        Here and not when the server starts: subscribers get the events of the schemas that are
        registered when their socket opens, and no others.
        """
        assert self.serverapp is not None
        logger = self.serverapp.event_logger
        assert logger is not None
        for schema in sorted(EVENT_SCHEMAS.glob("*.yaml")):
            logger.register_event_schema(schema)
        publisher = Publisher(logger, self.serverapp.io_loop)
        self._unsubscribe = status_board.subscribe(publisher.notify)
        self._leave_receipts()
        # Once the server runs: until then it has better things to do.
        self.serverapp.io_loop.add_callback(self._warm_up)

    async def _warm_up(self) -> None:
        """Make ready what the first kernels need."""
        assert self.serverapp is not None
        try:
            settings = settings_of(self.serverapp.config)
        except SettingsError as error:
            # As above.
            self.log.debug("Headstart: %s", error)
            return
        await warm_up(settings)

    def _leave_receipts(self) -> None:
        """Save receipts in notebooks, if the settings say so."""
        assert self.serverapp is not None
        try:
            saves = settings_of(self.serverapp.config).receipts == "save"
        except SettingsError as error:
            # The first kernel that starts says so too, where the user sees it.
            self.log.warning("Headstart: %s", error)
            return
        if saves:
            # Once the server runs: extensions that load after this one, as jupytext's does, put a
            # contents manager of their own in place of the present one.
            self.serverapp.io_loop.add_callback(self._hook_saves)

    def _hook_saves(self) -> None:
        assert self.serverapp is not None
        contents: Any = self.serverapp.contents_manager
        contents.register_pre_save_hook(leave_in_saved)

    async def stop_extension(self) -> None:
        """Stop to emit events, and cancel all builds."""
        unsubscribe, self._unsubscribe = self._unsubscribe, None
        if unsubscribe is not None:
            unsubscribe()
        cancel_all()
        await self._wait_for_starts()

    async def _wait_for_starts(self) -> None:
        """Wait until the kernels that are starting have started or failed.

        The server shuts all kernels down next; where it meets one that has not started yet, it
        fails, and never stops.
        """
        starts = pending_starts(self.serverapp)
        if starts:
            await asyncio.wait(starts, timeout=_STARTS)
