"""What strangers wrote commands no terminal and no panel: headers, names of files, metadata."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.cli.output import error_block, table
from headstart.core.store.manifest import Environment
from headstart.errors import BuildError, ExecutionError, HeadstartError, UvError
from headstart.kernels.launch.kernel_launch import launch_failed
from headstart.printable import printable
from headstart.server.publisher import event_of
from headstart.server.views import CurrentHeader, notebook_status
from tests.server.factory import NUMPY, building, environment, ready, request

HOSTILE = "\x1b]0;x\x07\x1b[2Jevil\u202egpj.exe\u2066\u200b\x9b31m\x7f\x08\r\ud800"
COMMANDS = {
    *map(chr, [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),
    *"\u200b\u200e\u200f\u2028\u2029\ufeff\u00ad\u061c",
} - set("\t\n")


def test_commands_are_written_as_in_python() -> None:
    assert printable("a\x1b[2J\u202eb\x7f\x9b") == r"a\x1b[2J\u202eb\x7f\x9b"
    assert printable("pass\u200dword\u200c") == r"pass\u200dword\u200c"


@pytest.mark.parametrize(
    "text",
    ["ä, ß, Ł", "日本語", "עברית", "نیم‌فاصله", "हिन्दी क्‍ष", "👩‍🔬 🏳️‍🌈 é", "a\tb\r\nc", "×…“”"],
)
def test_letters_and_emoji_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters(codec=None)))
def test_no_command_is_left_in_any_text(text: str) -> None:
    shown = printable(text.replace("\r\n", ""))
    assert not COMMANDS & set(shown)
    shown.encode()


@pytest.mark.parametrize("kind", [BuildError, UvError, partial(ExecutionError, traceback=HOSTILE)])
@pytest.mark.parametrize("colour", [False, True])
def test_an_error_shows_them_nowhere(kind: Callable[..., HeadstartError], colour: bool) -> None:
    error = kind(f"Bad: {HOSTILE}.", hint=HOSTILE, log=HOSTILE)
    block = error_block(error, colour=colour)
    for ours in ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"):
        block = block.replace(ours, "")
    for shown in (block, str(error)):
        assert not COMMANDS & set(shown), repr(shown)
    assert not COMMANDS & set(table([["NAME"], [HOSTILE]]))


def test_the_cell_of_a_failed_kernel_shows_none() -> None:
    launch = launch_failed(BuildError(HOSTILE, hint=HOSTILE, log=HOSTILE))
    shown = json.loads(next(iter(launch.variables().values())))
    assert not COMMANDS & set("".join(texts(shown)))


def texts(value: object) -> list[str]:
    """All texts in a JSON value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def hostile_environment() -> Environment:
    built = environment()
    evil = NUMPY._replace(summary=HOSTILE, license=HOSTILE)
    return built._replace(manifest=built.manifest._replace(distributions=(evil,)))


def test_the_panel_gets_none() -> None:
    error = BuildError(HOSTILE, hint=HOSTILE, log=HOSTILE)
    hostile = request("numpy")
    hostile = hostile._replace(header=hostile.header._replace(env=(("A", HOSTILE),)))
    current = CurrentHeader(hostile, error)
    for status in (
        ready(environment=hostile_environment(), error=error),
        building(f"Building {HOSTILE}"),
    ):
        answer = notebook_status("a.ipynb", status, current, 0.0)
        assert "evil" in str(answer)
        assert not COMMANDS & set("".join(texts(answer)))
        assert not COMMANDS & set("".join(texts(event_of(status))))


def test_progress_is_shown_as_it_is_and_without_them() -> None:
    event = event_of(building("Preparing 日本語"))
    assert event["message"] == "Preparing 日本語"
