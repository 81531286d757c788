"""Reading a header takes linear time, wherever it is and whatever repeats in it."""

from __future__ import annotations

import json

import pytest

from tests.core import hostile
from tests.core.hostile import Case, Wrapper, least_seconds_of, outcome, without_collection
from tests.effort import effort

KIB = 1024
FLOOR = 0.002
"""Seconds below which a clock says nothing of how time grows."""

REPEATED = {
    "dots": "a.", "hyphens": "a-", "brackets": "a[", "parentheses": "a(", "spaces": " ",
    "tabs": "a\t", "words": "a ", "commas": ",", "operators": "a>=", "bounds": ",>=1",
    "spaced bounds": " >= 1 ,", "at": "a @ ", "hashes": " --hash=sha256:" + "ab" * 32,
    "lines": "a\n", "empty lines": "\n", "backslashes": "a\\\n", "comments": " #",
    "semicolons": "a;", "separators": "\u2028", "quotes": "'\"", "digits": "9",
    "escapes": "\\u0041", "indents": "\n  ",
    "keys": "a: ", "items": "- a\n", "anchors": "- &a b\n", "tags": "!!str a,", "flow": "[a,",
    "braces": "{a: ", "rules": "---\n", "tables": "[a]\n", "arrays": "[[tool.x]]\n",
    "dotted": "a.b.c = 1\n", "fences": "```\n", "cells": "```python\n", "raw": "<!-- #raw -->\n",
    "openings": "# /// script\n", "closings": "# ///\n", "others": "# /// other\n",
    "strings": '"""\n', "open strings": "'''a\\\n", "magics": "%%time\n", "assignments": "x = ",
    "commands": "!cat <<EOF\n", "here-documents": "!cat <<EOF\nEOF\n",
    "near openings": "#/// script\n", "other openings": "# /// Script\n",
    "indented openings": " # /// script\n#\n", "odd slashes": "# \uff0f script\n",
    "options": "-r r.txt\n", "surrogates": "\ud800",
}  # fmt: skip
TOML = ("{}", "dependencies = {}", 'dependencies = ["{}"]', 'requires-python = "{}"')
YAML = ("{}", "headstart: {}", "headstart: |\n  {}", "headstart: [{}]")
WRAPPERS = {
    hostile.in_cell: TOML,
    hostile.in_script: TOML[:1],
    hostile.in_text_cell: TOML[:1],
    hostile.in_front_cell: YAML,
    hostile.in_front_markdown: YAML[:1],
    hostile.in_metadata: ("{}",),
    hostile.as_cell: ("{}", '"""a"""\n{}\n# /// script'),
    hostile.as_script: ("{}",),
    hostile.as_markdown: ("{}",),
    hostile.as_requirements: ("{}",),
    hostile.as_project: ("{}", '[dependency-groups]\na = ["{}"]', "[project]\ndependencies = {}"),
    hostile.as_pylock: ("{}", 'lock-version = "1.0"\ncreated-by = "a"\npackages = [{}]'),
    hostile.as_notebook_lock: ("{}",),
}
"""Each with the text around the repeated one."""


@pytest.mark.parametrize("unit", REPEATED.values(), ids=REPEATED)
@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.__name__)
def test_four_times_the_text_takes_four_times_as_long(wrapper: Wrapper, unit: str) -> None:
    """Quadratic would be sixteen times. A limit may refuse the longer one, and sooner."""
    with without_collection():
        for around in WRAPPERS[wrapper]:
            short, long = (
                wrapper(around.format(unit * (length // len(unit))))
                for length in (12 * KIB, 48 * KIB)
            )
            allowed = max(8 * least_seconds_of(short, 0), FLOOR)
            assert least_seconds_of(long, allowed, 5) <= allowed, around


def listed(*fields: list[str]) -> Case:
    """Metadata with lists of requirements."""
    names = ("dependencies", "constraints", "overrides")
    return hostile.in_metadata(json.dumps(dict(zip(names, fields, strict=False))))


def markers(count: int, length: int) -> list[str]:
    """Requirements whose markers differ."""
    terms = " and ".join(["os_name=='x'"] * (length // 18))
    return [f"a; {terms} or os_name=='{number}'" for number in range(count)]


def group(number: int) -> str:
    """A dependency group that includes all that follow."""
    included = (f"{{include-group='g{other}'}}" for other in range(number + 1, 45))
    return f"g{number}=[{','.join(included)}]\n"


QUOTED = '"a"'
WORST = {
    "one name": listed([f"a!=1.0.{number}" for number in range(300)]),
    "one name, many bounds": listed(
        ["a" + ",".join(f"!=1.{bound}.{number}" for bound in range(20)) for number in range(280)]
    ),
    "long markers": listed(markers(64, 900)),
    "markers everywhere": listed(*[markers(60, 300)] * 3),
    "many extras": listed([f"a[{','.join(f'e{n}' for n in range(180))}]"] * 60),
    "parentheses": listed(["a; " + "(" * 20 + "os_name=='x'" + ")" * 20] * 300),
    "a file of one name": hostile.as_requirements(
        "".join(f"a!={number}\n" for number in range(999))
    ),
    "a file of markers": hostile.as_requirements("\n".join(markers(70, 850))),
    "a file of hashes": hostile.as_requirements(
        "a" + "".join(f" --hash=sha256:{number:064x}" for number in range(11_000))
    ),
    "files in files": Case(
        hostile.as_requirements("").notebook,
        {"r.txt": b"-r 0", **{f"{n}": f"-r {n + 1}\n-r {n + 2}\n".encode() for n in range(100)}},
    ),
    "one file again and again": hostile.as_requirements("-r more.txt\n" * 50_000),
    "groups in groups": hostile.as_project(
        "[project]\n[project.optional-dependencies]\nb=[]\n[dependency-groups]\n"
        "a=[{include-group='g0'}]\n" + "".join(map(group, range(45)))
    ),
    "extras of extras": hostile.as_project(
        "[project]\nname='p'\n[project.optional-dependencies]\nb=['p[e0]']\n"
        + "".join(
            f"e{n}=['p[{','.join(f'e{m}' for m in range(n + 1, min(n + 60, 200)))}]']\n"
            for n in range(200)
        )
    ),
    "tables in tables": hostile.in_cell(
        "".join(f"tool.{'.'.join('abcdefghij' * 5)}.k{n}=1\n" for n in range(500))
    ),
    "values of YAML": hostile.in_front_cell(f"headstart: a\nb: [{'a,' * 30_000}]"),
    "digits": hostile.in_cell(f"a = {'9' * 60_000}"),
    "parts of a key": hostile.in_cell(f"{'.'.join(['a'] * 20_000)} = 1"),
    "quoted parts of a key": hostile.in_cell(f"{'.'.join([QUOTED] * 15_000)} = 1"),
    "cells": Case(hostile.Notebook(tuple(
        hostile.Cell(number, "code", "# /// other\n# ///") for number in range(20_000)))),
}  # fmt: skip


@pytest.mark.parametrize("case", WORST.values(), ids=WORST)
def test_the_worst_that_is_known_is_little_work(case: Case) -> None:
    """Less than a tenth of a second on a machine of today that has nothing else to do."""
    outcome(case)
    assert effort(lambda: outcome(case)) < 25
