"""What a kernel start comes to, before there is a process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.core.lock.embedded import NotebookLock
from headstart.core.plan import KernelState
from headstart.errors import SettingsError
from headstart.kernels.launch.kernel_launch import launch_in
from headstart.kernels.provisioner import HeadstartProvisioner
from headstart.kernels.session_request import read_request
from headstart.kernels.status import KernelStatus, status_board
from headstart.testing.notebooks import header_cell, save_notebook
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_sdist, make_wheel
from tests.local_uv import spec
from tests.store.helpers import KEY, KIND
from tests.stub_kernel import make_ipykernel
from tests.waiting import until

from .managers import provisioner_in, server_at

BROKEN = header_cell("not => a requirement")


def started(provisioner: HeadstartProvisioner, **kwargs: Any) -> dict[str, Any]:
    """What `pre_launch` prepares; the connection file is removed, ports are given back."""

    async def start() -> dict[str, Any]:
        try:
            return await provisioner.pre_launch(**kwargs)
        finally:
            await provisioner.parent.cleanup_resources(restart=True)

    return asyncio.run(start())


def ended(provisioner: HeadstartProvisioner) -> None:
    asyncio.run(provisioner.parent.cleanup_resources())


def failure(_prepared: dict[str, Any]) -> dict[str, Any] | None:
    """The error that the prepared kernel is told, once nothing is built for it; None for none."""
    until(lambda: shown().state is not KernelState.BUILDING)
    error = shown().error
    return None if error is None else error.to_json()


def shown() -> KernelStatus:
    status = status_board.get("kernel")
    assert status is not None
    return status


def session(path: Path) -> dict[str, str]:
    return {envvars.SESSION_NAME: str(path)}


def test_in_a_server_a_broken_header_gives_a_kernel_that_explains(tmp_path):
    notebook = save_notebook(tmp_path / "a.ipynb", BROKEN)
    provisioner = provisioner_in(server_at(tmp_path))

    error = failure(started(provisioner, env=session(notebook)))

    assert error is not None
    assert error["code"] == "requirement"
    status = status_board.get("kernel")
    assert status is not None
    assert (status.state, status.path) == (KernelState.FAILED, "a.ipynb")
    ended(provisioner)
    assert status_board.get("kernel") is None


def test_in_a_server_the_error_says_where_the_requirement_stands(tmp_path):
    house = tmp_path / "wheels"
    make_wheel(house, "ipykernel", "7.4.0")
    notebook = save_notebook(tmp_path / "a.ipynb", "1 + 1", header_cell("Alhpa>=2"))
    with LocalIndex(house) as index:
        provisioner = provisioner_in(server_at(tmp_path, default_index=index.url))
        error = failure(started(provisioner, env=session(notebook)))

    assert error is not None
    assert error["code"] == "no-such-package"
    assert error["hint"].endswith("in the header. alhpa is in cell 2, line 2.")
    status = status_board.get("kernel")
    assert status is not None
    assert status.error is not None
    assert status.error.hint == error["hint"]
    location = {"requirement": "Alhpa>=2", "where": "cell 2, line 2", "cell": 2, "line": 2}
    assert status.error.details["places"] == [location]
    ended(provisioner)


def test_what_is_refused_before_anything_is_built_has_its_place_too(tmp_path):
    header = header_cell("alpha", "beta @ https://example.org/beta.whl")
    notebook = save_notebook(tmp_path / "a.ipynb", header)
    provisioner = provisioner_in(server_at(tmp_path))

    error = failure(started(provisioner, env=session(notebook)))

    assert error is not None
    assert error["code"] == "policy"
    assert error["hint"].endswith(" beta is in cell 1, line 2.")
    ended(provisioner)


@pytest.mark.parametrize(
    "settings, code",
    [
        ({"transport": "pigeon"}, "settings"),
        ({"build_timeout": "soon"}, "settings"),
        ({"find_links": [], "store": "nul\0byte"}, "launch"),
    ],
)
def test_in_a_server_broken_settings_never_raise(tmp_path, monkeypatch, settings, code):
    monkeypatch.delenv(envvars.STORE)
    notebook = save_notebook(tmp_path / "a.ipynb", "1")
    provisioner = provisioner_in(server_at(tmp_path, **settings))

    error = failure(started(provisioner, env=session(notebook)))

    assert error is not None
    assert error["code"] == code
    assert error["hint"]
    ended(provisioner)


def test_in_a_server_a_notebook_that_cannot_be_read_gives_a_kernel_that_explains(tmp_path):
    (tmp_path / "a.ipynb").write_text("not JSON")
    provisioner = provisioner_in(server_at(tmp_path))

    error = failure(started(provisioner, env=session(tmp_path / "a.ipynb")))

    assert error is not None
    assert error["code"] == "notebook"
    ended(provisioner)


@pytest.mark.parametrize("kernel", ["headstart", "python3"])
@pytest.mark.parametrize(
    "lock, code", [(NotebookLock(spec("six"), "text").to_json(), "lock-outdated"), ("text", "lock")]
)
def test_a_lock_that_cannot_be_used_gives_a_kernel_that_explains(tmp_path, kernel, lock, code):
    metadata = {"headstart": {"lock": lock}}
    notebook = save_notebook(tmp_path / "a.ipynb", header_cell("numpy"), metadata=metadata)
    provisioner = provisioner_in(server_at(tmp_path), kernel=kernel)

    error = failure(started(provisioner, env=session(notebook)))

    assert error is not None
    assert error["code"] == code
    assert f"headstart lock {notebook}" in error["hint"]
    ended(provisioner)


@pytest.mark.parametrize("text", ["not JSON", '{"cells": []}'])
def test_an_ordinary_kernel_without_a_readable_header_starts_as_ever(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text)
    provisioner = provisioner_in(server_at(tmp_path, transport="pigeon"), kernel="python3")

    prepared = started(provisioner, env=session(tmp_path / "a.ipynb"))

    assert "ipykernel_launcher" in prepared["cmd"]
    assert provisioner.parent.transport == "tcp"
    assert status_board.get("kernel") is None
    ended(provisioner)


def test_an_ordinary_kernel_whose_header_is_broken_explains_and_is_plain_without_it(tmp_path):
    notebook = save_notebook(tmp_path / "a.ipynb", BROKEN, kernel="python3")
    provisioner = provisioner_in(server_at(tmp_path), kernel="python3")
    assert failure(started(provisioner, env=session(notebook))) is not None

    save_notebook(notebook, "1", kernel="python3")
    prepared = started(provisioner, env=session(notebook))

    assert "ipykernel_launcher" in prepared["cmd"]
    assert status_board.get("kernel") is None
    ended(provisioner)


def test_a_kernel_of_another_language_starts_as_ever_whatever_its_notebook_says(tmp_path):
    notebook = save_notebook(tmp_path / "a.ipynb", BROKEN, kernel="python3")
    provisioner = provisioner_in(server_at(tmp_path), kernel="python3")
    provisioner.kernel_spec.language = "R"

    prepared = started(provisioner, env=session(notebook))

    assert "ipykernel_launcher" in prepared["cmd"]
    assert provisioner.parent.transport == "tcp"
    ended(provisioner)


class _Dead:
    """A process that has ended."""

    pid = None

    def poll(self) -> int:
        return -9

    def send_signal(self, _signal: int) -> None:
        pass


def die(provisioner: HeadstartProvisioner) -> None:
    """Let the kernel have died, as a manager that restarts it sees it."""
    provisioner.process = _Dead()
    asyncio.run(provisioner.kill())
    provisioner.process = None


@pytest.mark.parametrize("kernel", ["headstart", "python3"])
@pytest.mark.parametrize("source", [BROKEN, "the header is gone"])
def test_a_kernel_that_died_comes_back_in_its_environment(tmp_path, ready, kernel, source):
    notebook = save_notebook(tmp_path / "a.ipynb", source)
    provisioner = provisioner_in(server_at(tmp_path), kernel=kernel)
    provisioner.session.ready, provisioner.session.launch = ready, launch_in(ready)

    die(provisioner)
    prepared = started(provisioner, env=session(notebook))

    assert json.loads(prepared["cmd"][2])["environment"] == ready.environment.environment.prefix
    ended(provisioner)


def test_a_restart_without_the_header_gives_the_environment_back(tmp_path, ready):
    notebook = save_notebook(tmp_path / "a.ipynb", "the header is gone")
    provisioner = provisioner_in(server_at(tmp_path), kernel="python3")
    provisioner.session.ready, provisioner.session.launch = ready, launch_in(ready)

    prepared = started(provisioner, env=session(notebook))

    assert "ipykernel_launcher" in prepared["cmd"]
    assert ready.store.remove(KIND, KEY), "no lease holds it"
    ended(provisioner)


def test_an_ordinary_kernel_that_died_comes_back_as_it_was(tmp_path):
    notebook = save_notebook(tmp_path / "a.ipynb", "1", kernel="python3")
    provisioner = provisioner_in(server_at(tmp_path), kernel="python3")
    started(provisioner, env=session(notebook))

    save_notebook(notebook, BROKEN, kernel="python3")
    die(provisioner)
    prepared = started(provisioner, env=session(notebook))

    assert "ipykernel_launcher" in prepared["cmd"]
    ended(provisioner)


def test_a_headless_run_raises_and_leaves_nothing_behind(monkeypatch):
    monkeypatch.setenv(envvars.TRANSPORT, "pigeon")
    provisioner = provisioner_in(None)

    with pytest.raises(SettingsError, match=envvars.TRANSPORT):
        asyncio.run(provisioner.pre_launch())

    assert status_board.get("kernel") is None
    assert not provisioner.parent.connection_file


def test_a_kernel_inherits_no_other_pythons_home_and_no_outer_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv(envvars.SESSION_NAME, "/outer.ipynb")
    monkeypatch.setenv(envvars.PYTHONHOME, "/elsewhere")
    monkeypatch.setenv(envvars.DEFAULT_PROVISIONER, "headstart")
    save_notebook(tmp_path / "a.ipynb", BROKEN)
    provisioner = provisioner_in(server_at(tmp_path, transport="pigeon"))
    mine = {"PATH": "/bin", **session(tmp_path / "a.ipynb")}

    environ = started(provisioner, env=mine)["env"]

    assert environ[envvars.SESSION_NAME] == str(tmp_path / "a.ipynb")
    bare = started(provisioner)["env"]
    assert not bare.keys() & {envvars.PYTHONHOME, envvars.DEFAULT_PROVISIONER, envvars.SESSION_NAME}
    assert mine == {"PATH": "/bin", **session(tmp_path / "a.ipynb")}, "what is replayed at restarts"
    ended(provisioner)


def test_the_warnings_of_a_header_reach_the_log(tmp_path, caplog):
    source = "# /// script\n# dependencies = []\n# ///"
    notebook = save_notebook(tmp_path / "a.ipynb", source, metadata={"headstart": {}})
    provisioner = provisioner_in(server_at(tmp_path))

    with caplog.at_level("WARNING"):
        asyncio.run(read_request(provisioner.session, session(notebook), None))

    assert "metadata" in caplog.text


def test_an_old_version_for_want_of_wheels_is_logged_and_one_far_too_old_is_the_kernels_error(
    tmp_path, caplog
):
    house = tmp_path / "wheels"
    make_ipykernel(house)
    for name, newest in (("minor", "1.2"), ("major", "2.0")):
        make_wheel(house, name, "1.0")
        make_sdist(house, name, newest)
    first = save_notebook(tmp_path / "a.ipynb", header_cell("minor"))
    second = save_notebook(tmp_path / "b.ipynb", "1 + 1", header_cell("major"))
    with LocalIndex(house) as index:
        provisioner = provisioner_in(server_at(tmp_path, default_index=index.url))
        with caplog.at_level("WARNING"):
            # No layer was there when its process started.
            error = failure(started(provisioner, env=session(first)))
            assert error is not None
            assert error["code"] == "restart-needed"
        error = failure(started(provisioner, env=session(second)))
    ended(provisioner)

    assert "minor 1.0 was taken, and not 1.2" in caplog.text
    assert error is not None
    assert error["code"] == "only-older"
    assert "major is in cell 2, line 2." in error["hint"]
