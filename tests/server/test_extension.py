"""The endpoints and events, over HTTP, in a real server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from headstart.core.lock.held_back import HeldBack
from headstart.core.plan import KernelState
from headstart.environments.resolve.newer_versions import remember_held_back
from headstart.errors import NoSuchPackage
from headstart.files import read_regular
from headstart.kernels.notebook.unsaved import live_headers
from headstart.kernels.status import KernelStatus, status_board
from headstart.request import notebook_files
from headstart.server.publisher import SCHEMA
from headstart.store.system_store import open_store
from headstart.testing.notebooks import header_cell, make_notebook, save_notebook
from headstart.traits import settings_of

from .factory import building, ready, request

PATH = "sub/a.ipynb"
API = ("headstart", "api")
ROUTES = [
    ("GET", "notebook"),
    ("PUT", "header"),
    ("POST", "refresh"),
    ("POST", "build"),
    ("POST", "cancel"),
    ("POST", "close"),
]
EDITED = {
    "path": PATH,
    "page": "one",
    "revision": 1,
    "cells": [{"index": 0, "cell_type": "code", "source": header_cell("numpy", "scipy")}],
    "metadata": None,
}


class Control:
    """Notes what a kernel's session is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def agree(self) -> None:
        self.asked.append("agree")

    def cancel(self) -> None:
        self.asked.append("cancel")


@pytest.fixture
def call(jp_fetch):
    """Sends a request to one of our endpoints; returns the JSON of the answer."""

    async def send(method: str, endpoint: str, body: Any = None, **options: Any) -> Any:
        if method != "GET":
            options["body"] = body if isinstance(body, bytes) else json.dumps(body)
        response = await jp_fetch(*API, endpoint, method=method, **options)
        return json.loads(response.body) if response.body else response.code

    return send


async def code_of(request: Any) -> int:
    with pytest.raises(HTTPClientError) as caught:
        await request
    return caught.value.code


async def refusal_of(request: Any) -> dict[str, Any]:
    with pytest.raises(HTTPClientError) as caught:
        await request
    assert caught.value.code == 400
    return json.loads(caught.value.response.body)


# -- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method, endpoint", ROUTES)
async def test_no_request_is_allowed_without_a_token(call, method, endpoint) -> None:
    wrong = {"Authorization": "token wrong"}
    assert await code_of(call(method, endpoint, EDITED, headers=wrong)) == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("endpoint", [endpoint for _, endpoint in ROUTES])
async def test_no_method_is_allowed_without_a_token(
    jp_fetch, jp_base_url, method, endpoint
) -> None:
    request = jp_fetch(
        *API,
        endpoint,
        method=method,
        headers={"Authorization": ""},
        body=None if method in {"GET", "DELETE"} else "{}",
    )
    assert await code_of(request) in {403, 405}


@pytest.mark.parametrize("method, endpoint", [route for route in ROUTES if route[0] != "GET"])
async def test_a_cookie_without_the_xsrf_token_changes_nothing(
    jp_serverapp, http_server_client, jp_base_url, method, endpoint
) -> None:
    token = jp_serverapp.identity_provider.token
    login = await http_server_client.fetch(f"{jp_base_url}api/status?token={token}")
    cookie = "; ".join(item.split(";")[0] for item in login.headers.get_list("Set-Cookie"))
    assert "username" in cookie
    request = http_server_client.fetch(
        f"{jp_base_url}headstart/api/{endpoint}",
        method=method,
        body=json.dumps(EDITED),
        headers={"Cookie": cookie},
    )
    assert await code_of(request) == 403
    assert live_headers.get(PATH) is None


class Clerk(Authorizer):
    """Records each check, and allows what the test says."""

    allowed: tuple[tuple[str, str], ...] = ()

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) in self.allowed


@pytest.mark.parametrize("method, endpoint", ROUTES)
async def test_reading_needs_read_and_all_else_execute_on_kernels(
    jp_serverapp, call, method, endpoint
) -> None:
    right = ("read", "headstart") if method == "GET" else ("execute", "kernels")
    contents = ("read", "contents")
    others = {contents, ("read", "headstart"), ("write", "headstart"), ("execute", "kernels")}
    others.remove(right)
    clerk = jp_serverapp.web_app.settings["authorizer"] = Clerk(parent=jp_serverapp)
    body, query = {**EDITED, "refresh": "cached"}, {"path": PATH}
    clerk.allowed = tuple(others)
    assert await code_of(call(method, endpoint, body, params=query)) == 403
    clerk.allowed = (right, contents)
    await call(method, endpoint, body, params=query)


TELLING = [route for route in ROUTES if route[1] not in {"cancel", "close"}]


@pytest.mark.parametrize("method, endpoint", TELLING)
async def test_users_who_may_not_read_contents_see_no_notebook(
    jp_serverapp, jp_root_dir, call, method, endpoint
) -> None:
    save_notebook(jp_root_dir / "a.ipynb", header_cell("numpy"))
    clerk = jp_serverapp.web_app.settings["authorizer"] = Clerk(parent=jp_serverapp)
    clerk.allowed = (("read", "headstart"), ("execute", "kernels"))
    body, query = {**EDITED, "path": "a.ipynb", "refresh": "cached"}, {"path": "a.ipynb"}
    assert await code_of(call(method, endpoint, body, params=query)) == 403
    assert live_headers.get("a.ipynb") is None


@pytest.mark.parametrize("path", [".hidden.ipynb", ".hidden/a.ipynb", "sub/.deep/a.ipynb"])
@pytest.mark.parametrize("method, endpoint", TELLING)
async def test_hidden_notebooks_are_as_hidden_as_in_the_contents_manager(
    jp_serverapp, jp_root_dir, call, jp_fetch, method, endpoint, path
) -> None:
    (jp_root_dir / path).parent.mkdir(parents=True, exist_ok=True)
    save_notebook(jp_root_dir / path, header_cell("numpy"))
    body, query = {**EDITED, "path": path, "refresh": "cached"}, {"path": path}
    contents = await code_of(jp_fetch("api", "contents", path))
    assert await code_of(call(method, endpoint, body, params=query)) == contents == 404
    assert live_headers.get(path) is None
    jp_serverapp.contents_manager.allow_hidden = True
    assert await call(method, endpoint, body, params=query)


async def test_the_kernel_of_a_hidden_notebook_is_shown_under_no_other_path(
    jp_serverapp, jp_root_dir, call
) -> None:
    save_notebook(jp_root_dir / PATH, header_cell("numpy"))
    status_board.set(ready("k1")._replace(path=".hidden/a.ipynb"))
    query = {"path": PATH, "kernel": "k1"}
    shown = await call("GET", "notebook", params=query)
    assert (shown["state"], shown["environment"], shown["changes"]) == ("none", None, None)
    jp_serverapp.contents_manager.allow_hidden = True
    assert (await call("GET", "notebook", params=query))["state"] == "ready"


# -- a notebook's status --------------------------------------------------------------------------


async def test_a_notebook_that_no_kernel_runs_for_shows_its_header(call, jp_root_dir) -> None:
    save_notebook(jp_root_dir / PATH, "1 + 1", header_cell("numpy"))
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": ""})
    assert (shown["state"], shown["kernel_id"], shown["environment"]) == ("none", None, None)
    assert (shown["header"]["cell"], shown["header"]["requirements"]) == (1, ["numpy"])


async def test_a_notebook_without_a_kernel_has_the_state_none(call) -> None:
    shown = await call("GET", "notebook", params={"path": "missing.ipynb"})
    assert (shown["state"], shown["header"], shown["header_error"]) == ("none", None, None)


async def test_the_requested_kernel_is_shown(call) -> None:
    status_board.set(ready("k1"))
    status_board.set(building(kernel_id="k2"))
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": "k1"})
    assert (shown["kernel_id"], shown["state"]) == ("k1", "ready")
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": "another"})
    assert shown["state"] == "none"


async def test_a_first_start_is_found_by_the_notebooks_path(call) -> None:
    status_board.set(building())
    shown = await call("GET", "notebook", params={"path": PATH})
    assert (shown["kernel_id"], shown["state"]) == ("k1", "building")
    assert shown["progress"]["message"] == "Downloading numpy"


async def test_notices_of_old_versions_are_shown_with_the_environment(call, jp_serverapp) -> None:
    status = ready("k1")
    held_back = HeldBack("numpy", "2.1.0", "2.5.0", "needed")
    settings = settings_of(jp_serverapp.config)
    store = open_store(settings.store, settings.system_store)
    spec, versions = status.request.spec, {"numpy": "2.1.0", "six": "1.16.0"}
    remember_held_back([held_back], spec, versions, "3.12.1", store)
    status_board.set(status)
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": "k1"})
    assert shown["notices"] == [held_back.message]
    status_board.set(ready("k1", request=request("numpy", "six")))
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": "k1"})
    assert shown["notices"] == []


async def test_a_header_that_cannot_be_read_is_part_of_the_answer(call, jp_root_dir) -> None:
    save_notebook(jp_root_dir / PATH, "# /// script\n# dependencies = 3\n# ///")
    shown = await call("GET", "notebook", params={"path": PATH})
    assert shown["header"] is None
    assert shown["header_error"]["code"] == "header"
    assert "cell 1" in shown["header_error"]["message"]


async def test_a_file_that_is_no_notebook_is_part_of_the_answer(call, jp_root_dir) -> None:
    (jp_root_dir / "broken.ipynb").write_text("{")
    shown = await call("GET", "notebook", params={"path": "broken.ipynb"})
    assert shown["header_error"]["code"] == "notebook"


@pytest.mark.parametrize("path", ["", "/", "../a.ipynb", "sub/../../a.ipynb"])
async def test_a_path_out_of_the_servers_root_is_refused(call, path) -> None:
    refusal = await refusal_of(call("GET", "notebook", params={"path": path}))
    assert refusal["error"]["code"] == "request"


@pytest.mark.parametrize("kind, why", [("markdown", "Markdown cell"), ("code", "string")])
async def test_what_only_looks_like_a_header_is_reported(call, jp_root_dir, kind, why) -> None:
    source = header_cell("numpy") if kind == "markdown" else f'"""\n{header_cell("numpy")}\n"""'
    notebook = make_notebook("1 + 1", source)
    notebook["cells"][1]["cell_type"] = kind
    (jp_root_dir / "sub").mkdir()
    (jp_root_dir / PATH).write_text(json.dumps(notebook))
    read = await call("GET", "notebook", params={"path": PATH})
    cells = [{"index": 1, "cell_type": kind, "source": source}]
    pushed = await call("PUT", "header", {**EDITED, "cells": cells})
    for shown in (read, pushed):
        assert shown["header"] is None
        assert "in cell 2" in shown["misplaced"]
        assert why in shown["misplaced"]
    shown = await call("PUT", "header", {**EDITED, "revision": 2})
    assert shown["misplaced"] == ""


# -- the header in the editor ---------------------------------------------------------------------


async def test_the_header_in_the_editor_counts_and_not_the_file(call, jp_root_dir) -> None:
    save_notebook(jp_root_dir / PATH, header_cell("numpy"))
    status_board.set(ready())
    pushed = await call("PUT", "header", EDITED)
    read = await call("GET", "notebook", params={"path": PATH})
    for shown in (pushed, read):
        assert shown["header"]["requirements"] == ["numpy", "scipy"]
        assert shown["changes"]["added"] == ["scipy"]
    assert pushed["kernel_id"] == "k1"


async def test_after_closing_the_file_counts_again(call, jp_root_dir) -> None:
    save_notebook(jp_root_dir / PATH, header_cell("numpy"))
    await call("PUT", "header", EDITED)
    assert await call("POST", "close", {**EDITED, "revision": 2}) == 204
    shown = await call("GET", "notebook", params={"path": PATH})
    assert shown["header"]["requirements"] == ["numpy"]


async def test_no_number_of_one_page_keeps_the_headers_of_another_out(call) -> None:
    await call("PUT", "header", {**EDITED, "revision": 2**53 - 1})
    refusal = await refusal_of(call("PUT", "header", {**EDITED, "revision": 10**18}))
    assert refusal["error"]["details"] == {"field": "revision"}
    cells = [{**EDITED["cells"][0], "source": header_cell("six")}]
    await call("PUT", "header", {**EDITED, "cells": cells, "page": "two", "revision": 0})
    shown = await call("GET", "notebook", params={"path": PATH})
    assert shown["header"]["requirements"] == ["six"]


async def test_what_changed_the_file_since_counts_whatever_its_time(call, jp_root_dir) -> None:
    save_notebook(jp_root_dir / PATH, header_cell("numpy"))
    await call("PUT", "header", EDITED)
    save_notebook(jp_root_dir / PATH, header_cell("six"))
    os.utime(jp_root_dir / PATH, (1, 1))
    shown = await call("GET", "notebook", params={"path": PATH})
    assert shown["header"]["requirements"] == ["six"]
    await call("PUT", "header", {**EDITED, "revision": 2})
    shown = await call("GET", "notebook", params={"path": PATH})
    assert shown["header"]["requirements"] == ["numpy", "scipy"]


async def test_an_incomplete_edit_is_reported_and_kept(call) -> None:
    cells = [{**EDITED["cells"][0], "source": "# /// script\n# dependencies = ["}]
    shown = await call("PUT", "header", {**EDITED, "cells": cells})
    assert shown["header_error"]["code"] == "header"
    assert live_headers.get(PATH) is not None


async def test_the_refresh_mode_comes_as_an_edit_of_the_cell(call) -> None:
    source = "# /// script\n# dependencies = []  # none yet\n# ///"
    cells = [{"index": 5, "cell_type": "code", "source": source}]
    body = {**EDITED, "cells": cells, "refresh": "ephemeral"}
    edit = await call("POST", "refresh", body)
    assert (edit["place"], edit["cell"], edit["metadata"]) == ("cell", 5, None)
    assert "# none yet" in edit["source"]
    assert "# refresh = true" in edit["source"]


@pytest.mark.parametrize(
    "kind, source, place, after",
    [
        ("raw", "---\nheadstart: six\n---", "front-matter",
         "---\nheadstart:\n  dependencies: six\n  refresh: true\n---"),
        ("markdown", "/// script\n[tool.headstart]\n# x\nrefresh = false # y\n///", "cell",
         "/// script\n[tool.headstart]\n# x\nrefresh = true # y\n///"),
    ],
)  # fmt: skip
async def test_the_refresh_mode_in_every_kind_of_cell(call, kind, source, place, after) -> None:
    jupytext = {"text_representation": {"extension": ".py", "format_name": "light"}}
    cells = [{"index": 0, "cell_type": kind, "source": source}]
    body = {**EDITED, "cells": cells, "jupytext": jupytext, "refresh": "ephemeral"}
    edit = await call("POST", "refresh", body)
    assert edit == {"place": place, "cell": 0, "source": after, "metadata": None}


async def test_the_refresh_mode_of_a_header_in_the_metadata(call) -> None:
    body = {**EDITED, "cells": [], "metadata": {"dependencies": "six"}, "refresh": "ephemeral"}
    edit = await call("POST", "refresh", body)
    assert edit == {
        "place": "metadata",
        "cell": None,
        "source": None,
        "metadata": {"dependencies": "six", "refresh": True},
    }


async def test_a_header_that_cannot_be_read_is_not_edited(call) -> None:
    cells = [{**EDITED["cells"][0], "source": "# /// script\n# dependencies = ["}]
    body = {**EDITED, "cells": cells, "refresh": "ephemeral"}
    refusal = await refusal_of(call("POST", "refresh", body))
    assert refusal["error"]["code"] == "header"
    assert refusal["error"]["message"] in refusal["message"]


@pytest.mark.parametrize("method, endpoint", [route for route in ROUTES if route[0] != "GET"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"path": 1}'])
async def test_a_malformed_body_is_refused_with_the_reason(call, method, endpoint, body) -> None:
    refusal = await refusal_of(call(method, endpoint, body))
    assert refusal["error"]["code"] == "request"
    assert refusal["message"]


# -- builds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel_id", ["k1", "", None])
async def test_a_build_can_be_cancelled_by_kernel_or_by_notebook(call, kernel_id) -> None:
    control = Control()
    status_board.set(building(), control)
    assert await call("POST", "cancel", {"path": PATH, "kernel_id": kernel_id}) == 204
    assert control.asked == ["cancel"]


async def test_a_build_that_is_asked_for_agrees_to_the_header_in_the_editor(call) -> None:
    control = Control()
    status_board.set(building(), control)
    shown = await call("POST", "build", {**EDITED, "kernel_id": "k1"})
    assert control.asked == ["agree"]
    assert shown["header"]["requirements"] == ["numpy", "scipy"]
    assert live_headers.get(PATH) is not None


async def test_a_build_for_no_kernel_of_ours_does_nothing(call) -> None:
    assert (await call("POST", "build", {**EDITED, "kernel_id": "k1"}))["state"] == "none"


async def test_cancelling_what_is_not_building_does_nothing(call) -> None:
    assert await call("POST", "cancel", {"path": PATH, "kernel_id": ""}) == 204


async def start(jp_fetch: Any, kernelspec: str) -> str:
    """Start the notebook's kernel; its id."""
    session = {"path": PATH, "name": "a.ipynb", "type": "notebook", "kernel": {"name": kernelspec}}
    response = await jp_fetch("api", "sessions", method="POST", body=json.dumps(session))
    kernel_id: str = json.loads(response.body)["kernel"]["id"]
    return kernel_id


async def next_event(socket: Any) -> dict[str, Any]:
    message = await asyncio.wait_for(socket.read_message(), 10)
    return json.loads(message)


async def test_who_listens_to_events_hears_of_a_build_from_another_thread(jp_ws_fetch) -> None:
    socket = await jp_ws_fetch("api", "events", "subscribe")
    threading.Thread(target=status_board.set, args=(building(),)).start()
    event = await next_event(socket)
    assert event["schema_id"] == SCHEMA
    assert (event["path"], event["kernel_id"], event["state"]) == (PATH, "k1", "building")
    assert (event["phase"], event["done"], event["total"]) == ("download", 1, 3)
    error = NoSuchPackage("https://canary is gone.")
    status_board.set(KernelStatus("k1", PATH, KernelState.FAILED, error=error))
    event = await next_event(socket)
    assert (event["state"], event["message"]) == ("failed", "no-such-package")
    socket.close()


async def test_a_kernel_whose_header_is_wrong_is_shown_until_it_is_shut_down(
    call, jp_fetch, jp_ws_fetch, jp_root_dir, kernelspec
) -> None:
    save_notebook(jp_root_dir / PATH, "# /// script\n# dependencies = 3\n# ///")
    socket = await jp_ws_fetch("api", "events", "subscribe")
    kernel_id = await start(jp_fetch, kernelspec)
    while (event := await next_event(socket))["schema_id"] != SCHEMA:
        pass
    assert (event["path"], event["kernel_id"], event["state"]) == (PATH, kernel_id, "failed")
    query = {"path": PATH, "kernel": kernel_id}
    shown = await call("GET", "notebook", params=query)
    assert (shown["state"], shown["error"]) == ("failed", shown["header_error"])
    await jp_fetch("api", "kernels", kernel_id, method="DELETE")
    assert (await call("GET", "notebook", params=query))["state"] == "none"
    socket.close()


@pytest.mark.parametrize("provisioner", ["headstart", "local-provisioner"])
async def test_whether_a_restart_applies_the_header_is_shown(
    call, jp_fetch, jp_root_dir, monkeypatch, provisioner
) -> None:
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", provisioner)
    save_notebook(jp_root_dir / PATH, "1 + 1")
    kernel_id = await start(jp_fetch, "python3")
    shown = await call("PUT", "header", {**EDITED, "kernel_id": kernel_id})
    assert (shown["state"], shown["reads_headers"]) == ("none", provisioner == "headstart")
    await jp_fetch("api", "kernels", kernel_id, method="DELETE")
    shown = await call("GET", "notebook", params={"path": PATH, "kernel": kernel_id})
    assert shown["reads_headers"] is False


async def test_a_kernel_that_died_for_good_is_shown_no_more(
    call, jp_fetch, jp_serverapp, jp_root_dir, kernelspec
) -> None:
    jp_serverapp.config.KernelRestarter.restart_limit = 0
    jp_serverapp.config.KernelRestarter.time_to_dead = 0.05
    save_notebook(jp_root_dir / PATH, "# /// script\n# dependencies = 3\n# ///")
    kernel_id = await start(jp_fetch, kernelspec)
    assert (await call("GET", "notebook", params={"path": PATH}))["state"] == "failed"
    manager, dead = jp_serverapp.kernel_manager, asyncio.Event()
    manager.add_restart_callback(kernel_id, dead.set, "dead")
    os.kill(manager.get_kernel(kernel_id).provisioner.pid, signal.SIGKILL)
    await asyncio.wait_for(dead.wait(), 30)
    for sent_id in (kernel_id, ""):
        query = {"path": PATH, "kernel": sent_id}
        assert (await call("GET", "notebook", params=query))["state"] == "none"
    assert kernel_id not in manager


async def test_a_server_that_stops_hears_no_more(jp_serverapp) -> None:
    emitted: list[Any] = []
    jp_serverapp.event_logger.add_listener(
        schema_id=SCHEMA, listener=lambda **event: emitted.append(event)
    )
    await jp_serverapp.extension_manager.stop_all_extensions()
    status_board.set(building())
    await asyncio.sleep(0)
    assert emitted == []


async def test_reading_a_notebook_from_a_slow_disk_blocks_no_other_request(
    call, jp_fetch, jp_root_dir, monkeypatch
) -> None:
    released = threading.Event()

    def read_slowly(path: Path, *most: int) -> bytes:
        assert released.wait(60)
        return read_regular(path, *most)

    save_notebook(jp_root_dir / "slow.ipynb", header_cell("numpy"))
    monkeypatch.setattr(notebook_files, "read_regular", read_slowly)
    reading = asyncio.ensure_future(call("GET", "notebook", params={"path": "slow.ipynb"}))
    assert (await jp_fetch("api", "status")).code == 200
    assert not reading.done()
    released.set()
    assert (await reading)["header"]["requirements"] == ["numpy"]
