"""Headers of text notebooks, in their own text and in the cells that jupytext makes of them."""

from __future__ import annotations

import jupytext
import pytest

from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import (
    FoundHeader,
    HeaderPlace,
    Notebook,
    find_header,
    notebook_of,
)
from headstart.core.notebook.jupytext import is_text_notebook
from headstart.errors import HeaderError
from tests.core.factory import block
from tests.effort import effort

BLOCK = block(
    "dependencies = [  # all", '  "numpy",', "", "]", "", "[tool.headstart]", "refresh = true"
)
MYST = (
    "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n"
    "  notebook_metadata_filter: headstart\n{}---\n\n# A\n"
)

KERNEL = "kernelspec:\n  name: python3\n  display_name: P\n  language: python\n"
OURS = "headstart:\n  dependencies: numpy\n  refresh: true\n"


def indented(yaml: str) -> str:
    return "".join(f"  {line}\n" for line in yaml.splitlines())


JUPYTER = f"jupyter:\n{indented(KERNEL)}"


def commented(yaml: str) -> str:
    return "".join(f"# {line}\n" for line in yaml.splitlines())


NOTEBOOKS = {
    "percent.py": (f"{BLOCK}\n\n# %%\nimport numpy\n", 2),
    "cell.py": (f"# %%\nimport os\n\n# %%\n{BLOCK}\n\n# %%\nimport numpy\n", 6),
    "raw.py": (f"# %% [raw]\n{BLOCK}\n\n# %%\nimport numpy\n", 3),
    "light.py": (f"{BLOCK}\n\nimport numpy\n\nx = 1\n", 2),
    "script.py": (f"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n{BLOCK}\nimport numpy\n", 4),
    "remark.py": (f"# A remark\n#\n{BLOCK}\n# and one more\n\nimport numpy\n\nx = 1\n", 4),
    "windows.py": (f"{BLOCK}\n\n# %%\nimport numpy\n".replace("\n", "\r\n"), 2),
    "mark.py": (f"\ufeff{BLOCK}\n\n# %%\nimport numpy\n", 2),
    "both.py": (commented(f"---\n{JUPYTER}---") + f"\n{BLOCK}\n\n# %%\nx\n", 10),
    "yaml.py": (commented(f"---\ntitle: x\n{OURS}{JUPYTER}---") + "\n# %%\nimport numpy\n", 2),
    "bang.py": ("#!/bin/python\n" + commented(f"---\n{OURS}---") + "\n# %%\nimport numpy\n", 3),
    "kept.py": (commented(f"---\n{JUPYTER}{indented(OURS)}---") + "\n# %%\nx\n", 2),
    "myst.md": (MYST.format(OURS + KERNEL) + "\n```{code-cell} ipython3\nimport numpy\n```\n", 2),
    "cell.myst": (MYST.format(KERNEL) + f"\n```{{code-cell}}\n:tags: [x]\n\n{BLOCK}\n```\n", 19),
    "front.md": (f"---\n{OURS}{JUPYTER}---\n\n# A\n\n```python\nimport numpy\n```\n", 2),
    "fence.md": (f"# A\n\n```python\n{BLOCK}\n```\n", 5),
    "raw.md": (f"# A\n\n<!-- #raw -->\n{BLOCK}\n<!-- #endraw -->\n\n```python\nx\n```\n", 5),
    "r.Rmd": (f"---\ntitle: x\n{OURS}---\n\n# A\n\n```{{python}}\nimport numpy\n```\n", 2),
    "fence.Rmd": (f"# A\n\n```{{python}}\n{BLOCK}\n```\n", 5),
}  # fmt: skip


def seen_as_text(name: str) -> FoundHeader:
    found = find_header(Notebook(path=name, text=NOTEBOOKS[name][0]))
    assert found is not None
    return found


def seen_as_cells(name: str) -> FoundHeader:
    """As in a server with jupytext, or where jupytext runs the notebook."""
    text, suffix = NOTEBOOKS[name][0], "." + name.rpartition(".")[2]
    found = find_header(notebook_of(jupytext.reads(text.removeprefix("\ufeff"), fmt=suffix)))
    assert found is not None
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_text_and_its_cells_have_the_same_header(name: str) -> None:
    for found in (seen_as_text(name), seen_as_cells(name)):
        header = parse_header(found)
        assert [each.canonical for each in header.requirements] == ["numpy"]
        assert header.refresh.value == "ephemeral"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_line_is_that_of_the_file(name: str) -> None:
    found, (text, line) = seen_as_text(name), NOTEBOOKS[name]
    assert (found.cell, found.line) == (None, line)
    first = found.text.split("\n")[0]
    assert text.replace("\r", "").split("\n")[line - 1] == (found.prefix + first).rstrip()


def test_places_are_told_apart() -> None:
    places = {name: seen_as_text(name).place for name in NOTEBOOKS}
    assert places["light.py"] is places["fence.md"] is HeaderPlace.TEXT
    assert places["yaml.py"] is places["myst.md"] is HeaderPlace.FRONT_MATTER
    assert places["kept.py"] is HeaderPlace.METADATA
    assert seen_as_cells("light.py").prefix == ""
    assert seen_as_cells("percent.py").prefix == "# "


@pytest.mark.parametrize(
    "name, text",
    [("a.md", f"# A\n\n```toml\n{BLOCK}\n```\n\n{BLOCK}\n"),
     ("a.md", f"````markdown\n```python\n{BLOCK}\n```\n````\n"),
     ("a.md", f"```python .noeval\n{BLOCK}\n```\n"),
     ("a.md", f"```{{code-cell}}\nx\n```\n\n```python\n{BLOCK}\n```\n"),
     ("a.Rmd", f"```{{r}}\n{BLOCK}\n```\n"),
     ("a.qmd", f"```{{python}}\n%%bash\n{BLOCK}\n```\n"),
     ("a.py", "# %% [markdown]\n" + commented(BLOCK)),
     ("a.py", "import os\n\n" + commented(f"---\n{OURS}---"))],
)  # fmt: skip
def test_what_is_only_shown_is_no_header(name: str, text: str) -> None:
    assert find_header(Notebook(path=name, text=text)) is None


def test_a_cell_of_text_is_a_header_only_where_the_file_has_a_comment() -> None:
    cells = [{"cell_type": "markdown", "source": "/// script\ndependencies = ['numpy']\n///"}]

    def has_header(metadata: object) -> bool:
        return find_header(notebook_of({"cells": cells, "metadata": metadata})) is not None

    assert has_header({"jupytext": {"formats": "ipynb,py:light"}})
    for formats in ("ipynb,md", None, 3):
        assert not has_header({"jupytext": {"formats": formats}})
    assert not has_header({})


@pytest.mark.parametrize(
    "text, line",
    [("x = 1\n\n# /// script\n# dependencies = [\nimport os\n", 3), ("\n# ///script\n# ///\n", 2),
     ("# ---\n# title: x\n# headstart: [\n# ---\n", 3)],
)  # fmt: skip
def test_an_error_names_the_line_of_the_file(text: str, line: int) -> None:
    with pytest.raises(HeaderError, match=f"In line {line} of the notebook: "):
        find_header(Notebook(path="a.py", text=text))


def test_an_error_of_a_requirement_names_the_line_of_the_file() -> None:
    text = "import os\n\n" + block("dependencies = [", '  "numpy",', '  "-r x",', "]")
    found = find_header(Notebook(path="a.py", text=text))
    assert found is not None
    with pytest.raises(HeaderError, match="line 6 of the notebook: "):
        parse_header(found)


def test_a_header_that_jupytext_would_drop_is_warned_of() -> None:
    kept = NOTEBOOKS["myst.md"][0]
    dropped = kept.replace("  notebook_metadata_filter: headstart\n", "")
    for text, warnings in ((kept, 0), (dropped, 1)):
        node = jupytext.reads(text, fmt=".md")
        assert ("headstart:" in jupytext.writes(node, fmt=".md")) is (not warnings)
        for nb in (Notebook(path="a.md", text=text), notebook_of(node)):
            found = find_header(nb)
            assert found is not None
            assert len(found.warnings) == warnings


def test_text_notebooks_are_known_by_their_suffix() -> None:
    assert all(map(is_text_notebook, ("a.py", "b/c.Rmd", "x.y.QMD", "a.md", "n.myst")))
    assert not any(map(is_text_notebook, ("a.ipynb", "py", ".py", "a.py/b", "a.txt", "")))


@pytest.mark.parametrize(
    "line", ["```python\nx = 1 # /// script\n```\n", "````\n", "```python\n", "<!-- #raw -->\n"]
)
def test_a_long_text_takes_linear_time(line: str) -> None:
    text = line * 20_000 + "# /// script is how one begins\n"

    assert find_header(Notebook(path="a.md", text=text)) is None
    assert effort(lambda: find_header(Notebook(path="a.md", text=text)), rounds=1) < 150
