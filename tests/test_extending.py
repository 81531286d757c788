"""The examples of docs/extending.md do what the page says, in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.isolation import remove_tree

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/extending.md").read_text("utf-8")
BIN = Path(sys.executable).parent
STEP = re.compile(
    r"^\d+\. `([\w./]+)`[^\n]*\n\n   ```(\w+)\n(.*?)^   ```$", re.MULTILINE | re.DOTALL
)
ROW = re.compile(r"^\| \[([^]]+)\]\([^)]*\) \| (\d+) \| (\d+) \|$", re.MULTILINE)
OUTSIDE = ("README.md", "docs/", "tests/")


class Step(NamedTuple):
    """One file that is touched, and how: an edit if ``language`` is ``diff``, else all of it."""

    path: str
    language: str
    text: str


def section(title: str) -> str:
    heading = f"\n## {title[0].upper()}{title[1:]}\n"
    assert heading in PAGE
    return PAGE.partition(heading)[2].partition("\n## ")[0]


def steps(title: str) -> list[Step]:
    found = STEP.findall(section(title))
    return [
        Step(path, kind, re.sub("^   ", "", text, flags=re.MULTILINE)) for path, kind, text in found
    ]


def matches(line: str, quoted: str) -> bool:
    return line.startswith(quoted[:-1]) if quoted.endswith("…") else line == quoted


def edited(text: str, diff: str) -> str:
    """The text after an edit, whose quoted lines it has exactly once."""
    lines = text.split("\n")
    for hunk in diff.rstrip("\n").split("\n@@\n"):
        changes = [(line[:1] or " ", line[1:]) for line in hunk.split("\n")]
        quoted = [quote for sign, quote in changes if sign != "+"]
        starts = [
            start
            for start in range(len(lines) - len(quoted) + 1)
            if all(map(matches, lines[start:], quoted))
        ]
        assert len(starts) == 1, f"{len(starts)} times in the file: {quoted}"
        [start] = starts
        old, new = iter(lines[start:]), []
        for sign, change in changes:
            line = change if sign == "+" else next(old)
            if sign != "-":
                new.append(line)
        lines[start : start + len(quoted)] = new
    return "\n".join(lines)


def left_out(folder: str, names: list[str]) -> set[str]:
    """What of a folder is not copied: what was made of the sources, and what is no part of them."""
    made = {"node_modules", "lib", "build"} if Path(folder) == ROOT / "labextension" else set()
    hidden = {name for name in names if name.startswith(".") and Path(folder, name).is_dir()}
    return made | hidden | {".git"}


class Tree:
    """A copy of the tree, in which programs run instead of in the real one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT, root, ignore=left_out, dirs_exist_ok=True)

    def extend(self, title: str) -> None:
        """Do what a section of the page says."""
        for path, language, text in steps(title):
            file = self.root / path
            assert file.exists() is (language == "diff"), path
            file.parent.mkdir(parents=True, exist_ok=True)
            new = edited(file.read_text("utf-8"), text) if language == "diff" else text
            file.write_text(new, "utf-8")
        python = [path for path, *_ in steps(title) if path.endswith(".py")]
        if python:
            self.call(BIN / "ruff", "check", "--no-cache", *python)
            self.call(BIN / "ruff", "format", "--no-cache", "--check", *python)
        self.call(BIN / "lint-imports", "--no-cache")

    def call(self, *command: str | Path, code: int = 0, folder: str = "", **environ: str) -> str:
        """What a program prints that ends with this exit code."""
        variables = {**os.environ, "PYTHONPATH": str(self.root / "provisioner"), **environ}
        ended = subprocess.run(
            command, cwd=self.root / folder, env=variables, capture_output=True, text=True
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stdout

    def run(self, module: str, *arguments: str, code: int = 0, **environ: str) -> str:
        """What a module prints that is run as a program."""
        return self.call(sys.executable, "-m", module, *arguments, code=code, **environ)

    def python(self, program: str, **environ: str) -> Any:
        """The JSON that a program prints."""
        return json.loads(self.call(sys.executable, "-c", program, **environ))

    def test(self, *paths: str) -> None:
        """Run the copy's own tests."""
        self.run("pytest", "-q", "-p", "no:cacheprovider", *paths)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    yield Tree(tmp_path)
    remove_tree(tmp_path)  # pytest keeps it otherwise, for three sessions


@pytest.mark.parametrize("title, sources, others", ROW.findall(PAGE), ids=lambda cell: cell)
def test_a_section_touches_as_many_files_as_the_table_says(
    title: str, sources: str, others: str
) -> None:
    paths = [step.path for step in steps(title)]
    assert len(set(paths)) == len(paths)
    outside = [path for path in paths if path.startswith(OUTSIDE)]
    assert (len(paths) - len(outside), len(outside)) == (int(sources), int(others))


def test_each_example_is_in_a_section_that_the_table_has() -> None:
    found = [step for title, *_ in ROW.findall(PAGE) for step in steps(title)]
    assert len(found) == PAGE.count("```") / 2 > 0


READ = """
import json
from headstart.core.header.diff import changes
from headstart.core.header.normalise import spec_of
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import EMPTY_SPEC
from headstart.core.interpreter import Interpreter
from headstart.core.notebook.find import Notebook, find_header
from headstart.errors import HeaderError
from headstart.kernels.launch.environ import kernel_environ
from headstart.uv.commands import compile_lock

def read(fields):
    return parse_header(find_header(Notebook((), {"headstart": fields})))

header = read({FIELDS})
spec = spec_of(header)
try:
    read({"NAME": 5})
except HeaderError as error:
    refused = error.hint
interpreter = Interpreter("cpython", "3.12.1", "linux", "/python", (), {})
print(json.dumps({
    "header": header.to_json(),
    "refused": refused,
    "resolves the same": spec.digest == EMPTY_SPEC.digest,
    "changes": changes(EMPTY_SPEC, spec).other,
    "uv": compile_lock(spec, interpreter).argv,
    "environ": kernel_environ({"DEBUG": "1", "LANG": "C"}, spec.kernel),
}))
"""


def reading(name: str, value: str) -> str:
    return READ.replace("{FIELDS}", json.dumps({name: value})).replace("NAME", name)


TESTS_OF_FIELDS = (
    "tests/core/header/test_spec.py",
    "tests/test_headers_page.py",
    "tests/server/test_views.py",
)


def test_a_header_field_that_decides_the_resolution(tree: Tree) -> None:
    tree.extend("a header field that decides the resolution")
    found = tree.python(reading("fork-strategy", "fewest"))
    assert found["header"]["fork_strategy"] == "fewest"
    assert found["refused"] == 'It is "fewest" or "requires-python".'
    assert not found["resolves the same"]
    assert found["changes"] == ["fork-strategy"]
    at = found["uv"].index("--fork-strategy")
    assert found["uv"][at + 1] == "fewest"
    tree.test(*TESTS_OF_FIELDS)


def test_a_header_field_for_the_kernel_alone(tree: Tree) -> None:
    tree.extend("a header field for the kernel alone")
    found = tree.python(reading("unset", "DEBUG"))
    assert found["header"]["unset"] == "DEBUG"
    assert found["refused"] == 'It has names of variables: "DEBUG LANG".'
    assert found["resolves the same"]
    assert found["changes"] == ["unset"]
    assert found["environ"] == {"LANG": "C"}
    tree.test(*TESTS_OF_FIELDS)


def test_a_setting(tree: Tree) -> None:
    tree.extend("a setting")
    program = """
import json
from headstart import envvars
from headstart.settings import environ_of, read_settings
from headstart.traits import Headstart
seven = read_settings({getattr(envvars, "LOG_LINES"): "7"})
values = [one.log_lines for one in (read_settings(), seven, Headstart(log_lines=8).settings())]
print(json.dumps([*values, environ_of(seven)["HEADSTART_LOG_LINES"]]))
"""
    assert tree.python(program) == [200, 7, 8, "7"]
    tree.run("tests.settings_table")
    row = "| `log_lines` | `HEADSTART_LOG_LINES` | 200 | How many lines of a log an error shows. |"
    assert row in (tree.root / "README.md").read_text("utf-8")
    tree.test("tests/test_settings.py", "tests/test_pages.py")


def test_a_verb(tree: Tree) -> None:
    tree.extend("a verb")
    store = str(tree.root / "store")
    assert tree.run("headstart", "where", HEADSTART_STORE=store) == f"{store}\n"
    told = tree.run("headstart", "where", "--json", HEADSTART_STORE=store)
    assert json.loads(told) == {"store": store}
    assert re.search("^ +where +print the folder", tree.run("headstart", "--help"), re.MULTILINE)
    assert "which need not exist" in tree.run("headstart", "where", "--help")
    tree.test("tests/test_pages.py::test_the_readme_names_every_verb_but_the_one_for_clients")


def test_a_policy_rule_with_a_setting(tree: Tree) -> None:
    tree.extend("a policy rule with a setting")
    notebook = tree.root / "a.py"
    notebook.write_text('# /// script\n# dependencies = ["six", "attrs"]\n# ///\n')
    store = {"HEADSTART_STORE": str(tree.root / "store")}
    denied = {**store, "HEADSTART_DENIED_PACKAGES": "numpy six"}
    told = tree.run("headstart", "ensure", str(notebook), "--json", code=1, **denied)
    error = json.loads(told)
    error = error.get("error", error)
    assert error["code"] == "policy"
    [violation] = error["details"]["violations"]
    assert (violation["code"], violation["requirement"]) == ("denied", "six")


def test_a_launcher_with_a_setting(tree: Tree) -> None:
    tree.extend("a launcher with a setting")
    program = """
import json, os, subprocess, sys
from headstart.kernels.launch.launchers import launcher_for
from headstart.settings import read_settings
launcher = launcher_for(read_settings())
code = "import os; print(os.nice(0), os.getpid())"
process = launcher.launch(
    [sys.executable, "-c", code], (), env=dict(os.environ), stdout=subprocess.PIPE
)
nice, pid = process.stdout.read().split()
process.wait()
print(json.dumps([type(launcher).__name__, int(nice) - os.nice(0), int(pid) == process.pid]))
"""
    assert tree.python(program, HEADSTART_NICENESS="3") == ["NiceLauncher", 3, True]
    assert tree.python(program, HEADSTART_ZYGOTE="off") == ["ProcessLauncher", 0, True]


def test_an_error(tree: Tree) -> None:
    tree.extend("an error")
    program = """
import json
from headstart.errors import StoreError, StoreTooNew
error = StoreTooNew("It is.", hint="Update.")
print(json.dumps({**error.to_json(), "is of the store": isinstance(error, StoreError)}))
"""
    found = tree.python(program)
    assert (found["code"], found["hint"], found["is of the store"]) == (
        "store-too-new",
        "Update.",
        True,
    )
    tree.test("tests/test_errors.py")


RENDER = """
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Builder } from '../src/panel/builder';
import { readStatus } from '../src/validate';

test('the section shows what the server sent', () => {
  const environment = { mode: 'cached', uv: '0.13.8' };
  const model = { status: readStatus({ state: 'ready', environment }) };
  const trans = { __: (text: string, uv: string) => text.replace('%1', uv) };
  const section = createElement(Builder, { model, trans } as never);
  const html = renderToStaticMarkup(section);
  expect(html).toContain('Built by uv 0.13.8');
});
"""


@pytest.mark.slow
def test_a_panel_section(tree: Tree) -> None:
    tree.extend("a panel section")
    tree.test("tests/server/test_views.py")
    panel = tree.root / "labextension"
    modules = ROOT / "labextension/node_modules"
    (panel / "node_modules").symlink_to(modules)
    (panel / "test/builder.test.ts").write_text(RENDER)
    files = [str(tree.root / step.path) for step in steps("a panel section") if "src" in step.path]
    # That the section is in the view, whose packages need a browser, the compiler says: it refuses
    # an import that nothing uses.
    for command in (
        ["prettier", "--check", *files],
        ["tsc", "--noEmit", "-p", "."],
        ["vitest", "run", "test/builder.test.ts"],
    ):
        tree.call(modules / ".bin" / command[0], *command[1:], folder="labextension")


def test_a_sub_package(tree: Tree) -> None:
    tree.extend("a sub-package")
    contract = tree.root / "pyproject.toml"
    contract.write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "licenses" in tree.call(BIN / "lint-imports", "--no-cache", code=1)
