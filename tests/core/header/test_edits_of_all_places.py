"""Whatever the place and the layout: what is added and removed again leaves no trace."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.header.edit import edit_header, written_dependencies
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import Header
from headstart.core.notebook.find import Notebook, find_header
from headstart.core.requirements.edits import added, removed
from headstart.core.requirements.string_list import rewritten, texts_of
from headstart.errors import HeadstartError
from tests.core.factory import block
from tests.core.header.test_edit_in_files import file_of, noted
from tests.core.test_corpus import Mutator

ITEMS = st.lists(
    st.sampled_from(["numpy", "pandas>=2,<3", "Zope.x[a]", "b; os_name == 'nt'"]),
    min_size=1,
    unique=True,
)
LISTS = st.sampled_from(
    [
        "[{0}]",
        "[ {0}, ]",
        "[\n{1}\n]",
        "[\n{1},\n]",
        "[ # all\n{1}, # last\n  # more\n]",
        "[{0},\n]",
    ]
)


@st.composite
def toml(draw: st.DrawFn) -> str:
    """A block with dependencies in some layout."""
    quoted = [f'"{item}"' for item in draw(ITEMS)]
    gap = draw(st.sampled_from([",\n    ", ", # why\n  ", " ,\n\n\t"]))
    layout = draw(LISTS).format(", ".join(quoted), "    " + gap.join(quoted))
    more = draw(st.sampled_from(["", "\n\n[tool.headstart]\nrefresh = true # x"]))
    return block(*f"requires-python = '>=3.9'\ndependencies = {layout}{more}".split("\n"))


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """The path and the text of a file with a header, in each of the places."""
    match draw(st.integers(0, 5)):
        case 0:
            return "a.ipynb", file_of(("code", f"import x\n{draw(toml())}\nx"), ("code", "é"))
        case 1:
            return "a.py", f"# x\n\n{draw(toml())}\nimport x\n"
        case 2:
            return "a.md", f"# x\n```{{code-cell}}\n{draw(toml())}\n```\n"
        case 3:
            rows = "".join(f"    - {item}  # why\n" for item in draw(ITEMS))
            return "a.qmd", f"---\nheadstart:\n  dependencies:\n{rows}x: 1\n---\ntext\n"
        case 4:
            return "a.ipynb", file_of(("code", "x"), headstart={"dependencies": draw(ITEMS)})
        case _:
            signs = draw(st.sampled_from(["\n", " # x\n"]))
            return "a.ipynb", file_of(("code", "x"), headstart=signs.join(draw(ITEMS)))


def edited(path: str, text: str, *, add: str = "", remove: str = "") -> str:
    notebook = noted(text, path)
    found = find_header(notebook)
    assert found is not None
    old = written_dependencies(found)
    texts = added(texts_of(old), [add]) if add else removed(texts_of(old), [remove])
    new = edit_header(notebook, found, "dependencies", rewritten(old, texts)).in_file(text)
    again = find_header(noted(new, path))
    assert again is not None
    assert texts_of(written_dependencies(again)) == texts
    return new


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@given(file=files(), new=st.sampled_from(["altair", "mmm>=1", "zzz; os_name == 'nt'"]))
def test_what_is_added_and_removed_again_leaves_no_trace(
    ending: str, file: tuple[str, str], new: str
) -> None:
    path, text = file[0], file[1].replace("\n", ending)
    after = edited(path, text, add=new)
    assert after != text
    assert edited(path, after, remove=new.partition(";")[0].partition(">")[0]) == text


MUTANTS = 1500


def file_with(notebook: Notebook) -> str:
    """The text of a file that holds a notebook."""
    if notebook.text is not None:
        return notebook.text
    cells = [{"cell_type": one.kind, "source": one.source} for one in notebook.cells]
    return json.dumps({"cells": cells, "metadata": dict(notebook.metadata)})


def test_odd_headers_are_edited_rightly_or_refused() -> None:
    mutator, done = Mutator(4), 0
    for _ in range(MUTANTS):
        place, text = mutator.mutant()
        try:
            notebook = place(text).notebook
            found = find_header(notebook)
            before = parse_header(found) if found else None
            if found is None or before is None:
                continue
            old = written_dependencies(found)
            texts = added(texts_of(old), ["zzz>=1"])
            edit = (found, "dependencies", rewritten(old, texts))
            new = edit_header(notebook, *edit).in_file(file_with(notebook))
        except HeadstartError:
            continue
        again = find_header(noted(new, notebook.path or "a.ipynb"))
        assert again is not None
        assert texts_of(written_dependencies(again)) == texts
        assert rest_of(parse_header(again)) == rest_of(before), text
        done += 1
    assert done > MUTANTS / 4


def rest_of(header: Header) -> dict[str, object]:
    """What a header says, but for its dependencies."""
    return {**header.to_json(), "requirements": None}
