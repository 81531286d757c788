"""What a server makes ready before its first kernel."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from headstart import envvars
from headstart.environments.build.layers import find_common_layer
from headstart.environments.context import open_context
from headstart.kernels import warm_up as module
from headstart.kernels.launch.environ import kernel_environ
from headstart.kernels.launch.zygote import zygote_launcher
from headstart.kernels.threads import cancel_all
from headstart.kernels.warm_up import NICENESS, warm_up
from headstart.settings import Settings
from headstart.store.store import Store
from headstart.testing.package_index import LocalIndex
from tests.local_uv import local_settings, this_python
from tests.stub_kernel import make_ipykernel
from tests.waiting import LIMIT, until
from tests.zygotes import Zygotes

from .forks import answer


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Wheels of a kernel that needs nothing."""
    folder = tmp_path / "house"
    folder.mkdir()
    make_ipykernel(folder)
    return folder


@pytest.fixture
def warm(settings: Settings, tmp_path: Path, index: LocalIndex) -> Settings:
    """Settings of a server that makes ready what its kernels need."""
    return replace(local_settings(settings, tmp_path, index), warm_up=True, zygote="off")


def layers(settings: Settings) -> list[str]:
    return [entry.kind.value for entry in Store(settings.store).entries()]


def test_the_layer_that_notebooks_share_is_there_when_it_is_done(warm: Settings) -> None:
    asyncio.run(warm_up(warm))
    assert layers(warm) == ["layer"]
    layer = find_common_layer(this_python(), open_context(warm))
    assert layer is not None
    layer.close()
    assert not Store(warm.store).entries()[0].in_use


def test_what_is_there_is_not_asked_for_again(warm: Settings, index: LocalIndex) -> None:
    asyncio.run(warm_up(warm))
    index.requests.clear()
    asyncio.run(warm_up(warm))
    assert index.requests == []


@pytest.mark.parametrize("change", [{"warm_up": False}, {"offline": True}])
def test_nothing_is_done_where_the_settings_forbid_it(
    warm: Settings, index: LocalIndex, change: dict[str, bool]
) -> None:
    asyncio.run(warm_up(replace(warm, **change)))
    assert (index.requests, list(warm.store.iterdir())) == ([], [])


def test_what_fails_is_told_to_nobody(warm: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with LocalIndex(warm.store) as gone:
        nowhere = replace(warm, default_index=gone.url)
    asyncio.run(warm_up(nowhere))
    assert layers(warm) == []
    assert {record.levelname for record in caplog.records} <= {"DEBUG"}


def test_the_builds_priority_is_low_and_ours_stays(
    warm: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, int] = {}
    inner, built = module._start_zygote, module._built_at_low_priority

    def build(context: Any) -> Any:
        def report(_progress: object) -> None:
            seen["build"] = os.getpriority(os.PRIO_PROCESS, 0)

        return built(context._replace(report=report))

    def start(*arguments: Any) -> None:
        seen["zygote"] = os.getpriority(os.PRIO_PROCESS, 0)
        inner(*arguments)

    monkeypatch.setattr(module, "_built_at_low_priority", build)
    monkeypatch.setattr(module, "_start_zygote", start)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    asyncio.run(warm_up(warm))
    assert seen == {"build": max(own, NICENESS), "zygote": own}


def test_it_ends_with_the_server(warm: Settings, index: LocalIndex) -> None:
    index.delay = 10 * LIMIT
    done = threading.Event()

    def serve() -> None:
        asyncio.run(warm_up(warm))
        done.set()

    threading.Thread(target=serve, daemon=True).start()
    until(lambda: psutil.Process().children(recursive=True))
    cancel_all()
    assert done.wait(LIMIT)
    assert layers(warm) == []


# -- a real server ---------------------------------------------------------------------------------


class Server:
    """A Jupyter server without a front end."""

    def __init__(self, process: subprocess.Popen[bytes], runtime: Path, log: Path) -> None:
        self.process, self._runtime, self._log = process, runtime, log
        until(self._files, log.read_text)
        info = json.loads(self._files()[0].read_text())
        self._url = info["url"]
        until(self._answers, log.read_text)

    def _files(self) -> list[Path]:
        assert self.process.poll() is None, self._log.read_text()
        return [file for file in self._runtime.glob("jpserver-*.json") if file.stat().st_size]

    def _answers(self) -> bool:
        try:
            return bool(self.request("GET", "api/status"))
        except OSError:
            return False

    def request(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "token secret"}
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=LIMIT) as response:
            return json.loads(response.read() or "null")

    def parent_of_new_kernel(self) -> int:
        """The pid of the process whose child a new kernel is."""
        kernel = self.request("POST", "api/kernels", {"name": "headstart"})["id"]

        async def ask() -> int:
            client = AsyncKernelClient(connection_file=str(self._runtime / f"kernel-{kernel}.json"))
            client.load_connection_file()
            client.start_channels(stdin=False, hb=False)
            try:
                return int(await answer(client, "pass", "__import__('os').getppid()"))
            finally:
                client.stop_channels()
                client.context.term()

        return asyncio.run(ask())


@pytest.fixture
def server(zygotes: Zygotes, shared_store: Path, tmp_path: Path) -> Iterator[Server]:
    """One that makes ready what its kernels need, with zygotes."""
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    environ = {**os.environ, envvars.STORE: str(shared_store), envvars.WARM_UP: "1"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # As on a Mac's framework build: no kernel gets it, and its zygote must not either.
    environ[envvars.PYTHONEXECUTABLE] = sys.executable
    command = [sys.executable, "-m", "jupyter", "server", "--allow-root", "--port=0"]
    command += ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={tmp_path}"]
    command += ["--ServerApp.jpserver_extensions={'jupyterlab': False}"]
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        yield Server(process, runtime, log)
    finally:
        process.terminate()
        process.wait(LIMIT)


@pytest.mark.real_index
def test_a_servers_first_kernel_is_forked(server: Server, zygotes: Zygotes) -> None:
    zygote = zygotes.wait()
    assert server.parent_of_new_kernel() == zygote
    assert psutil.Process(zygote).nice() == psutil.Process(server.process.pid).nice()
    assert zygotes.pids() == [zygote]


@pytest.mark.real_index
def test_its_zygote_ends_with_it(server: Server, zygotes: Zygotes) -> None:
    zygote = psutil.Process(zygotes.wait())
    server.process.terminate()
    server.process.wait(LIMIT)
    zygote.wait(LIMIT)


def test_a_zygote_is_not_started_where_they_are_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(zygote_launcher, "start_zygote", lambda *them: started.append(them))
    for choice in ("off", "on"):
        launcher = zygote_launcher.zygote_launcher(replace(settings, zygote=choice))
        if launcher is not None:
            launcher.warm_up([sys.executable, "launcher.py"], kernel_environ(os.environ))
    assert len(started) == 1
