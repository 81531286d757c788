"""The mirror answers uv as the index does, and asks the index once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from headstart.core.lock.pylock import Lock
from headstart.environments.context import Context, open_context
from headstart.environments.resolve.resolve import resolve
from headstart.settings import Settings
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.benchmarks.mirror import Mirror, mirrored
from tests.local_uv import local_settings, spec, this_python

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    make_wheel(tmp_path / "house", "alpha", "1.0")
    make_wheel(tmp_path / "house", "alpha", "2.0", requires_python=">=3.99")
    make_wheel(tmp_path / "house", "beta", "1.0", requires=["alpha"])
    return tmp_path / "house"


@pytest.fixture
def mirror(index: LocalIndex) -> Iterator[str]:
    with mirrored(index.url) as url:
        yield url


@pytest.fixture
def connection(mirror: str) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(urlsplit(mirror).netloc)) as opened:
        yield opened


def context_of(settings: Settings, index: LocalIndex, url: str, home: Path) -> Context:
    return open_context(replace(local_settings(settings, home, index), default_index=url))


def what(lock: Lock) -> list[tuple[object, ...]]:
    """All that a lock says but for the places."""
    return [
        (package.name, package.version, wheel.filename, wheel.sha256, wheel.size)
        for package in lock.packages
        for wheel in package.wheels
    ]


def test_uv_resolves_the_same_as_with_the_index_itself(settings, index, mirror, tmp_path) -> None:
    urls = (index.url, mirror)
    contexts = [context_of(settings, index, url, tmp_path) for url in urls]
    locks = [resolve(spec("beta"), this_python(), context) for context in contexts]
    assert what(locks[0]) == what(locks[1]) != []
    assert {package.index for lock in locks for package in lock.packages} == set(urls)


def test_the_index_is_asked_once(settings, index, mirror, tmp_path) -> None:
    context = context_of(settings, index, mirror, tmp_path)
    first = resolve(spec("beta"), this_python(), context)
    index.requests.clear()
    assert resolve(spec("beta"), this_python(), context, refresh=True) == first
    assert index.requests == []


def test_who_has_an_answer_is_told_that_it_is_still_right(connection: HTTPConnection) -> None:
    connection.request("GET", "/simple/alpha/", headers=JSON)
    first = connection.getresponse()
    assert (first.status, b"alpha-1.0" in first.read()) == (200, True)
    tag = first.headers["ETag"]
    connection.request("GET", "/simple/alpha/", headers={**JSON, "If-None-Match": tag})
    again = connection.getresponse()
    assert (again.status, again.read()) == (304, b"")


def test_a_wheel_can_be_looked_into(house: Path, connection: HTTPConnection) -> None:
    connection.request("GET", "/simple/alpha/", headers=JSON)
    url = json.loads(connection.getresponse().read())["files"][0]["url"]
    connection.request("HEAD", url)
    about = connection.getresponse()
    assert (about.status, about.read()) == (200, b"")
    connection.request("GET", url)
    whole = connection.getresponse().read()
    assert whole == next(house.glob("alpha-1.0*")).read_bytes()
    assert (about.headers["Content-Length"], about.headers["ETag"] != "") == (str(len(whole)), True)


def test_what_the_index_does_not_have_the_mirror_has_not_either(connection: HTTPConnection) -> None:
    for path in ("/simple/gamma/", "/files/0/gamma.whl", "/"):
        connection.request("GET", path, headers=JSON)
        response = connection.getresponse()
        assert (response.status, response.read()) == (404, b""), path


def test_pages_in_html_point_to_the_mirror_too() -> None:
    page = '<a href="../../f/a&amp;b-1.0.whl#sha256=12" data-x="1">a</a> <a name="b">b</a>'
    moved = Mirror("https://index.invalid/simple").pointed_here(
        page, "text/html; charset=utf-8", "https://index.invalid/simple/a/"
    )
    assert re.fullmatch(
        r'<a href="/files/[0-9a-f]{16}/a&amp;b-1\.0\.whl#sha256=12" data-x="1">a</a> '
        r'<a name="b">b</a>',
        moved,
    )
