"""Whatever a notebook says: parsing raises our own error or nothing, and uv gets plain lines."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.header import parse_header
from headstart.core.notebook import Notebook, find_header, notebook_of
from headstart.core.spec import EnvironmentSpec, spec_of
from headstart.errors import HeadstartError, NotebookError
from tests.core.factory import block, notebook

PLAIN_LINE = re.compile(r"[a-z0-9][ -~]*")
FRAGMENTS = st.sampled_from(
    ["numpy", "pandas", "dependencies", "requires-python", "=", "==", ">=", "===", "~=", "[", "]",
     "[[", "{", "}", '"', "'", '"""', "'''", ",", ";", "(", ")", "@", " ", "\n", "\n# ", "#", ".",
     "-r x", "-e .", "--index-url", "./x", "file:///x", "https://u:p@h/x", "git+ssh://x", "${X}",
     "\\", "\x00", "\ud800", "\u2028", "é", "0x", "1_0", "2026-01-31", "07:32:00", "nan", "true",
     "[tool.headstart]\n", "[tool.uv]\n", "refresh", "exclude-newer", "7 days", "python-version",
     "os_name == 'x'", " and ", " or ", "python_version < '3'", "9" * 5_000, "# ///",
     "# /// script"]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=12).map("".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["dependencies", "requires-python", "python-version", "refresh", "exclude-newer",
     "constraints", "overrides"]
)  # fmt: skip


def spec_or_none(noted: Notebook) -> EnvironmentSpec | None:
    """The notebook's spec; None if it is refused, with an error that every edge can show."""
    try:
        found = find_header(noted)
        return spec_of(parse_header(found) if found else None)
    except HeadstartError as error:
        str(error).encode("utf-8")
        return None


def check(spec: EnvironmentSpec | None) -> None:
    """What would be written for uv is one plain line a requirement, and begins with a name."""
    if spec is None:
        return
    assert len(spec.digest) == 64
    for line in (*spec.requirements, *spec.constraints, *spec.overrides):
        assert PLAIN_LINE.fullmatch(line), line
        assert not set("${}\\`") & set(line), line
        assert " @ " in line or " #" not in line, line


@settings(max_examples=400, deadline=None)
@given(source=TEXT)
def test_any_cell_is_read_or_refused(source: str) -> None:
    check(spec_or_none(notebook(source)))


@settings(max_examples=400, deadline=None)
@given(lines=st.lists(TEXT, max_size=6))
def test_any_block_is_read_or_refused(lines: list[str]) -> None:
    check(spec_or_none(notebook(block(*"\n".join(lines).split("\n")))))


@settings(max_examples=400, deadline=None)
@given(items=st.lists(TEXT, min_size=1, max_size=3), name=FIELDS)
def test_any_requirement_is_read_or_refused(items: list[str], name: str) -> None:
    check(spec_or_none(notebook(metadata={name: items})))
    check(spec_or_none(notebook(metadata={name: " ".join(items)})))
    check(spec_or_none(notebook(metadata=items)))
    check(spec_or_none(notebook(metadata=" ".join(items))))


@settings(max_examples=400, deadline=None)
@given(fields=st.one_of(JSON, st.dictionaries(FIELDS, JSON, max_size=4)))
def test_any_metadata_is_read_or_refused(fields: Any) -> None:
    check(spec_or_none(notebook(metadata=fields)))


@settings(max_examples=300, deadline=None)
@given(document=st.one_of(JSON, st.dictionaries(
    st.sampled_from(["cells", "metadata", "worksheets"]), JSON)))  # fmt: skip
def test_any_document_is_read_or_refused(document: Any) -> None:
    try:
        noted = notebook_of(document)
    except NotebookError:
        return
    check(spec_or_none(noted))
