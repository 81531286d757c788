"""A Jupyter server of a test's own, and pages of it in a browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.waiting import LIMIT

T = TypeVar("T")

BUNDLE = Path(__file__).parents[2] / "labextension" / "build"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def wait_for(condition: Callable[[], T | None], limit: float = LIMIT, what: str = "it") -> T:
    """The first true value of ``condition``, asked again and again for ``limit`` seconds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"Waited {limit:.0f} s for {what}."
        time.sleep(0.05)


@dataclass(frozen=True)
class Server:
    """A running Jupyter server; ``root`` is its folder of notebooks."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    root: Path
    log: Path

    def request(self, method: str, path: str, body: Any = None, *, limit: float = LIMIT) -> Any:
        """The JSON answer of the server's REST interface; None for an empty one."""
        request = urllib.request.Request(
            urllib.parse.urljoin(self.url, path),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=limit) as response:
            text = response.read()
        return json.loads(text) if text else None

    def kernel_of(self, path: str) -> str:
        """The id of the kernel of the notebook at an API path.

        The panel may show how a start went before the server has saved the session.
        """

        def found() -> str | None:
            sessions = self.request("GET", "api/sessions")
            return next((item["kernel"]["id"] for item in sessions if item["path"] == path), None)

        return wait_for(found, what=f"the session of {path}")

    def states_of(self, path: str) -> set[str]:
        """The states of the kernels of the notebook at an API path; empty if it has none."""
        sessions = self.request("GET", "api/sessions")
        return {item["kernel"]["execution_state"] for item in sessions if item["path"] == path}

    def status(self, path: str, kernel: str = "") -> dict[str, Any]:
        """What Headstart says about a notebook."""
        query = urllib.parse.urlencode({"path": path, "kernel": kernel})
        answer: dict[str, Any] = self.request("GET", f"headstart/api/notebook?{query}")
        return answer

    def stop(self) -> None:
        """End the server, and its kernels with it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def start_server(app: str, root: Path, home: Path, environ: Mapping[str, str]) -> Server:
    """Start ``jupyter lab`` or ``jupyter notebook`` on a free port.

    :param app: ``lab``, ``notebook``, or ``text``: JupyterLab with jupytext.
    :param root: the folder of notebooks.
    :param home: a folder for its configuration, data and log; short, for sockets are below it.
    """
    log = home / "server.log"
    command = [
        *(sys.executable, "-m", "jupyter", "lab" if app == "text" else app),
        *("--no-browser", "--allow-root", "--port=0", "--LabApp.expose_app_in_browser=True"),
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--IdentityProvider.token=secret",
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.jpserver_extensions={{'jupyterlab_jupytext': {app == 'text'}}}",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**environ, **_folders(home, jupytext=app == "text")},
            cwd=root,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def info() -> Any:
        assert process.poll() is None, log.read_text()
        files = [file.read_text() for file in (home / "run").glob("jpserver-*.json")]
        return json.loads(files[0]) if files and files[0] else None

    found = wait_for(info, what="the server")
    server = Server(process, found["url"], found["token"], root, log)
    wait_for(lambda: _answers(server), what="the server's first answer")
    return server


def _folders(home: Path, *, jupytext: bool) -> dict[str, str]:
    """Jupyter's folders below ``home``; a profile without news, and without autosave.

    With jupytext, ``.py`` and ``.md`` files open as notebooks.

    The theme follows the browser's. The panel is that of the source tree: an editable install has
    a copy, which may be older.
    """
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    if not jupytext:
        disabled = {"disabledExtensions": {"jupyterlab-jupytext": True}}
        (overrides.parent / "page_config.json").write_text(json.dumps(disabled))
    viewers = dict.fromkeys(("python", "markdown"), "Jupytext Notebook") if jupytext else {}
    no_news = {"fetchNews": "false", "checkForUpdates": False}
    overrides.write_text(
        json.dumps(
            {
                "@jupyterlab/apputils-extension:notification": no_news,
                "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
                "@jupyterlab/docmanager-extension:plugin": {
                    "autosave": False,
                    "defaultViewers": viewers,
                },
            }
        )
    )
    assert (BUNDLE / "package.json").is_file(), "The panel is not built: run `make setup`."
    panel = home / "data" / "labextensions" / "headstart"
    panel.parent.mkdir(parents=True)
    panel.symlink_to(BUNDLE)
    folders = {variable: str(home / place) for variable, place in places.items()}
    return {**folders, "JUPYTER_PREFER_ENV_PATH": "0"}


def _answers(server: Server) -> bool:
    try:
        return bool(server.request("GET", "api/status"))
    except OSError:
        return False


def process_environ(**more: str) -> dict[str, str]:
    """The environment for a server: this process's, but bytecode is written as ever."""
    environ = {**os.environ, **more}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ
