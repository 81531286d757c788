"""A password in a URL is never shown, whether the URL is valid or not."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from headstart.core.header.diff import changes
from headstart.core.header.spec import EMPTY_SPEC
from headstart.errors import HeadstartError
from headstart.request.directory import NoFolder
from headstart.request.read import request_of
from headstart.settings import Settings, read_settings
from headstart.uv.commands import compile_lock
from headstart.uv.configuration import read_configuration
from tests.core.factory import block, notebook
from tests.local_uv import runner, spec, this_python

CANARY = "h0untr2"
ADDRESSES = [
    "https://me:h0untr2@127.0.0.1:9/simple",
    "HTTP://me:h0untr2@127.0.0.1:9/simple",
    "https://me:a h0untr2@127.0.0.1:9/simple",
    "https://me:a/h0untr2@127.0.0.1:9/simple",
    "https://me:a@h0untr2@127.0.0.1:9/simple",
    "https://me:a%40h0untr2@127.0.0.1:9/simple",
    "https://me:h0untr2",
    "https://h0untr2@127.0.0.1:9/simple",
    "me:h0untr2@127.0.0.1:9/simple",
    "https://127.0.0.1:9/simple?token=h0untr2",
    "https://127.0.0.1:9/simple#token=h0untr2",
]


def shown_text(error: BaseException) -> str:
    told = error.to_json() if isinstance(error, HeadstartError) else None
    return f"{told} {''.join(traceback.format_exception(error))}"


def told_of(requirement: str) -> str:
    """What people are told of a header that has the requirement, whether it is one or not."""
    try:
        request = request_of(notebook(block(f"dependencies = ['{requirement}']")), NoFolder())
    except HeadstartError as error:
        return shown_text(error)
    assert request.header is not None
    changed = changes(EMPTY_SPEC, request.spec)
    assert changed is not None
    return f"{request.header.to_json()} {changed.to_json()}"


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_index_in_a_header_is_refused_without_its_password(url: str) -> None:
    cell = block("[[tool.uv.index]]", f'url = "{url}"')
    with pytest.raises(HeadstartError) as caught:
        request_of(notebook(cell), NoFolder(), lambda: read_settings({}))
    assert CANARY not in shown_text(caught.value)


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_requirement_with_an_address_is_shown_without_its_password(url: str) -> None:
    for text in (f"six @ {url}", f"six {url}", url, f"six={url}"):
        assert CANARY not in told_of(text)


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_header_that_cannot_be_read_is_quoted_without_passwords(url: str) -> None:
    with pytest.raises(HeadstartError) as caught:
        request_of(notebook(block(f"dependencies = [{url}]")), NoFolder())
    assert CANARY not in shown_text(caught.value)


@pytest.mark.parametrize("url", ADDRESSES)
def test_what_uv_says_of_an_index_that_does_not_answer_has_no_password(
    settings: Settings, url: str
) -> None:
    quick = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "2"}
    given = replace(settings, default_index=url, environ={**settings.environ, **quick})
    assert CANARY not in f"{given} {read_configuration(given)}"
    with pytest.raises(HeadstartError) as caught:
        runner(given).run(compile_lock(spec("alpha"), this_python()))
    assert CANARY not in shown_text(caught.value)
