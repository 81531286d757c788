"""A large notebook is read quickly, and as it is in the file, however it is written."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.notebook.find import Notebook, notebook_of
from headstart.core.notebook.strip_outputs import _MARK, _STRINGS, skimmed
from headstart.errors import NotebookError

LONG = 14
"""Bytes of a string that is long in these tests."""

NAMES = ("cells", "cell_type", "source", "input", "outputs", "metadata", "headstart", "worksheets")
PIECES = (
    *("a", "é", "]", "[", "}", "{", ",", ":", " ", "# ///", "code", "\\n", "\\\\", '\\"', "\\/"),
    *("\\u0022", "\\u005c", "\\u00e9", "\\ud83d", '\\"outputs\\": [', *NAMES[:5]),
)
SPACES = ("", "", " ", "\n", "\n   ", "\r\n", "\t", " \r", "\n  \n")


def written_key(random: random.Random) -> str:
    """A name of a member, which may be written with an escape, or be any string."""
    name = random.choice(NAMES)
    if random.random() < 0.1:
        return string(random)
    if random.random() < 0.1:
        return f'"\\u{ord(name[0]):04x}{name[1:]}"'
    return f'"{name}"'


def string(random: random.Random, lengths: Sequence[int] = (0, 1, 3, 9)) -> str:
    return f'"{"".join(random.choices(PIECES, k=random.choice(lengths)))}"'


def line(random: random.Random) -> str:
    """One of a source: mostly short, so that not all of the notebook has to be parsed."""
    return string(random, (0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9))


def array(random: random.Random, items: Iterable[str]) -> str:
    return between(random, "[", items, "]")


def between(random: random.Random, opening: str, items: Iterable[str], closing: str) -> str:
    """Items, with any white space that JSON allows."""
    space = random.choice
    listed = ",".join(space(SPACES) + item + space(SPACES) for item in items)
    return opening + listed + (space(SPACES) if not listed else "") + closing


def value(random: random.Random, depth: int = 3) -> str:
    kind = random.randrange(8 if depth else 5)
    if kind < 3:
        return string(random)
    if kind < 5:
        return random.choice(("0", "-1.5e3", "null", "true", str(_MARK), "NaN"))
    items = range(random.randrange(4))
    if kind == 5:
        return array(random, (value(random, depth - 1) for _ in items))
    return members(random, [(written_key(random), value(random, depth - 1)) for _ in items])


def members(random: random.Random, items: list[tuple[str, str]]) -> str:
    """An object, with members of one name twice or in any order."""
    items += random.choices(items, k=random.randrange(2)) if items else []
    random.shuffle(items)
    space = random.choice
    pairs = (f"{key}{space(SPACES)}:{space(SPACES)}{value}" for key, value in items)
    return between(random, "{", pairs, "}")


def cell(random: random.Random) -> str:
    lines = array(random, (line(random) for _ in range(random.randrange(4))))
    items = [
        ('"cell_type"', random.choice(('"code"', '"raw"', '"\\u0063ode"'))),
        ('"source"', random.choice((lines, line(random)))),
    ]
    items += [(written_key(random), value(random)) for _ in range(random.randrange(3))]
    items += [('"outputs"', array(random, (string(random, (1, 20)) for _ in range(3))))]
    return members(random, items)


def written(random: random.Random) -> bytes:
    """The bytes of a notebook, of any shape that JSON allows, or nearly one."""
    items = [('"cells"', array(random, (cell(random) for _ in range(random.randrange(4)))))]
    items += [('"metadata"', value(random)) for _ in range(random.randrange(3))]
    items += [(written_key(random), value(random)) for _ in range(random.randrange(2))]
    text = random.choice(("", " ", "\n")) + members(random, items) + random.choice(SPACES)
    if random.random() < 0.6:  # in few lines, which are long
        text = text.replace("\n", " ")
    content = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.3:  # damage it: most of this is no JSON, and some is other JSON
        at = random.randrange(len(content))
        odd = (b"", b'"', b"\\", b"\n", b"\r", b"\0", b"]", b"[", b",", b"\xef\xbb\xbf", b"\xff")
        content = content[:at] + random.choice(odd) + content[at + random.randrange(3) :]
    return content


def whole(content: bytes) -> Notebook | None:
    """The value of all of it: None if it is no JSON, or no notebook."""
    try:
        return notebook_of(json.loads(content))
    except (ValueError, NotebookError):
        return None


def same_if_skimmed(content: bytes) -> bool | None:
    """Whether the quick way says the same as all of it; None if it says nothing."""
    document, expected = skimmed(content, LONG), whole(content)
    if document is None or expected is None:
        return None
    return repr(notebook_of(document)) == repr(expected)  # of NaN, too


def test_no_notebook_is_read_otherwise_than_by_json() -> None:
    """Of 8,000 that are written at random, some thousand are read in the quick way."""
    seen = [same_if_skimmed(written(random.Random(seed))) for seed in range(8_000)]
    assert False not in seen, f"written with seed {seen.index(False)}"
    assert seen.count(True) > 1_000


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_search_that_learns_finds_none_either(random: random.Random) -> None:
    assert same_if_skimmed(written(random)) is not False


HEADER = '"source": "# /// script"'
SHAPES = {
    "a header after outputs that end deeper": '{{"cells": [{{\n   "outputs": [\n    1\n    ],\n'
    '   {0},\n   "x": [\n   ]\n}}]}}',
    "two lists of cells": '{{"cells": [{{{0}}}], "cells": [{{"source": "", "x": "{1}"}}]}}',
    "two sources": '{{"cells": [{{"source": "{1}", {0}}}, {{{0}, "source": "{1}"}}]}}',
    "an escaped name": '{{"cells": [{{"\\u0073ource": "{1}"}}]}}',
    "a long name": '{{"cells": [{{{0}, "outputs": {{"{1}": 1}}}}]}}',
    "a long line of a source": '{{"cells": [{{"source": ["a", "{1}"]}}]}}',
    "a long string in the metadata": '{{"cells": [{{{0}}}], "metadata": {{"a": ["{1}"]}}}}',
    "outputs in the metadata": '{{"cells": [], "metadata": {{"outputs": [\n"{1}"\n]}}}}',
    "cells in an attachment": '{{"cells": [{{"attachments": {{"cells": [{{{0}}}]}}, "o": "{1}"}}'
    "]}}",
    "its number": f'{{{{"cells": [{{{{"source": ["a", {_MARK}], "outputs": "{{1}}"}}}}]}}}}',
    "an old notebook": '{{"worksheets": [{{"cells": [{{"input": "{1}"}}]}}]}}',
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("length", [LONG - 1, LONG, 100])
def test_shapes_that_mislead_do_not(shape: str, length: int) -> None:
    content = shape.format(HEADER, "x" * length).encode()
    assert whole(content) is not None
    assert same_if_skimmed(content) is not False


def plots(count: int, **dumped: Any) -> bytes:
    output = {"data": {"image/png": "iVBORw0K" * 1_000 + "\n"}, "output_type": "display_data"}
    cells = [{"cell_type": "code", "source": ["a\n"] * 20, "outputs": [output]}] * count
    return json.dumps({"cells": cells, "metadata": {}}, **dumped).encode()


@pytest.mark.parametrize("dumped", [{}, {"indent": 1}, {"indent": 2}, {"separators": (",", ":")}])
def test_plots_are_left_out_however_the_notebook_is_written(dumped: dict[str, Any]) -> None:
    content = plots(40, **dumped)
    document = skimmed(content)
    assert document is not None
    assert document["cells"][-1]["outputs"][0]["data"] == {"image/png": _MARK}
    assert notebook_of(document) == whole(content)


@pytest.mark.parametrize("content", [b"", b'"', b'{"cells": []}', b"\xff" * 9_999, b'"\\' * 9_999])
def test_what_holds_no_long_string_is_parsed_as_a_whole(content: bytes) -> None:
    assert skimmed(content) is None


@pytest.mark.parametrize(
    "unit", ["\\\\", '\\"', '"', '"",', "\n", '"\n', "x", '["', " " * 5_000 + "\n", 'x"' * 9]
)
def test_it_takes_linear_time(unit: str) -> None:
    seconds = []
    for length in (250_000, 1_000_000):
        content = ('{"' + unit * (length // len(unit)) + '"}').encode()
        times = []
        for _ in range(5):
            begin = time.thread_time()
            skimmed(content)
            times.append(time.thread_time() - begin)
        seconds.append(min(times))
    assert seconds[1] < max(10 * seconds[0], 0.002)


def test_of_very_many_strings_and_quotes_the_rest_is_parsed_as_it_is() -> None:
    long = "x" * 5_000
    html = [long, '"' * 17 + long, long]
    content = b'{"cells": [\n%b,\n%b\n]}' % (json.dumps(html).encode(), json.dumps(html).encode())
    assert skimmed(content) == {"cells": [[_MARK, *html[1:]]] * 2}
    many = json.dumps({"cells": [long, [""] * _STRINGS, long]}).encode()
    assert skimmed(many) == {"cells": [_MARK, [""] * _STRINGS, long]}
