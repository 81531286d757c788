"""The REST endpoints, which only translate between HTTP and the rest of Headstart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from ..core.header.edit import HeaderEdit, set_refresh
from ..core.notebook.find import Notebook
from ..core.notebook.misplaced import misplaced_header
from ..errors import HeadstartError
from ..kernels.notebook.contents_manager import folder_of, note_stored, read_from_server
from ..kernels.notebook.unsaved import live_headers
from ..kernels.status import KernelStatus, status_board
from ..kernels.threads import in_thread
from ..printable import printable_json
from ..request.directory import Folder
from ..request.read import find, request_of
from ..settings import Settings
from ..traits import settings_of
from . import bodies
from .views import CurrentHeader, header_edit, notebook_status

RESOURCE = "headstart"

Method = TypeVar("Method", bound=Callable[..., Any])

# Building runs what strangers wrote, as a kernel does: who may start kernels may do both.
may_build: Callable[[Method], Method] = authorized("execute", resource="kernels")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn Headstart's errors into an answer with status 400."""
    try:
        yield
    except HeadstartError as error:
        raise web.HTTPError(400) from error


class HeadstartHandler(ExtensionHandlerMixin, APIHandler):
    """What all endpoints share."""

    auth_resource = RESOURCE

    def body(self) -> Mapping[str, Any]:
        """The request's JSON object."""
        return bodies.read_object(self.request.body)

    async def check_path(self, path: str) -> None:
        """Refuse a path that the contents manager would hide from this caller.

        :raises HTTPError: as an answer to it: 403 or 404.
        """
        # Our routes tell nothing that the contents manager would not tell the same caller.
        allowed = self.authorizer.is_authorized(self, self.current_user, "read", "contents")
        if not await ensure_async(allowed):
            raise web.HTTPError(403)
        if await self.is_hidden(path):
            raise web.HTTPError(404, "There is no such notebook.")

    async def is_hidden(self, path: str) -> bool:
        """Whether the server's contents manager hides the file of that path."""
        contents: Any = self.serverapp.contents_manager
        if contents.allow_hidden:
            return False
        try:
            return bool(await ensure_async(contents.is_hidden(path)))
        except NotImplementedError:
            return False  # it has no hidden files
        except Exception:  # noqa: BLE001  (it may raise what it likes for paths outside of its root)
            return True

    def read_settings(self) -> Settings:
        """The settings as the server's configuration has them."""
        return settings_of(self.serverapp.config)

    async def header_at(self, path: str) -> CurrentHeader:
        """The header of the notebook at an API path, unsaved edits included."""
        try:
            source = await read_from_server(self.serverapp, path)
        except HeadstartError as error:
            return CurrentHeader(error=error)
        if source is None:
            return CurrentHeader(readable=False)
        return await self.header_in(source.notebook, source.folder)

    async def header_in(self, notebook: Notebook, folder: Folder) -> CurrentHeader:
        """The header of a notebook that was read already."""

        def read() -> CurrentHeader:
            request = request_of(notebook, folder, self.read_settings)
            misplaced = "" if request.header is not None else misplaced_header(notebook)
            return CurrentHeader(request, misplaced=misplaced)

        try:
            # A header may name files on disks that are slow: the server's loop does not wait.
            return await in_thread(read)
        except HeadstartError as error:
            return CurrentHeader(error=error)

    def reads_headers(self, kernel_id: str) -> bool:
        """Whether a restart of a kernel applies its notebook's header.

        Also of a plain kernel: Jupyter may be set up to start all kernels through Headstart.
        """
        manager = self.serverapp.kernel_manager
        if kernel_id not in manager:
            return False
        # The kernels of a gateway have no provisioner here.
        provisioner = getattr(manager.get_kernel(kernel_id), "provisioner", None)
        return bool(getattr(provisioner, "reads_headers", False))

    async def notices_of(self, status: KernelStatus | None) -> tuple[str, ...]:
        """Notices about a kernel's environment: see `environments.resolve.notices`."""
        if status is None or status.environment is None:
            return ()
        environment, spec = status.environment, status.request.spec

        def read() -> tuple[str, ...]:
            # Imported here: a server that builds nothing needs none of it.
            from ..environments.resolve.notices import notices_in
            from ..store.system_store import open_store

            settings = self.read_settings()
            store = open_store(settings.store, settings.system_store)
            return notices_in(environment, spec, store)

        try:
            return await in_thread(read)
        except HeadstartError:  # reported where the store is needed
            return ()

    async def put_header(
        self, body: Mapping[str, Any], edited: bodies.EditedHeader
    ) -> tuple[str, CurrentHeader]:
        """Remember a header as the editor shows it; the kernel's id, and the header read."""
        kernel_id, revision = bodies.read_kernel_id(body), bodies.read_revision(body)
        live = live_headers.put(edited.path, edited.notebook, revision, kernel_id)
        if live is not None:
            await note_stored(self.serverapp, edited.path, live)
        folder = folder_of(self.serverapp, edited.path)
        return kernel_id, await self.header_in(edited.notebook, folder)

    def kernel_status(self, path: str, kernel_id: str) -> KernelStatus | None:
        """The status of that kernel, or of the notebook's if the front end sends no id."""
        return status_board.get(kernel_id) if kernel_id else status_board.by_path(path)

    async def write_status(self, path: str, kernel_id: str, current: CurrentHeader) -> None:
        """Answer with the status of a notebook."""
        status = self.kernel_status(path, kernel_id)
        # The caller says which kernel; it may be that of another notebook.
        if status and status.path != path and await self.is_hidden(status.path):
            status = None
        notices, reads = await self.notices_of(status), self.reads_headers(kernel_id)
        document = notebook_status(path, status, current, time.time(), notices, reads_headers=reads)
        self.write(json.dumps(document))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with our own error as JSON, or with Jupyter's."""
        # `refusals` has raised tornado's error from ours.
        error = getattr((kwargs.get("exc_info") or (None, None))[1], "__cause__", None)
        if not isinstance(error, HeadstartError):
            super().write_error(status_code, **kwargs)
            return
        reply = {"message": str(error), "error": printable_json(error.to_json())}
        _ = self.finish(json.dumps(reply))


class NotebookHandler(HeadstartHandler):
    """``GET notebook?path=…&kernel=…``: the status of a notebook."""

    # An open panel must not keep an idle server from shutting down.
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the status; the header is read from the editor's edits, or the file."""
        with refusals():
            path = bodies.checked_path(self.get_query_argument("path", ""))
            await self.check_path(path)
            current = await self.header_at(path)
            await self.write_status(path, self.get_query_argument("kernel", ""), current)


class HeaderHandler(HeadstartHandler):
    """``PUT header``: the header as it is in the editor; a restart uses it."""

    @web.authenticated
    @may_build
    async def put(self) -> None:
        """Remember the header; answer with the notebook's status."""
        with refusals():
            body = self.body()
            edited = bodies.read_edited_header(body)
            await self.check_path(edited.path)
            kernel_id, current = await self.put_header(body, edited)
            await self.write_status(edited.path, kernel_id, current)


class RefreshHandler(HeadstartHandler):
    """``POST refresh``: the edit that gives a header another refresh mode."""

    @web.authenticated
    @may_build
    async def post(self) -> None:
        """Answer with the edit. Nothing is changed: the front end holds the document."""
        with refusals():
            body = self.body()
            edited, mode = bodies.read_edited_header(body), bodies.read_refresh(body)
            await self.check_path(edited.path)
            folder = folder_of(self.serverapp, edited.path)

            def edit() -> HeaderEdit:
                header = find(edited.notebook, folder, self.read_settings)
                return set_refresh(edited.notebook, header, mode)

            self.write(json.dumps(header_edit(await in_thread(edit))))


class BuildHandler(HeadstartHandler):
    """``POST build``: the user agrees to the header as it is in the editor; have its environment.

    A kernel without one gets it as soon as it is there; beside one that runs it is built for the
    next restart.
    """

    @web.authenticated
    @may_build
    async def post(self) -> None:
        """Remember the header and begin; answer with the notebook's status."""
        with refusals():
            body = self.body()
            edited = bodies.read_edited_header(body)
            await self.check_path(edited.path)
            kernel_id, current = await self.put_header(body, edited)
            status = self.kernel_status(edited.path, kernel_id)
            control = status_board.control(status.kernel_id) if status is not None else None
            if control is not None:
                control.agree()
            await self.write_status(edited.path, kernel_id, current)


class CancelHandler(HeadstartHandler):
    """``POST cancel``: stop the build of a notebook's environment."""

    @web.authenticated
    @may_build
    def post(self) -> None:
        """Stop it, if there is one."""
        with refusals():
            body = self.body()
            status = self.kernel_status(bodies.read_path(body), bodies.read_kernel_id(body))
            control = status_board.control(status.kernel_id) if status is not None else None
            if control is not None:
                control.cancel()
            self.set_status(204)


class CloseHandler(HeadstartHandler):
    """``POST close``: a notebook was closed; edits that were not saved are lost."""

    @web.authenticated
    @may_build
    def post(self) -> None:
        """Forget the notebook's unsaved header."""
        with refusals():
            body = self.body()
            live_headers.forget(bodies.read_path(body), bodies.read_revision(body))
            self.set_status(204)


HANDLERS = [
    (r"headstart/api/notebook", NotebookHandler),
    (r"headstart/api/header", HeaderHandler),
    (r"headstart/api/refresh", RefreshHandler),
    (r"headstart/api/build", BuildHandler),
    (r"headstart/api/cancel", CancelHandler),
    (r"headstart/api/close", CloseHandler),
]
