"""One engine for panel and command line: each way to write a header, set, switched and removed."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from headstart.core.header.edit import HeaderEdit, edit_header, set_refresh
from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import Notebook, find_header
from headstart.core.refresh import RefreshMode
from headstart.core.syntax.values import REMOVE, Remove, Value
from tests.core.factory import block
from tests.core.header.test_edit_in_files import file_of, noted

TABLE = "[tool.headstart]\nrefresh = {}\n"


class Form(NamedTuple):
    """A header as it is, with ``refresh`` as true (``{}``: or false), and without the field."""

    before: str
    with_value: str
    without: str


TOML = {
    "empty block": Form("", TABLE, ""),
    "no table": Form("dependencies = ['six']\n", f"dependencies = ['six']\n\n{TABLE}",
                     "dependencies = ['six']\n"),
    "only a comment": Form("# ours\n", f"# ours\n\n{TABLE}", "# ours\n"),
    "empty table": Form("[tool.headstart]\n", TABLE, "[tool.headstart]\n"),
    "table of one field": Form(TABLE.format("true"), TABLE, ""),
    "table below": Form("dependencies = []\n\n[tool.headstart]\nrefresh = true\n",
                        f"dependencies = []\n\n{TABLE}", "dependencies = []\n"),
    "table in the middle": Form(
        f"dependencies = []\n\n{TABLE.format('false')}\n[tool.uv]\nexclude-newer = '2026-01-31'\n",
        f"dependencies = []\n\n{TABLE}\n[tool.uv]\nexclude-newer = '2026-01-31'\n",
        "dependencies = []\n\n[tool.uv]\nexclude-newer = '2026-01-31'\n"),
    "beside other fields": Form(
        "[tool.headstart]\n\ngroups = ['a']\nrefresh = true\npreload = [\n  'x', # why\n]\n",
        "[tool.headstart]\n\ngroups = ['a']\nrefresh = {}\npreload = [\n  'x', # why\n]\n",
        "[tool.headstart]\n\ngroups = ['a']\npreload = [\n  'x', # why\n]\n"),
    "indented": Form("[ tool . headstart ]\n  groups = []\n\n[tool.ruff]\nx = 1\n",
                     "[ tool . headstart ]\n  groups = []\n  refresh = {}\n\n[tool.ruff]\nx = 1\n",
                     "[ tool . headstart ]\n  groups = []\n\n[tool.ruff]\nx = 1\n"),
    "spaced": Form("[tool.headstart]\n\trefresh   =   false\n\tgroups = []\n",
                   "[tool.headstart]\n\trefresh   =   {}\n\tgroups = []\n",
                   "[tool.headstart]\n\tgroups = []\n"),
    "comment behind the value": Form("[tool.headstart]\nrefresh = false # no\ngroups = []\n",
                                     "[tool.headstart]\nrefresh = {} # no\ngroups = []\n",
                                     "[tool.headstart]\ngroups = []\n"),
    "comment above the value": Form("[tool.headstart]\n# why\nrefresh = true\ngroups = []\n",
                                    "[tool.headstart]\n# why\nrefresh = {}\ngroups = []\n",
                                    "[tool.headstart]\n# why\ngroups = []\n"),
    "comment behind the table": Form("[tool.headstart] # ours\nrefresh = true\n",
                                     "[tool.headstart] # ours\nrefresh = {}\n",
                                     "[tool.headstart] # ours\n"),
    "comment above the table": Form(f"# ours\n{TABLE.format('true')}", f"# ours\n{TABLE}",
                                    "# ours\n[tool.headstart]\n"),
    "comments in the table": Form("[tool.headstart]\n# a\n\nrefresh = true\n# b\n",
                                  "[tool.headstart]\n# a\n\nrefresh = {}\n# b\n",
                                  "[tool.headstart]\n# a\n\n# b\n"),
    "comment in an empty table": Form("[tool.headstart]\n# none\n",
                                      f"{TABLE}# none\n", "[tool.headstart]\n# none\n"),
    "comment of the next table": Form(
        f"{TABLE.format('true')}\n# of ruff\n[tool.ruff]\nx = nan\n",
        f"{TABLE}\n# of ruff\n[tool.ruff]\nx = nan\n", "# of ruff\n[tool.ruff]\nx = nan\n"),
    "dotted": Form("tool.headstart.refresh = true\n", "tool.headstart.refresh = {}\n", ""),
    "dotted, other field": Form(
        "tool . headstart.groups = []\ndependencies = []\n",
        "tool . headstart.groups = []\ntool . headstart.refresh = {}\ndependencies = []\n",
        "tool . headstart.groups = []\ndependencies = []\n"),
    "dotted, deeper field": Form("tool.headstart.env.A = 'b'\n",
                                 "tool.headstart.env.A = 'b'\ntool.headstart.refresh = {}\n",
                                 "tool.headstart.env.A = 'b'\n"),
    "dotted in a table": Form("[tool]\nheadstart.refresh = true\n",
                              "[tool]\nheadstart.refresh = {}\n", ""),
    "dotted of another tool": Form("tool.ruff.x = 1\n", f"tool.ruff.x = 1\n\n{TABLE}",
                                   "tool.ruff.x = 1\n"),
    "empty table of all tools": Form("[tool]\n", f"[tool]\n\n{TABLE}", "[tool]\n"),
    "inline table in a table": Form("[tool]\nheadstart = {refresh = true}\n",
                                    "[tool]\nheadstart = {refresh = {}}\n", ""),
    "inline table, first of two": Form("[tool]\nheadstart = {refresh = false, groups = []} # x\n",
                                       "[tool]\nheadstart = {refresh = {}, groups = []} # x\n",
                                       "[tool]\nheadstart = {groups = []} # x\n"),
    "inline table, other field": Form("tool.headstart = { groups = ['a'] }\n",
                                      "tool.headstart = { groups = ['a'], refresh = {} }\n",
                                      "tool.headstart = { groups = ['a'] }\n"),
    "empty inline table": Form("[tool]\nheadstart = {}\n", "[tool]\nheadstart = {refresh = {}}\n",
                               "[tool]\nheadstart = {}\n"),
    "inline tables": Form("tool = {headstart = {groups = [], refresh = true}, ruff = {x = 1}}\n",
                          "tool = {headstart = {groups = [], refresh = {}}, ruff = {x = 1}}\n",
                          "tool = {headstart = {groups = []}, ruff = {x = 1}}\n"),
    "inline tables, emptied": Form("dependencies = []\ntool = {headstart = {refresh = true}}\n",
                                   "dependencies = []\ntool = {headstart = {refresh = {}}}\n",
                                   "dependencies = []\n"),
    "inline table of another tool": Form("tool = {ruff = {x = 1}}\n",
                                         "tool = {ruff = {x = 1}, headstart.refresh = {}}\n",
                                         "tool = {ruff = {x = 1}}\n"),
    "quoted keys": Form("['tool'.\"headstart\"]\n\"refresh\" = true # x\n'groups' = []\n",
                        "['tool'.\"headstart\"]\n\"refresh\" = {} # x\n'groups' = []\n",
                        "['tool'.\"headstart\"]\n'groups' = []\n"),
    "table below it": Form("[tool.headstart.env]\nA = 'b'\n",
                           f"[tool.headstart.env]\nA = 'b'\n\n{TABLE}",
                           "[tool.headstart.env]\nA = 'b'\n"),
    "table with one below": Form("[tool.headstart]\nrefresh = true\n[tool.headstart.env]\nA = ''\n",
                                 "[tool.headstart]\nrefresh = {}\n[tool.headstart.env]\nA = ''\n",
                                 "[tool.headstart.env]\nA = ''\n"),
    "array of tables": Form("[[tool.ruff.x]]\na = 1\n[[tool.ruff.x]]\na = 2\n",
                            f"[[tool.ruff.x]]\na = 1\n[[tool.ruff.x]]\na = 2\n\n{TABLE}",
                            "[[tool.ruff.x]]\na = 1\n[[tool.ruff.x]]\na = 2\n"),
}  # fmt: skip

YAML = {
    "a string": Form("headstart: six #\n",
                     "headstart:\n  dependencies: six #\n  refresh: {}\n", "headstart: six #\n"),
    "a list": Form("headstart:\n- six # c\nx: 1\n",
                   "headstart:\n  dependencies:\n  - six # c\n  refresh: {}\nx: 1\n",
                   "headstart:\n- six # c\nx: 1\n"),
    "a list in brackets": Form("headstart: [six]\n",
                               "headstart:\n  dependencies: [six]\n  refresh: {}\n",
                               "headstart: [six]\n"),
    "other field": Form("headstart:\n    dependencies: |\n        six\n\nx: 1\n",
                        "headstart:\n    dependencies: |\n        six\n\n    refresh: {}\nx: 1\n",
                        "headstart:\n    dependencies: |\n        six\n\nx: 1\n"),
    "beside other fields": Form("headstart:\n  refresh: false  # why\n  dependencies: six\n",
                                "headstart:\n  refresh: {}  # why\n  dependencies: six\n",
                                "headstart:\n  dependencies: six\n"),
    "only field": Form("title: x\nheadstart:\n  refresh: true\n\nformat: html\n",
                       "title: x\nheadstart:\n  refresh: {}\n\nformat: html\n",
                       "title: x\n\nformat: html\n"),
    "comment behind the key": Form("headstart: # ours\n  refresh: true\n",
                                   "headstart: # ours\n  refresh: {}\n", "headstart: {} # ours\n"),
    "comment above the key": Form("# ours\nheadstart:\n  refresh: true\nx: 1\n",
                                  "# ours\nheadstart:\n  refresh: {}\nx: 1\n",
                                  "# ours\nheadstart: {}\nx: 1\n"),
    "comments in the object": Form("headstart:\n  # a\n  refresh: true\n  # b\nx: 1\n",
                                   "headstart:\n  # a\n  refresh: {}\n  # b\nx: 1\n",
                                   "headstart: {}\n  # a\n  # b\nx: 1\n"),
    "empty object": Form("headstart: {} # x\n", "headstart: {refresh: {}} # x\n",
                         "headstart: {} # x\n"),
    "object in brackets": Form("headstart: {dependencies: [six], refresh: true}\n",
                               "headstart: {dependencies: [six], refresh: {}}\n",
                               "headstart: {dependencies: [six]}\n"),
    "object in brackets, one field": Form("x: 1\nheadstart: {refresh: true}\n",
                                          "x: 1\nheadstart: {refresh: {}}\n", "x: 1\n"),
    "brackets on lines": Form(
        "headstart: {\n  dependencies: six,  # all\n  refresh: true  # why\n}\n",
        "headstart: {\n  dependencies: six,  # all\n  refresh: {}  # why\n}\n",
        "headstart: {\n  dependencies: six  # all\n}\n"),
    "brackets on lines, other field": Form(
        "headstart: {\n  dependencies: six  # all\n}\n",
        "headstart: {\n  dependencies: six,  # all\n  refresh: {}\n}\n",
        "headstart: {\n  dependencies: six  # all\n}\n"),
    "all in brackets": Form("{title: x, headstart: {refresh: true}}\n",
                            "{title: x, headstart: {refresh: {}}}\n", "{title: x}\n"),
    "quoted keys": Form("'headstart':\n  \"refresh\": true\n  'dependencies': six\n",
                        "'headstart':\n  \"refresh\": {}\n  'dependencies': six\n",
                        "'headstart':\n  'dependencies': six\n"),
}  # fmt: skip

METADATA = {
    "none": (None, {"refresh": ...}, None),
    "empty": ({}, {"refresh": ...}, {}),
    "string": ("six", {"dependencies": "six", "refresh": ...}, "six"),
    "list": (["six"], {"dependencies": ["six"], "refresh": ...}, ["six"]),
    "object": ({"dependencies": "six"}, {"dependencies": "six", "refresh": ...},
               {"dependencies": "six"}),
    "only field": ({"refresh": True}, {"refresh": ...}, None),
    "between": ({"env": {"A": "b"}, "refresh": False, "groups": []},
                {"env": {"A": "b"}, "refresh": ..., "groups": []},
                {"env": {"A": "b"}, "groups": []}),
    "receipt alone": ({"receipt": {"key": "x"}}, {"receipt": {"key": "x"}, "refresh": ...},
                      {"receipt": {"key": "x"}}),
}  # fmt: skip


def in_block(toml: str) -> str:
    return block(*toml.split("\n")[:-1])


PLACES = {
    "a.ipynb": lambda toml: file_of(
        ("markdown", "# Ä"), ("code", f"import x\n{in_block(toml)}\n1")
    ),
    "raw.ipynb": lambda toml: file_of(("raw", in_block(toml).replace("\n", "\r\n"))),
    "light.ipynb": lambda toml: file_of(
        ("markdown", "\n".join(["/// script", *toml.split("\n")[:-1], "///"])),
        jupytext={"text_representation": {"extension": ".py", "format_name": "light"}},
    ),
    "a.py": lambda toml: f"#!/usr/bin/env python\n\n{in_block(toml)}",
    "windows.py": lambda toml: f"\ufeff{in_block(toml)}\n\nx = 1\n".replace("\n", "\r\n"),
    "a.md": lambda toml: f"# A\n\n```{{code-cell}} python\n{in_block(toml)}\nx\n```\n",
}
"""Files with a block, by their paths."""


def commented(yaml: str) -> str:
    return "".join(f"# {line}\n" for line in yaml.splitlines())


FRONTS = {
    "a.ipynb": lambda yaml: file_of(("raw", f"---\n{yaml}---"), ("code", "1")),
    "windows.ipynb": lambda yaml: file_of(("raw", f"---\n{yaml}---\n".replace("\n", "\r\n"))),
    "a.qmd": lambda yaml: f"---\n{yaml}---\n\n# A",
    "a.py": lambda yaml: commented(f"---\n{yaml}---\n") + "\n# %%\nx = 1\n",
    "kept.md": lambda yaml: f"---\njupyter:\n{indented(yaml)}  kernelspec: {{name: x}}\n---\n",
}
"""Files with a header in front matter, by their paths."""


def indented(yaml: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in yaml.splitlines())


def is_kept(yaml: str) -> bool:
    """Whether it is a header where jupytext keeps it too: in an object, and not empty."""
    return not yaml.startswith("{") and "headstart: {}" not in yaml


def make(edit: HeaderEdit, notebook: Notebook) -> Notebook:
    """The notebook in an editor, with the edit that the panel has made in it."""
    if edit.text is not None:
        return notebook._replace(text=edit.text)
    if edit.source is not None:
        cells = [
            cell._replace(source=edit.source) if cell.position == edit.cell else cell
            for cell in notebook.cells
        ]
        return notebook._replace(cells=tuple(cells))
    rest = {key: value for key, value in notebook.metadata.items() if key != "headstart"}
    new = {} if edit.fields is None else {"headstart": edit.fields}
    return notebook._replace(metadata=rest | new)


def edited(path: str, text: str, value: bool | Remove) -> str:
    """The file as the command line edits it; the panel's edit gives the same notebook."""
    before = noted(text, path)
    edit = edit_header(before, find_header(before), "refresh", value)
    after = edit.in_file(text)
    assert noted(after, path) == make(edit, before)
    return after


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("form", TOML)
def test_a_block_is_edited(form: str, path: str) -> None:
    before, with_value, without = TOML[form]
    place = PLACES[path]
    for value in (True, False):
        after = with_value.replace("{}", str(value).lower())
        assert edited(path, place(before), value) == place(after)
    assert edited(path, place(before), REMOVE) == place(without)


@pytest.mark.parametrize("path", FRONTS)
@pytest.mark.parametrize("form", YAML)
def test_front_matter_is_edited(form: str, path: str) -> None:
    before, with_value, without = YAML[form]
    if path == "kept.md" and not is_kept(before):
        path = "a.qmd"
    place = FRONTS[path]
    for value in (True, False):
        after = with_value.replace(": {}", f": {str(value).lower()}")
        assert edited(path, place(before), value) == place(after)
    assert edited(path, place(before), REMOVE) == place(without)


@pytest.mark.parametrize("form", METADATA)
def test_the_metadata_is_edited(form: str) -> None:
    def in_notebook(metadata: object) -> str:
        more = {} if metadata is None else {"headstart": metadata}
        return file_of(("code", "1"), language="x", **more)

    before, with_value, without = METADATA[form]
    for value in (True, False):
        after = {key: value if old is ... else old for key, old in with_value.items()}
        assert json.loads(edited("a.ipynb", in_notebook(before), value)) == json.loads(
            in_notebook(after)
        )
    assert edited("a.ipynb", in_notebook(before), REMOVE) == in_notebook(without)


FILES = [
    *((path, place(form.before)) for path, place in PLACES.items() for form in TOML.values()),
    *(
        (path, place(form.before))
        for path, place in FRONTS.items()
        for form in YAML.values()
        if path != "kept.md" or is_kept(form.before)
    ),
    *(("a.ipynb", file_of(("code", "1"), headstart=form[0])) for form in METADATA.values()),
]


def switched(notebook: Notebook, mode: RefreshMode) -> Notebook:
    """The notebook in an editor whose panel has been switched."""
    after = make(set_refresh(notebook, find_header(notebook), mode), notebook)
    found = find_header(after)
    assert (parse_header(found).refresh if found else RefreshMode.CACHED) is mode
    return after


def test_the_panels_switch_goes_back_from_every_form() -> None:
    for path, text in FILES:
        on = switched(noted(text, path), RefreshMode.EPHEMERAL)
        off = switched(on, RefreshMode.CACHED)
        assert switched(off, RefreshMode.CACHED) == off
        assert str(off).count(" #") >= str(on).count(" #"), text
        switched(off, RefreshMode.EPHEMERAL)


@pytest.mark.parametrize("form", [name for name in TOML if TOML[name].before == TOML[name].without])
def test_what_the_panels_switch_adds_it_removes(form: str) -> None:
    for path, place in PLACES.items():
        notebook = noted(place(TOML[form].before), path)
        back = switched(switched(notebook, RefreshMode.EPHEMERAL), RefreshMode.CACHED)
        emptied = form in ("empty table", "empty table of all tools", "empty inline table")
        assert back == (noted(place(""), path) if emptied else notebook)


def test_what_says_the_same_already_stays_as_it_is() -> None:
    for yaml in ("headstart:\n  refresh: yes\n", "headstart: {'refresh':  True}\n"):
        text = FRONTS["a.py"](yaml)
        assert edited("a.py", text, True) == text
    text = PLACES["a.py"]("requires-python  =  '>=3.9' # x\n")
    before = noted(text, "a.py")
    edit = edit_header(before, find_header(before), "requires-python", ">=3.9")
    assert edit.text == text


@pytest.mark.parametrize(
    "before, field, value, after",
    [
        ("# c\nrequires-python = '>=3.9' # d\n\n[tool.ruff]\nx = 1\n", "requires-python", REMOVE,
         "# c\n\n[tool.ruff]\nx = 1\n"),
        ("dependencies = [ # all\n  'six', # why\n]\n[tool.ruff]\n", "dependencies", REMOVE,
         "[tool.ruff]\n"),
        ("[tool.headstart]\n\n[tool.headstart.env] # ours\nA = 'b' # c\n# d\nB = 'b'\n", "env",
         REMOVE, ""),
        ("[tool.headstart]\ngroups = []\nenv.A = 'b'\nenv.\"B.C\" = ''\n", "env", REMOVE,
         "[tool.headstart]\ngroups = []\n"),
        ("tool = {headstart.env.A = 'b', headstart.groups = [ 'a' ]}\n", "groups", ["a", "b"],
         "tool = {headstart.env.A = 'b', headstart.groups = [ 'a', 'b' ]}\n"),
        ("tool.headstart = {groups = []}\n", "preload", ["a", "b"],
         'tool.headstart = {groups = [], preload = ["a", "b"]}\n'),
    ],
)  # fmt: skip
def test_every_field_is_edited(before: str, field: str, value: Value | Remove, after: str) -> None:
    notebook = noted(PLACES["a.py"](before), "a.py")
    edit = edit_header(notebook, find_header(notebook), field, value)
    assert edit.text == PLACES["a.py"](after)
