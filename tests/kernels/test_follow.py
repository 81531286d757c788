"""A server's kernel whose environment comes after it; the test is the kernel on its link."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.errors import LaunchError
from headstart.kernels.follow import Follower
from headstart.kernels.notebook.unsaved import Revision, live_headers
from headstart.kernels.provisioner import HeadstartProvisioner
from headstart.kernels.status import KernelStatus, WaitingCell, status_board
from headstart.request.notebook_files import read_notebook
from headstart.store.leases import Lease
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import UvRunner
from headstart_kernel import wire
from tests.browser.index import HeldIndex
from tests.stub_kernel import make_ipykernel
from tests.waiting import LIMIT, until

from .managers import provisioner_in, server_at


class Kernel:
    """What a test does as a kernel that waits."""

    def __init__(self, provisioner: HeadstartProvisioner) -> None:
        link = provisioner.follower.link
        assert link is not None
        self._socket = socket.socket(fileno=os.dup(link.descriptor))
        self._socket.settimeout(LIMIT)
        self._reader = wire.Reader(several=True)
        self.leases = self._reader.descriptors
        provisioner.follower.opened()

    async def says(self, **message: Any) -> None:
        await asyncio.to_thread(wire.send, self._socket, message)

    async def runs(self, cell: str, code: str = "") -> None:
        await self.says(type="waiting", cells=[{"msg_id": f"m-{cell}", "cell_id": cell}])
        await self.says(type="run", msg_id=f"m-{cell}", cell_id=cell, code=code)

    async def hears(self, kind: str) -> dict[str, Any]:
        """The next message of a kind; what comes before it is passed over."""
        while True:
            message = await asyncio.to_thread(self._reader.read, self._socket)
            if message is not None and message["type"] == kind:
                return message
            assert message is None or message["type"] != "fail", message

    def dies(self) -> None:
        self._socket.close()
        self._reader.close()


class Started:
    """A kernel of a server that has started."""

    def __init__(self, provisioner: HeadstartProvisioner, prepared: dict[str, Any]) -> None:
        self.provisioner = provisioner
        self.launch = json.loads(prepared["cmd"][2])
        self.environ = prepared["env"]
        link = provisioner.follower.link
        self.kernel = None if link is None else Kernel(provisioner)

    @property
    def status(self) -> KernelStatus:
        status = status_board.get("kernel")
        assert status is not None
        return status

    async def becomes(self, state: str) -> KernelStatus:
        await asyncio.to_thread(until, lambda: self.status.state.value == state)
        return self.status

    async def has_environment(self) -> None:
        """Be run, get the environment, and say so."""
        assert self.kernel is not None
        await self.kernel.runs("c1")
        await self.kernel.hears("attach")
        await self.kernel.says(type="attached")
        await self.becomes("ready")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    house = tmp_path / "wheels"
    make_ipykernel(house)
    for name in ("alpha", "beta"):
        make_wheel(house, name, "1.0")
    return house


@pytest.fixture
def index(house: Path) -> Iterator[HeldIndex]:
    """An index that can be held."""
    with HeldIndex(house) as index:
        yield index


@pytest.fixture
def start(
    tmp_path: Path, index: HeldIndex, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Awaitable[Started]]]:
    """Starts the kernel of ``a.ipynb`` in a server, again and again; a layer is there."""
    monkeypatch.setenv(envvars.STORE, str(store_root))
    monkeypatch.setenv("HEADSTART_TRUST", "run")
    running: list[Started] = []

    async def start(*, again: Started | None = None, **settings: Any) -> Started:
        if again is None:
            server = server_at(
                tmp_path,
                **{"default_index": index.url, "zygote": "off", **settings},
            )
            provisioner = provisioner_in(server)
        else:
            provisioner = again.provisioner
            if again.kernel is not None:
                again.kernel.dies()
        session = {envvars.SESSION_NAME: str(tmp_path / "a.ipynb"), "PATH": "/bin"}
        prepared = await provisioner.pre_launch(env=session, cwd=str(tmp_path))
        running.append(Started(provisioner, prepared))
        return running[-1]

    yield start
    for started in running:
        if started.kernel is not None:
            started.kernel.dies()
        asyncio.run(started.provisioner.parent.cleanup_resources())
    live_headers.clear()


@pytest.fixture
def layer(tmp_path: Path, start: Callable[..., Awaitable[Started]]) -> None:
    """A store that has a kernel layer."""
    save_notebook(tmp_path / "a.ipynb", "no header")

    async def make() -> None:
        started = await start()
        # No layer was there when the process started: it would have to be restarted.
        await started.becomes("failed")
        assert started.status.error is not None
        assert started.status.error.code == "restart-needed"

    asyncio.run(make())


def write(folder: Path, *requirements: str, kernel: str = "") -> Path:
    """Write the notebook, with fields for its kernel's process."""
    source = header_cell(*requirements)
    if kernel:
        source = source.removesuffix("# ///") + f"# [tool.headstart]\n# {kernel}\n# ///"
    return save_notebook(folder / "a.ipynb", source, "1 + 1")


def test_what_was_never_agreed_to_is_held_and_nothing_is_looked_for(
    tmp_path, layer, start, monkeypatch
):
    write(tmp_path, "alpha")

    async def check() -> None:
        # With an index that is not there and no uv, anything that is looked for would fail.
        monkeypatch.setattr(UvRunner, "_run", None)
        started = await start(default_index="http://127.0.0.1:9/simple")
        assert started.status.state.value == "held"
        assert started.launch.get("environment") is None
        assert started.launch["link"] > 2

    asyncio.run(check())


def test_a_start_that_fails_after_it_has_begun_leaves_nothing_behind(tmp_path, layer, start):
    write(tmp_path, "alpha")
    (tmp_path / "file").touch()

    async def check() -> None:
        started = await start()
        follower = started.provisioner.follower
        started.provisioner.parent.connection_file = str(tmp_path / "file" / "kernel.json")
        with pytest.raises(OSError, match="file"):
            await start(again=started)
        assert (follower.link, status_board.get("kernel")) == (None, None)

    asyncio.run(check())


def test_a_cell_that_is_run_is_the_consent_and_is_remembered(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        assert started.kernel is not None
        await started.kernel.runs("c1")
        progress = await started.kernel.hears("progress")
        assert progress["quiet"] is False
        assert (await started.becomes("building")).waiting == (WaitingCell("m-c1", "c1"),)
        attach = await started.kernel.hears("attach")
        assert len(started.kernel.leases) == 2
        assert json.loads(attach["environ"][envvars.HEADER])["where"] == "cell 1"
        await started.kernel.says(type="attached")

        status = await started.becomes("ready")
        assert status.environment is not None
        assert [item.name for item in status.environment.manifest.distributions] == ["alpha"]
        assert status.waiting == ()

        again = await start()
        assert again.kernel is None, "no link: the environment was there before the kernel"
        assert again.launch["environment"] == attach["environment"]
        assert again.status.state.value == "ready"

    asyncio.run(check())


def test_what_is_in_the_store_for_another_notebook_is_not_agreed_to(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        await (await start()).has_environment()
        # Another header, with the same closure.
        write(tmp_path, "alpha==1.0")
        assert (await start()).status.state.value == "held"
        write(tmp_path, "alpha", kernel='env = {LD_PRELOAD = "/tmp/evil.so"}')
        assert (await start()).status.state.value == "held"

    asyncio.run(check())


def test_nothing_of_a_header_that_is_held_reaches_the_process(tmp_path, layer, start):
    fields = 'env = {PYTHONPATH = "/evil", TOKEN = "x"}\n# prepend-paths = ["bin"]'
    write(tmp_path, "alpha", kernel=fields)
    (tmp_path / "bin").mkdir()

    async def check() -> None:
        started = await start()
        assert not {"PYTHONPATH", "TOKEN", envvars.HEADER} & started.environ.keys()
        assert started.environ["PATH"] == "/bin"
        assert started.kernel is not None
        # Python reads it when it starts: this process cannot have it any more.
        await started.kernel.runs("c1")
        told = await started.kernel.hears("fail")
        assert told["error"]["code"] == "restart-needed"
        assert "PYTHONPATH" in told["error"]["message"]

        again = await start(again=started)
        assert again.environ["PYTHONPATH"] == "/evil"
        assert again.environ["PATH"].startswith(str(tmp_path / "bin"))

    asyncio.run(check())


def test_a_header_that_fails_is_mended_in_place(tmp_path, layer, start):
    write(tmp_path, "alhpa")

    async def check() -> None:
        started = await start()
        kernel = started.kernel
        assert kernel is not None
        await kernel.runs("c1")
        told = await kernel.hears("fail")
        assert told["error"]["code"] == "no-such-package"
        assert "alhpa is in cell 1" in told["error"]["hint"]
        assert (await started.becomes("failed")).waiting == ()

        write(tmp_path, "alpha")
        await kernel.runs("c1")
        await kernel.hears("attach")
        await kernel.says(type="attached")
        assert (await started.becomes("ready")).error is None

    asyncio.run(check())


def test_a_header_that_cannot_be_read_is_mended_in_place(tmp_path, layer, start):
    write(tmp_path, "not => a requirement")

    async def check() -> None:
        started = await start()
        assert started.status.state.value == "failed"
        assert started.kernel is not None
        write(tmp_path, "alpha")
        await started.has_environment()

    asyncio.run(check())


def test_the_cell_that_is_run_is_newer_than_what_is_saved(tmp_path, layer, start):
    write(tmp_path, "alhpa")

    async def check() -> None:
        started = await start()
        assert started.kernel is not None
        await started.kernel.runs("c1", header_cell("beta"))
        attach = await started.kernel.hears("attach")
        assert "beta" in attach["environ"][envvars.HEADER]

    asyncio.run(check())


def test_a_header_that_is_corrected_while_another_is_built_is_the_one_that_counts(
    tmp_path, layer, start, index, monkeypatch
):
    write(tmp_path, "alpha")

    async def check() -> None:
        with index.held():
            monkeypatch.delenv("HEADSTART_TRUST")
            started = await start(trust="always")
            kernel = started.kernel
            assert kernel is not None
            assert started.status.state.value == "building"
            follower = started.provisioner.follower
            first = follower._build
            await kernel.runs("c1", header_cell("alpha"))
            await kernel.hears("progress")
            assert follower._build is first, "it is the same header"
            await kernel.runs("c2", header_cell("beta"))
            await asyncio.to_thread(until, lambda: follower._build is not first)
        attach = await kernel.hears("attach")
        assert "beta" in attach["environ"][envvars.HEADER]
        await kernel.says(type="attached", environment=attach["environment"])
        assert (await started.becomes("ready")).request.spec.requirements == ("beta",)

    asyncio.run(check())


def test_where_our_front_end_shows_the_progress_the_kernel_says_nothing(tmp_path, layer, start):
    path = write(tmp_path, "alpha")

    async def check() -> None:
        live_headers.put("a.ipynb", read_notebook(path), Revision("page", 1))
        started = await start()
        assert started.kernel is not None
        await started.kernel.runs("c1")
        assert (await started.kernel.hears("progress"))["quiet"] is True

    asyncio.run(check())


def test_a_build_is_cancelled_by_the_user_on_either_side(tmp_path, layer, start, index):
    write(tmp_path, "alpha")

    async def check() -> None:
        with index.held():
            started = await start()
            kernel = started.kernel
            assert kernel is not None
            await kernel.runs("c1")
            await started.becomes("building")
            await kernel.says(type="cancel")
            status = await started.becomes("failed")
            assert status.error is not None
            assert status.error.code == "cancelled"

            started.provisioner.follower.agree()
            await started.becomes("building")
            started.provisioner.follower.cancel()
            await started.becomes("failed")
            told = await kernel.hears("fail")
            assert told["error"]["code"] == "cancelled"
            # One: a kernel that has cancelled knows it, and other cells may wait there by now.
        await started.has_environment()

    asyncio.run(check())


def test_an_environment_beside_a_running_kernel_is_tried_first(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.has_environment()
        runs_in = started.status.environment

        write(tmp_path, "alhpa")
        started.provisioner.follower.agree()
        await started.becomes("changing")
        status = await started.becomes("ready")
        assert status.change is not None
        assert status.change.error is not None
        assert status.change.error.code == "no-such-package"
        assert status.environment == runs_in
        assert status.request.spec.requirements == ("alpha",)

        write(tmp_path, "beta")
        started.provisioner.follower.agree()
        await started.becomes("changing")
        status = await started.becomes("ready")
        assert status.change is not None
        assert status.change.ready
        assert status.environment == runs_in
        again = await start(again=started)
        assert again.status.environment != runs_in
        assert again.kernel is None

    asyncio.run(check())


def test_a_build_goes_on_when_the_kernel_is_started_again(tmp_path, layer, start, index):
    write(tmp_path, "alpha")

    async def check() -> None:
        with index.held():
            started = await start()
            assert started.kernel is not None
            await started.kernel.runs("c1")
            await started.becomes("building")
            # The header has been read when uv is on its way.
            await asyncio.to_thread(until, lambda: progress_of(started) not in ("", "Starting"))
            again = await start(again=started)
            assert again.status.state.value == "building"
        assert again.kernel is not None
        await again.kernel.hears("attach")

    asyncio.run(check())


def test_a_kernel_that_is_started_again_has_the_header_of_then_and_no_other(
    tmp_path, layer, start, index, monkeypatch
):
    write(tmp_path, "alpha")
    monkeypatch.delenv("HEADSTART_TRUST")

    async def check() -> None:
        with index.held():
            started = await start(trust="always")
            await asyncio.to_thread(until, lambda: progress_of(started) not in ("", "Starting"))
            write(tmp_path, "beta")
            again = await start(again=started)
            assert again.status.state.value == "building"
        assert again.kernel is not None
        attach = await again.kernel.hears("attach")
        assert "beta" in attach["environ"][envvars.HEADER]
        await again.kernel.says(type="attached", environment=attach["environment"])
        assert (await again.becomes("ready")).request.spec.requirements == ("beta",)

    asyncio.run(check())


def test_nothing_is_left_when_a_kernel_ends_while_its_environment_is_built(
    tmp_path, layer, start, index, store_root
):
    write(tmp_path, "alpha")
    building = store_root / "v1" / "building"

    async def check() -> None:
        with index.held():
            started = await start()
            assert started.kernel is not None
            await started.kernel.runs("c1")
            await started.becomes("building")
            await started.provisioner.cleanup()
            assert status_board.get("kernel") is None
            await asyncio.to_thread(until, lambda: not any(building.glob("*")))
        assert status_board.get("kernel") is None

    asyncio.run(check())


def test_an_environment_that_was_cancelled_when_the_kernel_had_it_is_there(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        kernel = started.kernel
        assert kernel is not None
        await kernel.runs("c1")
        await kernel.hears("attach")
        await kernel.says(type="cancel")
        await started.becomes("failed")
        await kernel.says(type="attached")
        status = await started.becomes("ready")
        assert (status.error, status.request.spec.requirements) == (None, ("alpha",))
        write(tmp_path, "beta")
        started.provisioner.follower.agree()
        await started.becomes("changing")
        assert (await started.becomes("ready")).change is not None

    asyncio.run(check())


def test_a_failure_says_of_how_many_cells_it_knew(tmp_path, layer, start):
    write(tmp_path, "alhpa")

    async def check() -> None:
        started = await start()
        assert started.kernel is not None
        for count in (1, 2):
            await started.kernel.runs(f"c{count}")
            assert (await started.kernel.hears("fail"))["runs"] == count

    asyncio.run(check())


@pytest.mark.parametrize("name", ["alpha", "alhpa"])
def test_a_build_that_ends_while_the_kernel_starts_again_is_not_lost(
    tmp_path, layer, start, index, monkeypatch, name
):
    write(tmp_path, name)

    async def check() -> None:
        with index.held():
            started = await start()
            assert started.kernel is not None
            await started.kernel.runs("c1")
            follower = started.provisioner.follower
            await asyncio.to_thread(until, lambda: follower._build and follower._build.request)
            layer_at_hand = follower._layer_at_hand

            def later(spec: Any) -> Any:
                index._may_answer.set()
                until(lambda: follower._build is None)
                return layer_at_hand(spec)

            monkeypatch.setattr(follower, "_layer_at_hand", later)
            again = await start(again=started)
        assert again.kernel is not None
        await again.kernel.hears("attach" if name == "alpha" else "fail")
        assert len(again.status.waiting) == 0

    asyncio.run(check())


def test_what_is_asked_for_while_a_kernel_starts_again_is_tried_beside_it(
    tmp_path, layer, start, monkeypatch
):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.has_environment()
        session = started.provisioner.session
        take = session.take

        async def ask_and_take(*arguments: Any) -> None:
            write(tmp_path, "beta")
            started.provisioner.follower.agree()
            await take(*arguments)

        monkeypatch.setattr(session, "take", ask_and_take)
        again = await start(again=started)
        await asyncio.to_thread(until, lambda: again.status.change is not None)
        assert again.status.change is not None
        assert again.status.change.ready

    asyncio.run(check())


def test_what_a_process_has_said_is_not_for_the_one_after_it(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        follower = started.provisioner.follower
        before = follower.link
        again = await start(again=started)
        for message in (
            {"type": "waiting", "cells": [{"msg_id": "m", "cell_id": "c"}]},
            {"type": "run", "msg_id": "m", "cell_id": "c", "code": ""},
        ):
            follower._hear(before, message)
        assert (again.status.state.value, again.status.waiting) == ("held", ())

    asyncio.run(check())


def test_a_kernel_that_has_ended_is_not_shown_again(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.provisioner.cleanup()
        started.provisioner.follower.agree()
        assert status_board.get("kernel") is None
        assert started.provisioner.follower._build is None

    asyncio.run(check())


@pytest.mark.parametrize("last", [True, False])
def test_of_two_environments_a_kernel_has_the_one_that_it_says(tmp_path, layer, start, last):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        kernel = started.kernel
        assert kernel is not None
        await kernel.runs("c1")
        first = await kernel.hears("attach")
        # It is busy; the user gives up, corrects the header, and goes on.
        await kernel.says(type="cancel")
        await started.becomes("failed")
        write(tmp_path, "beta")
        await kernel.runs("c2")
        second = await kernel.hears("attach")
        assert second["environment"] != first["environment"]

        has = second if last else first
        await kernel.says(type="attached", environment=has["environment"])
        status = await started.becomes("ready")
        assert status.environment is not None
        assert status.environment.prefix == has["environment"]
        assert status.request.spec.requirements == (("beta",) if last else ("alpha",))
        if not last:
            await asyncio.to_thread(until, lambda: started.status.change is not None)
            assert started.status.change is not None
            assert started.status.change.ready
        again = await start(again=started)
        assert again.launch["environment"] == second["environment"]

    asyncio.run(check())


def test_the_header_that_was_agreed_to_last_is_tried_and_no_other(tmp_path, layer, start, index):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.has_environment()
        follower = started.provisioner.follower
        with index.held():
            write(tmp_path, "beta")
            follower.agree()
            await asyncio.to_thread(until, lambda: progress_of(started) not in ("", "Starting"))
            first = follower._build
            read, reads = follower._read, []

            def note(code: str) -> Any:
                reads.append(read(code))
                return reads[-1]

            follower._read = note
            follower.agree()
            await asyncio.to_thread(until, lambda: reads)
            assert follower._build is first, "it is the same header"
            write(tmp_path, "beta==1.0")
            follower.agree()
            await asyncio.to_thread(until, lambda: follower._build is not first)
        status = await started.becomes("ready")
        assert status.change is not None
        assert status.change.ready
        again = await start(again=started)
        assert again.kernel is None
        assert again.status.request.spec.requirements == ("beta==1.0",)

    asyncio.run(check())


def test_nothing_is_to_be_applied_when_it_is_agreed_to_what_is_there(tmp_path, layer, start):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.has_environment()
        follower = started.provisioner.follower
        # As by a second click, or from another tab.
        follower.agree()
        await asyncio.to_thread(until, lambda: follower._build is None)
        assert (await started.becomes("ready")).change is None

    asyncio.run(check())


def test_a_kernel_without_a_header_stays_one_when_another_environment_cannot_be_had(
    tmp_path, layer, start
):
    async def check() -> None:
        started = await start()
        if started.kernel is not None:
            await started.has_environment()
        assert started.status.state.value == "none"
        write(tmp_path, "alhpa")
        started.provisioner.follower.agree()
        await started.becomes("changing")
        status = await started.becomes("none")
        assert status.change is not None
        assert status.change.error is not None

    asyncio.run(check())


def test_a_cell_that_has_just_been_run_waits_at_once(tmp_path, layer, start, index):
    write(tmp_path, "alpha")

    async def check() -> None:
        with index.held():
            started = await start()
            assert started.kernel is not None
            # It tells what waits after this: a restart in between would lose the cell.
            await started.kernel.says(type="run", msg_id="m", cell_id="c", code="")
            assert (await started.becomes("building")).waiting == (WaitingCell("m", "c"),)

    asyncio.run(check())


def test_a_cell_that_is_run_in_a_process_that_is_about_to_be_restarted_is_answered(
    tmp_path, start, monkeypatch
):
    # No layer was there when the process started.
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        follower = started.provisioner.follower
        restarting: Future[None] = Future()
        monkeypatch.setattr(follower.session.owner, "restart", lambda *_: restarting)
        follower.agree()
        await asyncio.to_thread(until, lambda: progress_of(started) == "Restarting the kernel")
        assert started.kernel is not None
        await started.kernel.says(type="run", msg_id="m", cell_id="c", code="")
        told = await started.kernel.hears("fail")
        assert told["error"]["code"] == "restart-needed"
        assert "being restarted" in told["error"]["hint"]
        again = await start(again=started)
        assert again.status.state.value == "ready"

    asyncio.run(check())


def test_nothing_is_left_of_a_kernel_whose_process_cannot_be_started(
    tmp_path, layer, start, index, store_root
):
    write(tmp_path, "alpha")
    building = store_root / "v1" / "building"

    async def check() -> None:
        with index.held():
            started = await start()
            follower = started.provisioner.follower
            link = follower.link
            follower.agree()
            await started.becomes("building")
            with pytest.raises(FileNotFoundError):
                await started.provisioner.launch_kernel(["/nonexistent"], cwd=str(tmp_path), env={})
            assert status_board.get("kernel") is None
            assert follower.link is None
            assert link is not None
            assert link.descriptor == -1
            await asyncio.to_thread(until, lambda: not any(building.glob("*")))

    asyncio.run(check())


def test_a_kernel_that_is_ended_while_it_is_looked_for_what_it_needs_is_not_started(
    tmp_path, layer, start, monkeypatch
):
    write(tmp_path, "alpha")

    async def check() -> None:
        started = await start()
        await started.has_environment()
        loop, recall, found = asyncio.get_running_loop(), Follower._recall, []

        def recall_and_end(follower: Follower, spec: Any) -> Any:
            found.append(recall(follower, spec))
            asyncio.run_coroutine_threadsafe(follower.end(), loop).result()
            return found[-1]

        monkeypatch.setattr(Follower, "_recall", recall_and_end)
        await started.provisioner.cleanup()
        with pytest.raises(LaunchError, match="was ended while"):
            await start()
        assert status_board.get("kernel") is None
        ready, agreed = found[0]
        assert agreed
        await asyncio.to_thread(until, lambda: is_closed(ready.environment.lease))

    asyncio.run(check())


def is_closed(lease: Lease) -> bool:
    try:
        lease.fileno()
    except ValueError:
        return True
    return False


def progress_of(started: Started) -> str:
    progress = started.status.progress
    return "" if progress is None else progress.message
