"""Inline script metadata (PEP 723): the specification's examples, and its reference implementation.

We are stricter where it would let a header go unseen: a block without an end, and a line that
nearly opens one, are errors.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.notebook.find import FoundHeader, Notebook, find_header
from headstart.errors import DuplicateHeader, HeaderError
from tests.core.factory import header_of, notebook

# The specification's "canonical regular expression". It is not used outside tests, for it takes
# quadratic time.
REGEX = re.compile(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$", re.MULTILINE
)

EXAMPLE = """\
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
#   "rich",
# ]
# ///

import requests
from rich.pretty import pprint
"""

EMBEDDED = '''\
# /// some-toml
# embedded-csharp = """
# /// <summary>
# /// text
# ///
# /// </summary>
# public class MyClass { }
# """
# ///
'''

LINES = st.sampled_from(
    ["# /// script", "# /// script", "# ///", "# ///", "# /// other", "# /// <summary>", "#", "# ",
     "# a = 1", '# """', "#x", "x = 1", "", "# /// script ", "#/// script", " # ///", "# /// ",
     "# ///x", "## ///", "# /// scr ipt", "# é"]
)  # fmt: skip


def reference(source: str) -> list[str]:
    """The content of each script block, as the specification's reference implementation has it."""
    return [
        "".join(
            line[2:] if line.startswith("# ") else line[1:]
            for line in match["content"].splitlines(keepends=True)
        )
        for match in REGEX.finditer(source)
        if match["type"] == "script"
    ]


def found_or_error(source: str) -> FoundHeader | HeaderError | None:
    try:
        return find_header(notebook(source))
    except HeaderError as error:
        return error


def test_the_example_of_the_specification() -> None:
    found = find_header(notebook(EXAMPLE))
    assert found is not None
    assert [found.text] == reference(EXAMPLE)
    header = header_of(notebook(EXAMPLE))
    assert [item.canonical for item in header.requirements] == ["requests<3", "rich"]
    assert header.requires_python == ">=3.11"


def test_a_block_ends_at_the_last_closing_line_of_its_comment() -> None:
    source = EMBEDDED.replace("some-toml", "script")
    found = find_header(notebook(source))
    assert found is not None
    assert [found.text] == reference(source)
    assert "public class MyClass" in tomllib.loads(found.text)["embedded-csharp"]


def test_blocks_of_other_types_are_not_read() -> None:
    assert find_header(notebook(EMBEDDED)) is None
    assert find_header(notebook(EXAMPLE.replace("/// script", "/// script-2"))) is None


def test_two_blocks_of_the_type_are_an_error() -> None:
    with pytest.raises(DuplicateHeader):
        find_header(notebook(EXAMPLE + EXAMPLE))


def test_the_text_of_the_specification_takes_precedence_over_its_regular_expression() -> None:
    """A block without a line between its two is a block, which the expression does not match."""
    source = "# /// script\n# ///\n"
    assert reference(source) == []
    found = find_header(notebook(source))
    assert found is not None
    assert found.text == ""


@pytest.mark.parametrize("line", ["#/// script", "# ///script", "#  /// script", "# /// script "])
def test_a_line_that_nearly_opens_a_block_is_an_error_and_not_passed_over(line: str) -> None:
    source = EXAMPLE.replace("# /// script", line)
    assert reference(source) == []
    assert isinstance(found_or_error(source), HeaderError)


NEARLY = {
    "# /// Script": "capital letters",
    "# /// SCRIPT": "capital letters",
    "    # /// script": "is indented",
    "\t# ///script": "is indented",
    "# ///\u00a0script": "U+00A0",
    "\u200b# /// script": "U+200B",
    "# /\u2060// script": "U+2060",
    "# \uff0f\uff0f\uff0f script": "U+FF0F",
    "# // script": "its signs",
    "# //// script": "its signs",
    "## /// script": "its signs",
    "# /// script ///": "its signs",
    "/// script": "its signs",
    "# /// script  # My packages": "a comment follows it",
}


@pytest.mark.parametrize("kind", ["code", "raw", "text"])
@pytest.mark.parametrize("line, why", NEARLY.items(), ids=map(ascii, NEARLY))
def test_a_line_that_people_read_as_an_opening_is_an_error_that_names_it(
    line: str, why: str, kind: str
) -> None:
    source = "x = 1\n\n" + EXAMPLE.replace("# /// script", line)
    assert reference(source) == []
    nb = Notebook(text=source, path="n.py") if kind == "text" else notebook(source, kind=kind)
    with pytest.raises(HeaderError, match=r"(In cell 1, l|In l)ine 3.*: The line looks like") as e:
        find_header(nb)
    assert why in e.value.message
    assert e.value.details["line"] == 3


@pytest.mark.parametrize(
    "line",
    ["# /// ", "# ///\t", " # ///", "#///", "# ////", "#  ///", "\u200b# ///", "# ///\u00a0",
     "///", "## ///", "# //"],
    ids=ascii,
)  # fmt: skip
def test_a_line_that_people_read_as_a_closing_is_named(line: str) -> None:
    lines = EXAMPLE.splitlines()
    lines[lines.index("# ///")] = line
    with pytest.raises(HeaderError, match="In cell 1, line 7: The line nearly ends") as caught:
        find_header(notebook("\n".join(lines)))
    assert '"# ///"' in caught.value.hint


@pytest.mark.parametrize(
    "source",
    [
        "# /// Script\n# is what opens a header",
        "# /// Script\n\n# dependencies = []",
        "# /// Scripts\n# dependencies = []",
        "# //// script 2\n# dependencies = []",
        "// script.js\ndependencies = 1",
        "url = 'sqlite:///script'\n# dependencies = []",
        "# see file:///script\n# dependencies = []",
        "'''\n  # /// script\n  # dependencies = []\n  # ///\n'''",
        "%%writefile a.py\n# /// Script\n# dependencies = []",
        "/// script",
        "\u00e9 # Script: / //",
    ],
)
def test_what_only_resembles_an_opening_is_left_alone(source: str) -> None:
    assert find_header(notebook(source)) is None


def test_a_near_miss_in_a_notebook_with_a_header_is_no_error() -> None:
    nearly = EXAMPLE.replace("script", "Script")
    assert find_header(notebook(EXAMPLE, nearly)) == find_header(notebook(EXAMPLE))
    found = find_header(notebook(nearly, metadata={"dependencies": "six"}))
    assert found is not None
    assert [text for text in found.warnings if "In cell 1, line 1: The line looks" in text]


@settings(max_examples=1500, deadline=None)
@given(lines=st.lists(LINES, max_size=14))
def test_what_the_reference_reads_is_read_and_nothing_else(lines: list[str]) -> None:
    source = "\n".join(lines)
    expected, found = reference(source), found_or_error(source)
    if isinstance(found, FoundHeader) and found.text:
        assert [found.text] == expected
    elif len(expected) > 1:
        assert isinstance(found, HeaderError)
    elif expected:
        # Refused for another line that would open a header, or nearly does.
        assert isinstance(found, HeaderError)
        assert len(re.findall(r"(?m)^#[ \t]*/// ?script[ \t]*$", source)) > 1


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=14))
def test_line_endings_make_no_difference(lines: list[str]) -> None:
    unix, windows = (found_or_error(end.join(lines)) for end in ("\n", "\r\n"))
    assert type(unix) is type(windows)
    if isinstance(unix, FoundHeader) and isinstance(windows, FoundHeader):
        assert (unix.text, unix.line) == (windows.text, windows.line)
