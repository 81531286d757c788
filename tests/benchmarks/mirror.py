"""A package index on this machine that answers from memory what another one has answered once.

With it a benchmark measures what is asked of an index, and not how far away that is. It runs in a
process of its own, and shares no interpreter with what is measured:
``python -m tests.benchmarks.mirror URL``.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import Request, urlopen

from tests.benchmarks.rows import CannotMeasure

TOP = Path(__file__).parents[2]
TIMEOUT = 60.0
"""Seconds that the index itself may take for an answer."""

KIND, BYTES = "Content-Type", "application/octet-stream"
ABOUT = (KIND, "Content-Length", "Accept-Ranges", "Content-Range")
"""Headers that say what an answer is, and how uv may ask for a part of it."""

KEPT = frozenset({200, 206, 404})
"""Statuses of answers that stay as they are."""

HREF = re.compile(r'(?<=href=")[^"]*')


@contextmanager
def mirrored(index: str) -> Iterator[str]:
    """The URL of a mirror of an index (PEP 503, 691, 658), for as long as the block runs.

    :raises CannotMeasure: if there can be none.
    """
    command = [sys.executable, "-m", __name__, index]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise CannotMeasure("the mirror of the index does not start")
            yield url
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Question:
    """All of a request that the answer depends on; ``extent`` is a range of bytes, or ``""``."""

    method: str
    path: str
    accept: str = ""
    extent: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with; ``headers`` are those of `ABOUT`."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def tag(self) -> str:
        """Its ETag (RFC 9110), or ``""``."""
        if self.status != 200:
            return ""
        known = json.dumps(sorted(self.headers.items())).encode()
        return f'"{hashlib.sha256(known + self.body).hexdigest()}"'


class Mirror:
    """What an index has answered, as far as it was asked; from many threads.

    Pages point to files below ``/files/`` here, so that what uv reads of wheels comes from here
    too: their metadata (PEP 658), or a range of their bytes.
    """

    def __init__(self, index: str) -> None:
        self._index = index.rstrip("/") + "/"
        self._answers: dict[Question, Answer] = {}
        self._files: dict[str, str] = {}
        self._lock = threading.Lock()

    def answer(self, question: Question) -> Answer:
        """What the index has answered to this the first time."""
        known = self._answers.get(question)
        if known is None:
            known = self._ask(question)
            # What could not be had may be there the next time.
            if known.status in KEPT:
                self._answers[question] = known
        return known

    def _ask(self, question: Question) -> Answer:
        kind, _, rest = question.path.strip("/").partition("/")
        if kind == "simple":
            return self._page(f"{self._index}{rest}/", question)
        number, _, name = rest.partition("/")
        file = self._files.get(number, "")
        if kind != "files" or not file:
            return Answer(404)
        suffix = ".metadata" if name.endswith(".metadata") else ""
        return _fetch(file + suffix, question)[0]

    def _page(self, url: str, question: Question) -> Answer:
        found, url = _fetch(url, question)
        if found.status != 200:
            return found
        kind = found.headers[KIND]
        return Answer(200, {KIND: kind}, self.pointed_here(found.body.decode(), kind, url).encode())

    def pointed_here(self, page: str, kind: str, url: str) -> str:
        """A page of the index, whose links lead here.

        :param kind: its content type; JSON (PEP 691), or else HTML (PEP 503).
        :param url: where it is from.
        """
        if not kind.partition(";")[0].endswith("json"):
            return HREF.sub(
                lambda match: html.escape(self._moved(urljoin(url, html.unescape(match[0])))), page
            )
        listing = json.loads(page)
        for file in listing["files"]:
            file["url"] = self._moved(urljoin(url, file["url"]))
        return json.dumps(listing)

    def _moved(self, url: str) -> str:
        """Where a file of the index is here; a hash behind its URL stays."""
        file, fragment = urldefrag(url)
        name = urlsplit(file).path.rpartition("/")[2]
        number = hashlib.sha256(file.encode()).hexdigest()[:16]
        with self._lock:
            self._files[number] = file
        return f"/files/{number}/{name}" + (f"#{fragment}" if fragment else "")


def _fetch(url: str, question: Question) -> tuple[Answer, str]:
    """What is at a URL, and where that was in the end."""
    headers = {"Accept": question.accept or "*/*", "User-Agent": "headstart"}
    headers |= {"Range": question.extent} if question.extent else {}
    try:
        request = Request(url, headers=headers, method=question.method)
        with urlopen(request, timeout=TIMEOUT) as response:
            about = {name: value for name in ABOUT if (value := response.headers.get(name))}
            return Answer(response.status, {KIND: BYTES, **about}, response.read()), response.url
    except HTTPError as error:
        with error:
            return Answer(error.code), url
    except OSError as error:
        return Answer(502, body=str(error).encode()), url


class _Server(ThreadingHTTPServer):
    """uv opens dozens of connections at once; one that has to knock twice waits for a second."""

    request_queue_size = 256
    daemon_threads = True


def _handler_of(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer in one piece: in two, the second would wait until the first is acknowledged.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = (self.headers.get(name, "") for name in ("Accept", "Range"))
            answer = mirror.answer(Question(self.command, self.path, *asked))
            same = answer.tag != "" and self.headers.get("If-None-Match") == answer.tag
            body = b"" if same else answer.body
            self.send_response(304 if same else answer.status)
            # Of what is only asked about, the length is the file's.
            headers = {"Content-Length": str(len(body)), **({} if same else answer.headers)}
            if answer.tag:
                headers |= {"ETag": answer.tag, "Cache-Control": "max-age=600"}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: nobody reads it."""

    return Handler


def main(index: str) -> None:
    """Serve a mirror of an index until the process is ended; its URL is printed first."""
    server = _Server(("127.0.0.1", 0), _handler_of(Mirror(index)))
    print(f"http://127.0.0.1:{server.server_port}/simple", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
