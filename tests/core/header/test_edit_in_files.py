"""Fields are written into headers in every place; nothing else in the file changes."""

from __future__ import annotations

import json

import pytest

from headstart.core.header.edit import edit_header, written_dependencies
from headstart.core.notebook.find import Notebook, find_header, notebook_of
from headstart.errors import HeaderError
from tests.core.factory import block

CELL = block("dependencies = [", '    "numpy",  # arrays', "]", "", "[tool.headstart] # ours")


def file_of(*cells: tuple[str, str], **metadata: object) -> str:
    """The text of an ``.ipynb`` file; cells are kinds and sources."""
    code = {"execution_count": 7, "outputs": []}
    made = [
        {
            "cell_type": kind,
            **(code if kind == "code" else {}),
            "id": str(n),
            "metadata": {},
            "source": source.splitlines(keepends=True),
        }
        for n, (kind, source) in enumerate(cells)
    ]
    document = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def noted(text: str, path: str = "a.ipynb") -> Notebook:
    """The notebook that a file holds."""
    if path.endswith(".ipynb"):
        return notebook_of(json.loads(text), path)
    return Notebook(path=path, text=text)


def after(text: str, name: str, value: list[str] | str | bool, path: str = "a.ipynb") -> str:
    """The file after the edit; the edit's own promise is checked on the way."""
    before = noted(text, path)
    found = find_header(before)
    assert found is not None
    new = edit_header(before, found, name, value).in_file(text)
    again = find_header(noted(new, path))
    assert again is not None
    assert again.place is found.place
    if name == "dependencies":
        assert written_dependencies(again) == value
    return new


def added_lines(old: str, new: str) -> list[str]:
    """The lines that are new, if all old ones are still there, in their order."""
    rest = iter(new.splitlines())
    fresh = []
    for line in old.splitlines():
        for other in rest:
            if other == line:
                break
            fresh.append(other)
        else:
            raise AssertionError(line)
    return [*fresh, *rest]


def test_in_a_cell_one_line_is_added() -> None:
    old = file_of(("markdown", "# Ünïcode"), ("code", f"%matplotlib inline\n{CELL}\nx = 1"))
    new = after(old, "dependencies", ["numpy", "pandas>=2"])
    assert added_lines(old, new) == ['    "#     \\"pandas>=2\\",\\n",']
    new = after(old, "pylock", "pylock.a.toml")
    assert added_lines(old, new) == ['    "# pylock = \\"pylock.a.toml\\"\\n",']


def test_in_a_script_one_line_is_added() -> None:
    old = f"#!/usr/bin/env python\n{CELL}\n\n# %%\nx = 1\n".replace("\n", "\r\n")
    new = after(old, "dependencies", ["numpy", "pandas>=2"], "a.py")
    assert new == old.replace("arrays\r\n", 'arrays\r\n#     "pandas>=2",\r\n')


def test_in_a_cell_of_markdown_one_line_is_added() -> None:
    old = f"# Title\n\n```{{code-cell}} python\n{CELL}\nx = 1\n```\n"
    new = after(old, "dependencies", ["numpy", "pandas>=2"], "a.md")
    assert new == old.replace("arrays\n", 'arrays\n#     "pandas>=2",\n')


@pytest.mark.parametrize(
    "old, path",
    [
        ("---\ntitle: x\nheadstart:\n  dependencies:\n  - numpy\n---\n\ntext\n", "a.qmd"),
        ("# ---\n# headstart:\n#   dependencies:\n#   - numpy\n# ---\n\n# %%\n", "a.py"),
        ("---\njupyter:\n  headstart:\n    dependencies:\n      - numpy\n---\n", "a.md"),
        ("---\nheadstart:\n- numpy\n---\n", "a.Rmd"),
        (file_of(("raw", "---\nheadstart:\n- numpy\n---"), ("code", "1")), "a.ipynb"),
    ],
)
def test_in_front_matter_one_line_is_added(old: str, path: str) -> None:
    new = after(old, "dependencies", ["numpy", "pandas>=2"], path)
    line = next(line for line in old.splitlines() if "- numpy" in line)
    assert added_lines(old, new) == [line.replace("numpy", "pandas>=2")]


def test_in_the_metadata_one_line_is_added() -> None:
    kept = {"dependencies": ["numpy"], "lock": {"version": 1}}
    old = file_of(("code", "1"), headstart=kept)
    new = after(old, "dependencies", ["numpy", "pandas>=2"])
    assert added_lines(old.replace('"numpy"', '"numpy",'), new) == ['    "pandas>=2"']


def test_metadata_that_is_dependencies_alone_keeps_its_form() -> None:
    old = file_of(("code", "1"), headstart="numpy")
    assert after(old, "dependencies", "numpy pandas") == old.replace('"numpy"', '"numpy pandas"')
    new = json.loads(after(old, "pylock", "p.toml"))
    assert new["metadata"]["headstart"] == {"dependencies": "numpy", "pylock": "p.toml"}


def test_a_header_that_cannot_be_edited_says_where_and_what_to_write() -> None:
    old = file_of(("code", block("tool = {headstart = [1]}")))
    with pytest.raises(HeaderError, match="cell 1, line 2 cannot be edited") as caught:
        after(old, "pylock", "p.toml")
    assert caught.value.hint == "Change pylock there yourself."


def test_a_header_without_dependencies_gets_them() -> None:
    old = file_of(("code", block("# none yet")))
    assert added_lines(old, after(old, "dependencies", ["numpy"])) == [
        '    "# dependencies = [\\n",',
        '    "#     \\"numpy\\",\\n",',
        '    "# ]\\n",',
    ]
