"""Odd headers, kept in files: each is read, or refused, in every part of a notebook it may be in.

And what becomes of them when they are cut, repeated, mixed and mistyped: read or refused too, in
less than a tenth of a second, and nothing but our own error is raised.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from headstart.errors import HeadstartError
from tests.core import hostile
from tests.core.hostile import Wrapper, check, outcome, seconds_of, without_collection
from tests.faults.extent import times

CORPUS = Path(__file__).with_name("corpus")
WRAPPERS: Mapping[str, tuple[Wrapper, ...]] = {
    "header": (
        hostile.in_cell,
        hostile.in_raw_cell,
        hostile.in_text_cell,
        hostile.in_script,
        hostile.in_markdown,
    ),
    "front": (hostile.in_front_cell, hostile.in_front_markdown, hostile.in_front_script),
    "metadata": (hostile.in_metadata,),
    "requirements": (hostile.as_requirements,),
    "project": (hostile.as_project,),
    "pylock": (hostile.as_pylock,),
    "script": (hostile.as_script, hostile.as_cell),
    "markdown": (hostile.as_markdown,),
}
"""The parts of a notebook that the texts of each file may be in."""

BATCHES = times(3, 12, 120)
MUTANTS = 1_000 * BATCHES
LONGEST = 48 * 1024
"""Characters of a mutant, which its wrapper makes a little longer."""

TOKENS = (
    "# /// script\n", "# ///\n", "---\n", "headstart: ", "dependencies = [", "[tool.headstart]\n",
    "[[packages]]\n", '"""', "'''", '"', "'", "[", "]", "{", "}", "(", ")", "\\", "\\\n", "\\u0000",
    "\\ud800", "\n", "\r\n", "\r", "\t", "\0", "\ud800", "\ufeff", "\u2028", "\x85", "é", "☃",
    " ; ", "; os_name == 'a'", " and ", "==", "===", "~=", "!=", ">=", ",", ".", "..", "/", "-",
    "--", "-r r.txt\n", "-e .", "--hash=sha256:", "${X}", "`id`", "$(id)", "@", "file:",
    " @ https://u:p@h/x", "&a ", "*a ", "!!python/object ", "<<: ", "|\n", ">-\n", "? ", ": ", "- ",
    "#", "%%bash\n", "```\n", "```{code-cell}\n", "0x", "1e400", "9" * 5000, "(" * 500, "[" * 500,
    "true", "null", "nan", "=", "1979-05-27", "<!-- #raw -->", "include-group", "env", "PATH",
    "extras", "marker", " in ", "not ",
)  # fmt: skip


def texts(form: str) -> Iterator[tuple[str, str, str]]:
    """What is expected of each text of a form, its name, and the text."""
    content = (CORPUS / f"{form}.txt").read_text("utf-8")
    for entry in re.split(r"^=== ", content, flags=re.MULTILINE)[1:]:
        title, _, text = entry.partition("\n")
        expected, _, name = title.partition(": ")
        yield expected, name, text.removesuffix("\n")


ALL = [(form, *entry) for form in WRAPPERS for entry in texts(form)]
READ = [entry for entry in ALL if entry[1] == "read"]


@pytest.mark.parametrize(
    "form, expected, text",
    [(form, expected, text) for form, expected, _, text in ALL],
    ids=[f"{form}-{name}" for form, _, name, _ in ALL],
)
def test_it_is_read_or_refused_as_the_corpus_says(form: str, expected: str, text: str) -> None:
    assert expected in ("read", "refused")
    for wrapper in WRAPPERS[form]:
        case = wrapper(text)
        result = outcome(case)
        check(case, result)
        assert isinstance(result, HeadstartError) is (expected == "refused"), (wrapper, result)


class Mutator:
    """Changes texts at random, the same way for the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def mutant(self) -> tuple[Wrapper, str]:
        """A text that was changed a few times, and a wrapper for it."""
        form, _, _, text = self.random.choice(READ if self.random.random() < 0.8 else ALL)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            text = self._changed(text)[:LONGEST]
        # Seldom in a wrapper for another kind of text.
        form = form if self.random.random() < 0.9 else self.random.choice(list(WRAPPERS))
        return self.random.choice(WRAPPERS[form]), text

    def _changed(self, text: str) -> str:
        return self._with_other_lines(text) if self.random.random() < 0.3 else self._cut(text)

    def _with_other_lines(self, text: str) -> str:
        """Some of its lines, and some of another text's."""
        other = self.random.choice(ALL)[3].split("\n")
        lines = text.split("\n")
        at, length = self.random.randrange(len(lines) + 1), self.random.randrange(4)
        start = self.random.randrange(len(other))
        lines[at : at + self.random.randrange(3)] = other[start : start + length]
        return "\n".join(lines)

    def _cut(self, text: str) -> str:
        start, end = sorted(self.random.randrange(len(text) + 1) for _ in range(2))
        end = min(end, start + self.random.choice((1, 8, 40, len(text))))
        before, span, after = text[:start], text[start:end], text[end:]
        token = self.random.choice(TOKENS)
        return self.random.choice(
            (
                before + after,
                before + token + after,
                before + token + span + after,
                before + span + token + after,
                before + span * self.random.choice((2, 3, 100, 5000)) + after,
                before + token * self.random.choice((2, 30, 3000)) + after,
                before + span[::-1] + after,
                before + span.swapcase() + after,
                before + span.replace("\n", token) + after,
                before + self.random.choice(ALL)[3] + after,
                before
                + chr(self.random.choice((0, 7, 0x7F, 0xA0, 0xD800, 0x200B, 0x1F600)))
                + after,
                text.replace(self.random.choice(" \n\"'=:-#"), token, 3),
            )
        )


@pytest.mark.parametrize("seed", range(BATCHES))
def test_mutants_are_read_or_refused_in_a_tenth_of_a_second(seed: int) -> None:
    mutator = Mutator(seed)
    with without_collection():
        for _ in range(MUTANTS // BATCHES):
            wrapper, text = mutator.mutant()
            case = wrapper(text)
            if seconds_of(case) > 0.1:  # once more: other processes disturb the clock
                assert seconds_of(case) < 0.1, text[:500]
            check(case, outcome(case))
