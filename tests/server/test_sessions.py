"""Which notebook a session's kernel is for, in a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.kernels.status import NOT_FOUND, NOT_FOUND_AGAIN, status_board
from headstart.testing.notebooks import header_cell, save_notebook

PATH = "sub/a.ipynb"

WRONG = "# /// script\n# dependencies = {}\n# ///"
"""A header whose error tells which one was read: no environment is built."""

LIMIT = 200.0
"""Seconds for a request that builds a layer."""


@pytest.fixture
def start(jp_fetch, kernelspec: str):
    """Starts a session as a client asks for it; the session as the server tells it."""

    async def post(path: str, name: str | None) -> dict[str, Any]:
        body = {"path": path, "name": name, "type": "notebook", "kernel": {"name": kernelspec}}
        if name is None:
            del body["name"]
        options = {"method": "POST", "body": json.dumps(body), "request_timeout": LIMIT}
        response = await jp_fetch("api", "sessions", **options)
        return json.loads(response.body)

    return post


@pytest.fixture
def restart(jp_fetch):
    async def post(session: dict[str, Any]) -> None:
        kernel_id = session["kernel"]["id"]
        await jp_fetch("api", "kernels", kernel_id, "restart", method="POST", body="{}")

    return post


def status_of(session: dict[str, Any]) -> tuple[str, str, str]:
    """The kernel's path, its state, and what is wrong with the header that was read."""
    status = status_board.get(session["kernel"]["id"])
    assert status is not None
    return status.path, status.state.value, str(status.error or "")


@pytest.mark.parametrize(
    "path, name",
    [
        (PATH, ""),
        (PATH, None),
        (PATH, "My analysis"),
        (PATH, "other.ipynb"),
        ("sub/0b9e2a4e-3f0c-4e4f-9d3e-2f3f5a9b1c7d", "a.ipynb"),
    ],
    ids=["no name", "none", "title", "another's name", "JupyterLab"],
)
async def test_a_session_is_known_by_its_path_or_by_its_name(
    start, jp_root_dir: Path, path: str, name: str | None
) -> None:
    save_notebook(jp_root_dir / PATH, WRONG.format(3))
    save_notebook(jp_root_dir / "sub" / "other.ipynb", WRONG.format('"other"'))

    read_path, state, error = status_of(await start(path, name))
    assert (read_path, state) == (PATH, "failed")
    assert "is a string" not in error


async def test_a_session_that_gets_another_kernel_keeps_its_path(
    start, jp_fetch, jp_root_dir: Path, kernelspec: str
) -> None:
    save_notebook(jp_root_dir / PATH, WRONG.format(3))
    session = await start(PATH, "My analysis")
    change = json.dumps({"kernel": {"name": kernelspec, "id": None}})
    answer = await jp_fetch("api", "sessions", session["id"], method="PATCH", body=change)

    changed = json.loads(answer.body)
    assert changed["kernel"]["id"] != session["kernel"]["id"]
    assert status_of(changed)[:2] == (PATH, "failed")


async def test_a_restart_goes_by_the_sessions_path_of_now(
    start, restart, jp_fetch, jp_root_dir: Path
) -> None:
    file = save_notebook(jp_root_dir / PATH, WRONG.format(3))
    session = await start(PATH, "My analysis")
    save_notebook(jp_root_dir / "sub" / "b.ipynb", WRONG.format(4))
    file.unlink()
    renamed = json.dumps({"path": "sub/b.ipynb"})
    await jp_fetch("api", "sessions", session["id"], method="PATCH", body=renamed)

    await restart(session)
    assert status_of(session)[:2] == ("sub/b.ipynb", "failed")


async def test_a_notebook_renamed_while_its_kernel_started_is_known_by_its_editor(
    start, restart, jp_fetch, jp_root_dir: Path
) -> None:
    """JupyterLab tells a session that does not exist yet nothing, and never again."""
    file = save_notebook(jp_root_dir / PATH, WRONG.format(3))
    cell = {"index": 0, "cell_type": "code", "source": WRONG.format(3)}
    pushed = {"path": PATH, "page": "one", "revision": 1, "cells": [cell], "metadata": None}
    await jp_fetch("headstart", "api", "header", method="PUT", body=json.dumps(pushed))
    session = await start("sub/made-up", "a.ipynb")
    file.rename(file.with_name("b.ipynb"))
    cell["source"] = WRONG.format('"b"')
    pushed.update(path="sub/b.ipynb", revision=2, kernel_id=session["kernel"]["id"])
    await jp_fetch("headstart", "api", "header", method="PUT", body=json.dumps(pushed))

    await restart(session)
    path, state, error = status_of(session)
    assert (path, state) == ("sub/b.ipynb", "failed")
    assert "is a string" in error


async def test_two_notebooks_that_share_a_kernel_do_not_change_it_by_an_edit(
    start, restart, jp_fetch, jp_root_dir: Path
) -> None:
    save_notebook(jp_root_dir / PATH, WRONG.format(3))
    save_notebook(jp_root_dir / "sub" / "b.ipynb", WRONG.format(4))
    session = await start(PATH, "a.ipynb")
    pushed = {"path": "sub/b.ipynb", "page": "one", "revision": 1, "cells": [], "metadata": None}
    pushed["kernel_id"] = session["kernel"]["id"]
    await jp_fetch("headstart", "api", "header", method="PUT", body=json.dumps(pushed))

    await restart(session)
    assert status_of(session)[0] == PATH


@pytest.mark.real_index
async def test_a_notebook_that_cannot_be_found_is_not_one_that_asks_for_nothing(
    start, restart, jp_fetch, jp_serverapp, jp_root_dir: Path, shared_layer: Path, monkeypatch
) -> None:
    """VS Code makes up the path and the name; a file that was removed cannot be read any more."""
    monkeypatch.setenv(envvars.STORE, str(shared_layer))

    def watches(session: dict[str, Any]) -> str:
        """Whether the kernel looks for headers in its cells, and what it would say."""
        manager = jp_serverapp.kernel_manager.get_kernel(session["kernel"]["id"])
        headerless: str = manager.provisioner.session.launch.headerless
        return headerless

    async def shown(session: dict[str, Any]) -> tuple[str, str | None]:
        query = {"path": PATH, "kernel": session["kernel"]["id"]}
        response = await jp_fetch("headstart", "api", "notebook", params=query)
        status = json.loads(response.body)
        return status["state"], status["note"]

    file = save_notebook(jp_root_dir / PATH, header_cell())
    vs_code = await start("a-jvsc-3f0c4e4f9d3e2f3f5a9b1c7d0b9e2a4e.ipynb", "a-3f0c.ipynb")
    assert await shown(vs_code) == ("none", NOT_FOUND)
    assert watches(vs_code) == "unknown"
    save_notebook(jp_root_dir / "plain.ipynb", "1 + 1")
    plain = await start("plain.ipynb", "plain.ipynb")
    assert await shown(plain) == ("none", None)
    assert watches(plain) == "server"

    session = await start(PATH, "a.ipynb")
    assert await shown(session) == ("ready", None)
    file.unlink()
    await restart(session)
    assert await shown(session) == ("ready", NOT_FOUND_AGAIN)
    assert watches(session) == ""
