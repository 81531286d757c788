"""Any notebook: reading it raises our own error or none, and uv gets canonical lines only."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.notebook.find import notebook_of
from headstart.errors import NotebookError
from tests.core import hostile
from tests.core.hostile import Case, check, outcome
from tests.faults.extent import times

FRAGMENTS = st.sampled_from(
    ["numpy", "pandas", "dependencies", "requires-python", "=", "==", ">=", "===", "~=", "[", "]",
     "[[", "{", "}", '"', "'", '"""', "'''", ",", ";", "(", ")", "@", " ", "\n", "\n# ", "#", ".",
     "-r x", "-e .", "--index-url", "./x", "file:///x", "https://u:p@h/x", "git+ssh://x", "${X}",
     "\\", "\x00", "\ud800", "\u2028", "é", "0x", "1_0", "2026-01-31", "07:32:00", "nan", "true",
     "[tool.headstart]\n", "[tool.uv]\n", "refresh", "exclude-newer", "7 days", "python-version",
     "os_name == 'x'", " and ", " or ", "python_version < '3'", "9" * 5_000, "# ///",
     "# /// script", "\n- ", "\n  ", ": ", "&a ", "*a", "!!str ", "|\n", "---\n", "headstart:",
     "```\n", "```{code-cell}\n", " --hash=sha256:", "a" * 64, "\\\n", "-c r.txt\n", "\r\n"]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=12).map("".join))
LINES = st.lists(TEXT, max_size=6).map("\n".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["dependencies", "requires-python", "python-version", "refresh", "exclude-newer",
     "constraints", "overrides", "requirements", "groups", "extras", "pylock", "local-extras",
     "env", "prepend-paths", "preload", "lock", "receipt"]
)  # fmt: skip
LOCK_FIELDS = st.sampled_from(
    ["version", "pylock", "requirements", "requires-python", "constraints", "overrides", "hashes",
     "exclude-newer", "until", "universal", "platform", "created"]
)  # fmt: skip


def read(case: Case) -> None:
    """Read or refuse a notebook; both are checked."""
    check(case, outcome(case))


def with_metadata(value: object) -> Case:
    return Case(hostile.Notebook(metadata={"headstart": value}))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(source=TEXT)
def test_any_cell_and_any_text_is_read_or_refused(source: str) -> None:
    for wrapper in (hostile.as_cell, hostile.as_script, hostile.as_markdown):
        read(wrapper(source))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(text=LINES)
def test_any_block_is_read_or_refused(text: str) -> None:
    for wrapper in (hostile.in_cell, hostile.in_raw_cell, hostile.in_text_cell, hostile.in_script):
        read(wrapper(text))
    read(hostile.in_markdown(text))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(text=LINES, field=FIELDS)
def test_any_front_matter_is_read_or_refused(text: str, field: str) -> None:
    for front in (f"headstart: {text}", f"headstart:\n  {field}: {text}", f"{text}\nheadstart: a"):
        read(hostile.in_front_cell(front))
        read(hostile.in_front_markdown(front))
        read(hostile.in_front_script(front))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(items=st.lists(TEXT, min_size=1, max_size=3), name=FIELDS)
def test_any_requirement_is_read_or_refused(items: list[str], name: str) -> None:
    read(with_metadata({name: items}))
    read(with_metadata({name: " ".join(items)}))
    read(with_metadata(items))
    read(with_metadata(" ".join(items)))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(fields=st.one_of(JSON, st.dictionaries(FIELDS, JSON, max_size=4)))
def test_any_metadata_is_read_or_refused(fields: Any) -> None:
    read(with_metadata(fields))
    if isinstance(fields, dict):
        read(hostile.in_front_cell(f"headstart: {json.dumps(fields)}"))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(lock=st.one_of(JSON, st.dictionaries(LOCK_FIELDS, JSON, max_size=4)), text=LINES)
def test_any_lock_in_a_notebook_is_read_or_refused(lock: Any, text: str) -> None:
    read(with_metadata({"dependencies": "a", "lock": lock}))
    if isinstance(lock, dict):
        fits = {"version": 1, "requirements": ["a"], "pylock": text.split("\n")}
        read(with_metadata({"dependencies": "a", "lock": {**lock, **fits}}))


@settings(max_examples=times(100, 400, 4_000), deadline=None)
@given(text=LINES)
def test_any_file_that_a_header_names_is_read_or_refused(text: str) -> None:
    quoted = json.dumps(text)
    read(hostile.as_requirements(text))
    read(hostile.as_requirements(f"a>=1\n{text}"))
    read(hostile.as_project(text))
    read(hostile.as_project(f"[project]\ndependencies = [{quoted}]\n[dependency-groups]\na=[]"))
    read(hostile.as_pylock(text))
    read(hostile.as_pylock(f'lock-version = "1.0"\ncreated-by = "a"\n[[packages]]\n{text}'))


@settings(max_examples=300, deadline=None)
@given(document=st.one_of(JSON, st.dictionaries(
    st.sampled_from(["cells", "metadata", "worksheets"]), JSON)))  # fmt: skip
def test_any_document_is_read_or_refused(document: Any) -> None:
    try:
        nb = notebook_of(document)
    except NotebookError:
        return
    read(Case(nb))
