"""A local package index for tests, served from a folder of wheels."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from packaging.utils import canonicalize_name

__all__ = ["LocalIndex"]

_JSON = "application/vnd.pypi.simple.v1+json"
_UPLOADED = "2020-02-02T00:00:00Z"


class LocalIndex:
    """A package index (PEP 503, 691, 658, 700) on 127.0.0.1, in a thread, on a free port.

    A context manager. Wheels that are put into the folder later are served too.

    :param folder: flat folder of wheels and source distributions.
    :param delay: seconds to wait before each answer.
    :param credentials: user and password that each request must have, or None.
    :param uploaded: file names to upload times (RFC 3339); 2020-02-02 for all others.
    """

    def __init__(
        self,
        folder: Path,
        *,
        delay: float = 0.0,
        credentials: tuple[str, str] | None = None,
        uploaded: Mapping[str, str] | None = None,
    ):
        self.folder = folder
        self.delay = delay
        self.credentials = credentials
        self.uploaded = dict(uploaded or {})
        self.requests: list[str] = []
        """Paths that were requested, in order."""
        self.replaced: dict[str, bytes] = {}
        """File names to the bytes that are served instead of those whose hash is listed."""
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        """Names of projects to status, content type and body of what is served as their pages."""
        self.yanked: dict[str, str] = {}
        """Names of files that are yanked to the reasons for that (PEP 592)."""
        self.unlisted: set[str] = set()
        """Names of files that are served, and that no page lists."""
        self.redirects: dict[str, str] = {}
        """Paths to the URLs that requests for them are redirected to."""
        self.max_age = 0
        """Seconds for which clients may cache an answer, if not 0."""
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        # Polls for the end every 10 ms: the default, 0.5 s, would be added to each test.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        """URL of the index, without credentials."""
        return f"http://127.0.0.1:{self._server.server_port}/simple"

    @property
    def url_with_credentials(self) -> str:
        """URL of the index, with user and password if it requires them."""
        if self.credentials is None:
            return self.url
        return self.url.replace("://", "://{}:{}@".format(*self.credentials))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def files(self, project: str) -> list[Path]:
        """The files of one project, by its normalised name."""
        listed = (path for path in sorted(self.folder.iterdir()) if path.name not in self.unlisted)
        return [path for path in listed if _project_of(path.name) == project]

    def listing(self, project: str) -> dict[str, Any]:
        """One project's page (PEP 691)."""
        files = [self._entry(path) for path in self.files(project)]
        versions = sorted({path.name.split("-")[1] for path in self.files(project)})
        meta = {"api-version": "1.1"}
        return {"meta": meta, "name": project, "files": files, "versions": versions}

    def _entry(self, path: Path) -> dict[str, Any]:
        wheel = path.suffix == ".whl"
        requires_python = _requires_python(path) if wheel else ""
        return {
            "filename": path.name,
            "url": f"/files/{path.name}",
            "hashes": {"sha256": _sha256(path, path.stat().st_mtime_ns)},
            "size": path.stat().st_size,
            "upload-time": self.uploaded.get(path.name, _UPLOADED),
            "core-metadata": wheel,
            "yanked": self.yanked.get(path.name, False),
            **({"requires-python": requires_python} if requires_python else {}),
        }

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """Status, content type and body for one request."""
        self.requests.append(path)
        if self.credentials is not None and authorization != _basic(self.credentials):
            return 401, "text/plain", b""
        if path in self.redirects:
            return 302, "text/plain", b""
        kind, _, name = path.strip("/").partition("/")
        if kind == "simple" and name in self.pages:
            return self.pages[name]
        if kind == "simple" and self.files(name):
            return 200, _JSON, json.dumps(self.listing(name)).encode()
        if kind == "files":
            return self._file(name)
        return 404, "text/plain", b""

    def _file(self, name: str) -> tuple[int, str, bytes]:
        wheel = self.folder / name.removesuffix(".metadata")
        if "/" in name or not wheel.is_file():
            return 404, "text/plain", b""
        if name.endswith(".metadata"):
            return 200, "text/plain", _metadata(wheel)
        return 200, "application/octet-stream", self.replaced.get(name, wheel.read_bytes())


def _handler_of(index: LocalIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # http.server's default is 1.0, which closes the connection after each answer.
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if index.delay:
                time.sleep(index.delay)
            status, kind, body = index.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if index.max_age:
                self.send_header("Cache-Control", f"max-age={index.max_age}")
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            if status == 302:
                self.send_header("Location", index.redirects[self.path])
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: `LocalIndex.requests` has them."""

    return Handler


def _project_of(filename: str) -> str:
    return canonicalize_name(filename.split("-")[0])


class _Server(ThreadingHTTPServer):
    """Prints no error for clients that disconnect: tests that kill uv do so on purpose."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the error, unless the client has disconnected."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _basic(credentials: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(credentials).encode()).decode()


@lru_cache  # `_changed` is part of the key, so a wheel that is written again gets its new hash
def _sha256(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        # Its own, the topmost: a wheel may vendor other distributions, further down.
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(min(names, key=lambda name: name.count("/")))


def _requires_python(wheel: Path) -> str:
    for line in _metadata(wheel).decode().splitlines():
        if line.startswith("Requires-Python: "):
            return line.partition(": ")[2]
    return ""
