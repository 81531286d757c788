"""A round: one notebook, a random sequence of all that front ends and faults do, and the checks."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from headstart.request.notebook_files import write_document
from headstart.testing.notebooks import header_cell, make_notebook
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.browser.jupyter import Server
from tests.faults.races.watched import ROUTE
from tests.front_end import OUTPUTS, Connection, Sent, request
from tests.zygotes import Zygotes

LIMIT = 90.0
"""Seconds within which a kernel, asked nothing new, has answered everything."""

PAUSES = (0.0, 0.0, 0.01, 0.05, 0.2, 0.5)
"""Seconds between two steps."""

SETTLED = ("held", "ready", "failed", "none")


class RaceIndex(LocalIndex):
    """An index that keeps the answers for some packages to itself until it is told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._held: set[str] = set()
        self._changed = threading.Condition()

    def hold(self, prefix: str) -> None:
        """Answer nothing for packages whose name begins so."""
        with self._changed:
            self._held.add(prefix)

    def release(self, prefix: str) -> None:
        """Answer what was asked for them, and what will be."""
        with self._changed:
            self._held.discard(prefix)
            self._changed.notify_all()

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """As `LocalIndex.answer`, as soon as it may."""
        name = path.rpartition("/")[2].replace("_", "-")
        with self._changed:
            self._changed.wait_for(lambda: not any(map(name.startswith, self._held)))
        return super().answer(path, authorization)


class Round:
    """One notebook, and everything that was done with its kernels.

    ``wrong`` is what should not have been so.
    """

    def __init__(self, server: Server, index: RaceIndex, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.prefix = f"race{seed}-"
        self.path = f"{self.prefix}a.ipynb"
        self.wrong: list[str] = []
        self.steps: list[str] = []
        self.answers: Counter[str] = Counter()
        self._server, self._index = server, index
        self._zygotes = Zygotes(folder / "home/run/zygotes")
        self._ran = folder / f"{self.prefix}ran"
        self._numbers = itertools.count(1)
        self._connections: list[Connection] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        # As in a page: a user starts, restarts, renames and ends one after the other.
        self._lifecycle = asyncio.Lock()
        self._session = self._kernel = ""
        self._pids: set[int] = set()
        self._ending = 0
        self._restarts = 0
        self._headers = {
            name: header_cell(self.prefix + name) for name in ("one", "two", "missing")
        }
        for name in ("one", "two"):
            make_wheel(index.folder, self.prefix + name, "1.0")

    async def run(self, length: int, script: Sequence[str] = ()) -> None:
        """All of it.

        :param length: how many steps are drawn.
        :param script: the names of steps to do instead, one after the other, of which none ends a
            kernel; see `_settle`.
        """
        self._save("one" if script else self.chance.choice(list(self._headers)))
        try:
            await self._open()
            for name in script:
                self.steps.append(name)
                await getattr(self, f"_{name}")()
            for _ in range(0 if script else length):
                step, weight = zip(*self._possible().items(), strict=True)
                chosen = self.chance.choices(step, weight)[0]
                self.steps.append(chosen.__name__.strip("_"))
                self._begin(chosen())
                await asyncio.sleep(self.chance.choice(PAUSES))
            await self._settle(in_order=bool(script))
            if not (script and self.wrong):
                await self._finish()
        except Exception as error:  # noqa: BLE001  (with the steps that led to it)
            self.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            self._index.release(self.prefix)
            for connection in self._connections:
                if connection.is_open:
                    await connection.close()
        if self.wrong:
            self.wrong = [f"{self.prefix} {', '.join(self.steps)}: {line}" for line in self.wrong]

    def _possible(self) -> dict[Callable[[], Awaitable[object]], int]:
        return {
            self._open: 2,
            self._open_twice: 1,
            self._run_header: 4,
            self._run_cell: 6,
            self._run_two: 2,
            self._ask: 3,
            self._run_hidden: 2,
            self._use_comm: 1,
            self._interrupt: 3,
            self._shut_down: 1,
            self._restart: 2,
            self._rename: 1,
            self._reload: 2,
            self._build: 2,
            self._cancel: 2,
            self._look: 2,
            self._kill_kernel: 1,
            self._kill_uv: 1,
            self._kill_zygote: 1,
            self._hold: 2,
            self._release: 2,
            self._edit: 2,
        }

    def _begin(self, step: Awaitable[object]) -> None:
        task = asyncio.ensure_future(step)
        self._tasks.add(task)

    # -- a kernel's life -----------------------------------------------------------------------

    async def _open(self) -> None:
        async with self._lifecycle:
            await self._open_session()

    async def _open_session(self) -> None:
        body = {
            "path": self.path,
            "name": self.path,
            "type": "notebook",
            "kernel": {"name": "headstart"},
        }
        code, session = await request(self._server, "POST", "api/sessions", body)
        if code != 201:
            self.wrong.append(f"opening was answered with {code}: {session}")
            return
        kernel = session["kernel"]["id"]
        if self._kernel and kernel != self._kernel:
            self.wrong.append("a second kernel for one path")
        self._session, self._kernel = session["id"], kernel
        await self._connect()

    async def _open_twice(self) -> None:
        """Two pages open it at the same moment."""
        async with self._lifecycle:
            if not self._session:
                # Jupyter Server knows a path's session when its kernel has started, and not before:
                # to two at that moment it gives two kernels, of whichever kind.
                await self._open_session()
            await asyncio.gather(self._open_session(), self._open_session())

    async def _connect(self) -> None:
        name = f"page{next(self._numbers)}"
        connection = await Connection.open(self._server, self._kernel, name)
        if connection is not None:
            self._connections.append(connection)

    async def _reload(self) -> None:
        connection = self._any()
        if connection is not None:
            await connection.close()
            async with self._lifecycle:
                if self._kernel:
                    await self._connect()

    async def _restart(self) -> None:
        async with self._lifecycle:
            if self._kernel:
                with self._kernel_ends():
                    code, said = await self._post(f"api/kernels/{self._kernel}/restart")
                if code != 200:
                    self.wrong.append(f"a restart was answered with {code}: {said}")

    async def _shut_down(self) -> None:
        async with self._lifecycle:
            if not self._session:
                return
            with self._kernel_ends():
                url = f"api/sessions/{self._session}"
                end = asyncio.get_running_loop().time() + LIMIT
                # Jupyter Server cannot end a kernel while it starts it again after a death.
                while (answer := await request(self._server, "DELETE", url))[0] == 500:
                    assert asyncio.get_running_loop().time() < end, "it cannot be shut down"
                    await asyncio.sleep(0.1)
                code, said = answer
                if code != 204:
                    self.wrong.append(f"a shutdown was answered with {code}: {said}")
            self._session = self._kernel = ""
            for connection in self._connections:
                if connection.is_open:
                    await connection.close()

    async def _rename(self) -> None:
        async with self._lifecycle:
            if not self._session:
                return
            new = f"{self.prefix}{next(self._numbers)}.ipynb"
            body = {"path": new}
            code, said = await request(self._server, "PATCH", f"api/contents/{self.path}", body)
            if code == 200:
                self.path = new
                url, body = f"api/sessions/{self._session}", {"path": new, "name": new}
                code, said = await request(self._server, "PATCH", url, body)
            if code != 200:
                self.wrong.append(f"renaming was answered with {code}: {said}")

    def _kernel_ends(self) -> _Ending:
        """While it does, and before: cells that were sent need not be answered."""
        return _Ending(self)

    # -- cells, and other requests -------------------------------------------------------------

    async def _run(self, connection: Connection | None, header: str = "") -> Sent | None:
        if connection is None:
            return None
        token = f"{connection.name}-{next(self._numbers)}"
        code = f"{header}\nopen({str(self._ran)!r}, 'a').write('{token}\\n'); print('{token}')"
        return await self._send(
            connection,
            "execute_request",
            token,
            code=code,
            silent=False,
            store_history=True,
            allow_stdin=False,
            stop_on_error=True,
        )

    async def _send(
        self, connection: Connection | None, kind: str, token: str = "", **content: Any
    ) -> Sent | None:
        if connection is None:
            return None
        sent = await connection.send(kind, token, **content)
        if sent is not None:
            sent.excused = self._ending > 0 or not connection.is_open
        return sent

    async def _run_header(self) -> None:
        await self._run(self._any(), self._headers[self.chance.choice(list(self._headers))])

    async def _run_cell(self) -> None:
        await self._run(self._any())

    async def _run_two(self) -> None:
        connection = self._any()
        await self._run(connection)
        await self._run(connection)

    async def _ask(self) -> None:
        kind = self.chance.choice(["kernel_info_request", "complete_request", "comm_info_request"])
        content = {"code": "impo", "cursor_pos": 4} if kind == "complete_request" else {}
        await self._send(self._any(), kind, **content)

    async def _run_hidden(self) -> None:
        hidden = self.chance.choice([(True, True), (True, False), (False, False)])
        await self._send(
            self._any(), "execute_request", code="1", silent=hidden[0], store_history=hidden[1]
        )

    async def _use_comm(self) -> None:
        connection = self._any()
        if connection is not None:
            opened = connection.send("comm_open", comm_id="c", target_name="nobody", data={})
            closed = connection.send("comm_close", comm_id="c", data={})
            for sent in (await opened, await closed):
                if sent is not None:
                    sent.excused = True  # comms have no reply

    async def _interrupt(self) -> None:
        if self._kernel:
            await self._post(f"api/kernels/{self._kernel}/interrupt")

    # -- the environment -----------------------------------------------------------------------

    async def _build(self) -> None:
        body = {
            "path": self.path,
            "kernel_id": self._kernel or None,
            "page": "page",
            "revision": next(self._numbers),
            "cells": [
                {
                    "index": 0,
                    "cell_type": "code",
                    "source": self._headers[self.chance.choice(list(self._headers))],
                }
            ],
            "metadata": None,
        }
        code, document = await request(self._server, "POST", "headstart/api/build", body)
        if code != 200:
            self.wrong.append(f"a build was answered with {code}: {document}")
        else:
            self._check_document(document)

    async def _cancel(self) -> None:
        body = {"path": self.path, "kernel_id": self._kernel or None}
        await request(self._server, "POST", "headstart/api/cancel", body)

    async def _look(self) -> None:
        await self._document()

    async def _document(self) -> dict[str, Any]:
        query = f"path={self.path}&kernel={self._kernel}"
        _, document = await request(self._server, "GET", f"headstart/api/notebook?{query}")
        self._check_document(document or {})
        return document or {}

    def _check_document(self, document: dict[str, Any]) -> None:
        """What is true of a status at any time."""
        state = document.get("state")
        if state in ("ready", "changing") and not document.get("environment"):
            self.wrong.append(f"{state} without an environment")
        if state in ("building", "changing") and not document.get("progress"):
            self.wrong.append(f"{state} without progress")
        if state == "failed" and not document.get("error"):
            self.wrong.append("failed without an error")

    async def _edit(self) -> None:
        self._save(self.chance.choice(list(self._headers)))

    def _save(self, header: str) -> None:
        # In one step, as Jupyter does: a start may read it now.
        write_document(self._server.root / self.path, make_notebook(self._headers[header], "1"))

    # -- faults --------------------------------------------------------------------------------

    async def _kill_kernel(self) -> None:
        # Jupyter keeps what starts a dead kernel again apart from no other start, of any kernel.
        async with self._lifecycle:
            await self._kill_and_wait()

    async def _kill_and_wait(self) -> None:
        kernel = self._kernel
        pid = (await self._watched())["pids"].get(kernel)
        if not pid or kernel != self._kernel:
            return
        with self._kernel_ends():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            # It starts for ever where a user restarts it meanwhile: Jupyter lets both do so.
            await self._until(lambda found: found["pids"].get(kernel, 0) not in (None, pid))

    async def _kill_uv(self) -> None:
        for process in _children(self._server.process.pid):
            with suppress(psutil.Error):
                if process.name() == "uv":
                    process.kill()
                    return

    async def _kill_zygote(self) -> None:
        # Not by its command line, which the kernels that it has forked have too.
        for pid in await asyncio.to_thread(self._zygotes.pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _hold(self) -> None:
        self._index.hold(self.prefix)

    async def _release(self) -> None:
        self._index.release(self.prefix)

    # -- the end -------------------------------------------------------------------------------

    async def _settle(self, *, in_order: bool) -> None:
        """Nothing new is asked; everything comes to its end.

        :param in_order: have the environment first, then run one cell more: what is not answered
            before it is lost, and not waited for.
        """
        self._index.release(self.prefix)
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*self._tasks)
        if not self._kernel:
            await self._open()
        await self._until_settled(("ready",) if in_order else SETTLED)
        for connection in self._connections:
            # What was sent before it has come when this is answered, also what is excused.
            await self._send(connection if connection.is_open else None, "comm_info_request")
            last = await self._run(connection) if in_order else None
            left = await connection.until_done(LIMIT, last)
            await self._until_heard(connection)
            if left:
                said = [(each.kind, each.token, len(connection.replies(each))) for each in left]
                document = await self._document()
                self.wrong.append(f"not answered: {said}; {document.get('state')}")
        await self._until_settled()

    async def _until_heard(self, connection: Connection) -> None:
        """Wait until what the kernel publishes is heard again after a restart."""
        end = asyncio.get_running_loop().time() + LIMIT
        while connection.is_open and connection.deaf:
            assert asyncio.get_running_loop().time() < end, "nothing that it publishes is heard"
            await self._send(connection, "kernel_info_request")
            await connection.until_done(LIMIT)
            await asyncio.sleep(0.05)

    async def _until_settled(self, states: Sequence[str] = SETTLED) -> dict[str, Any]:
        end = asyncio.get_running_loop().time() + LIMIT
        while True:
            document = await self._document()
            if document.get("state") in states and not document.get("waiting"):
                return document
            if asyncio.get_running_loop().time() > end:
                waiting = document.get("waiting")
                self.wrong.append(f"it does not settle: {document.get('state')}, {waiting}")
                return document
            await asyncio.sleep(0.05)

    async def _finish(self) -> None:
        """The user mends the header and runs it: that has to work, whatever was before."""
        self._save("one")
        connection = self._any()
        if connection is None:
            await self._connect()
            connection = self._any()
        if connection is None:
            self.wrong.append("there is no connection to the kernel")
            return
        reply = await self._reply_of_last_cell(connection)
        if reply.get("ename") == "HeadstartError" and "restart" in str(reply["evalue"]).lower():
            await self._restart()
            await self._until_heard(connection)
            self.answers["restarts that were needed"] += 1
            reply = await self._reply_of_last_cell(connection)
        while "Killed" in str(reply.get("evalue")):  # the uv, by another round
            reply = await self._reply_of_last_cell(connection)
        if reply.get("status") != "ok":
            self.wrong.append(f"the last cell was answered with {reply}")
        document = await self._until_settled()
        if document.get("state") != "ready":
            self.wrong.append(f"in the end it is {document.get('state')}")
        self._check_answers()
        kernel = self._kernel
        pid = (await self._watched())["pids"].get(kernel)
        await self._shut_down()
        await self._until(lambda found: kernel not in found["pids"])
        if pid and not await self._is_gone(pid):
            self.wrong.append("its process is there after the shutdown")
        found = await self._watched()
        if kernel in found["statuses"]:
            self.wrong.append("its status is there after the shutdown")

    async def _reply_of_last_cell(self, connection: Connection) -> dict[str, Any]:
        sent = await self._run(connection, self._headers["one"])
        if sent is None:
            return {}
        await connection.until_done(LIMIT)
        replies = connection.replies(sent)
        return replies[0]["content"] if replies else {}

    def _check_answers(self) -> None:
        ran = self._ran.read_text().split() if self._ran.exists() else []
        self.wrong += [f"{token} ran {n} times" for token, n in Counter(ran).items() if n > 1]
        for connection in self._connections:
            tokens = [each.token for each in connection.sent if each.token]
            if (mine := [token for token in ran if token in tokens]) != [
                token for token in tokens if token in mine
            ]:
                self.wrong.append(f"{connection.name} sent {tokens}; {mine} ran")
            ids = [each.msg_id for each in connection.sent if each.token]
            answered = [
                each["parent_header"].get("msg_id")
                for each in connection.heard
                if each["msg_type"] == "execute_reply"
            ]
            answered = [each for each in answered if each in ids]
            if answered != [each for each in ids if each in answered]:
                self.wrong.append(f"{connection.name} was answered in another order")
            for sent in connection.sent:
                self._check_answer(connection, sent, sent.token in ran)

    def _check_answer(self, connection: Connection, sent: Sent, ran: bool) -> None:
        replies = connection.replies(sent)
        if len(replies) > 1 or connection.idles(sent) > 1:
            count = f"{len(replies)} replies, {connection.idles(sent)} times idle"
            self.wrong.append(f"{sent.kind} {sent.token}: {count}")
        if not sent.token or not replies:
            return
        content = replies[0]["content"]
        status, name = content["status"], content.get("ename", "")
        self.answers[name or status] += 1
        if status == "ok" and not ran:
            self.wrong.append(f"{sent.token} is ok, and did not run")
        if status != "ok" and ran and name != "KeyboardInterrupt":
            self.wrong.append(f"{sent.token} ran, and was answered with {status} {name}")
        shown = [
            each["content"].get("text", "")
            for each in connection.of(sent)
            if each["msg_type"] in OUTPUTS
        ]
        if status == "ok" and not sent.deaf and "".join(shown).count(sent.token) != 1:
            self.wrong.append(f"{sent.token} has the output {shown}")

    # -- helpers -------------------------------------------------------------------------------

    def _any(self) -> Connection | None:
        open_ = [
            each for each in self._connections if each.is_open and each.kernel_id == self._kernel
        ]
        return self.chance.choice(open_) if open_ else None

    async def _post(self, path: str) -> tuple[int, Any]:
        return await request(self._server, "POST", path)

    async def _watched(self) -> dict[str, Any]:
        found = (await request(self._server, "GET", ROUTE))[1]
        self.wrong += found["wrong"]
        return dict(found)

    async def _until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        end = asyncio.get_running_loop().time() + LIMIT
        while not condition(await self._watched()):
            if asyncio.get_running_loop().time() > end:
                self.wrong.append("a kernel did not come, or go")
                return
            await asyncio.sleep(0.05)

    async def _is_gone(self, pid: int) -> bool:
        end = asyncio.get_running_loop().time() + LIMIT
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            while process.status() != psutil.STATUS_ZOMBIE:
                if asyncio.get_running_loop().time() > end:
                    return False
                await asyncio.sleep(0.02)
        return True

    def excuse(self) -> None:
        """The kernel is ending: what it was asked until now need not be answered."""
        for connection in self._connections:
            connection.kernel_ends()


class _Ending:
    """A time in which a kernel ends, and another may begin."""

    def __init__(self, round_: Round) -> None:
        self._round = round_

    def __enter__(self) -> None:
        self._round._ending += 1
        self._round.excuse()

    def __exit__(self, *_exception: object) -> None:
        self._round._ending -= 1
        self._round.excuse()


def _children(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        yield from psutil.Process(pid).children(recursive=True)
