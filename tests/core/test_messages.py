from __future__ import annotations

import subprocess
import sys

import pytest

from headstart.core.messages import kind_of, shown


@pytest.mark.parametrize(
    "text, quoted",
    [
        ("numpy", '"numpy"'),
        ('a "b"', "'a \"b\"'"),
        ("a\nb\x00\ud800é", '"a\\nb\\x00\\ud800é"'),
        ("https://me:secret@host/x", '"https://****@host/x"'),
        ("a" * 100, '"' + "a" * 79 + '…"'),
    ],
)
def test_text_is_shown_short_printable_and_without_credentials(text: str, quoted: str) -> None:
    assert shown(text) == quoted


def test_values_are_named_by_their_kind() -> None:
    values = [True, 10**9_000, 1.5, "x", [], {}, None]
    assert [kind_of(value) for value in values] == [
        "true", "a whole number", "a number", "a string", "a list", "a table",
        "another kind of value",
    ]  # fmt: skip


def test_importing_the_core_imports_nothing_heavy() -> None:
    code = (
        "import sys, headstart.core.plan, headstart.core.store.key;"
        "print(sorted({'yaml', 'packaging.pylock', 'logging.handlers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
