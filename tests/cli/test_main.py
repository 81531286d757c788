"""Parsing, errors, exit codes, and a quick start."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import headstart as package
from headstart.cli.main import _FIRST, _parser

from .conftest import SCRIPT

VERBS = sorted(
    verb
    for action in _parser()._actions
    if isinstance(action, argparse._SubParsersAction)
    for verb in action.choices
)


def test_help_lists_every_verb(headstart) -> None:
    result = headstart("--help")
    assert result.returncode == 0
    assert len(VERBS) >= 18
    assert all(f"\n    {verb} " in result.stdout for verb in VERBS)


def test_help_has_the_summary_of_every_verb(headstart) -> None:
    """Though it imports none of them."""
    help_text = " ".join(headstart("--help").stdout.split())
    for verb in VERBS:
        assert f"{verb} {import_module(f'headstart.cli.verbs.{verb}').SUMMARY}" in help_text
    assert set(_FIRST) <= set(VERBS)


NEW_VERB = """
SUMMARY = "greet somebody"
DESCRIPTION = "Greet somebody by name."


def add_arguments(parser):
    parser.add_argument("name")


def main(name, as_json):
    print(f"Hello, {name}.")
    return 5
"""


def test_a_verb_is_one_file(environ, tmp_path) -> None:
    source = Path(package.__file__).parent
    copy = shutil.copytree(source, tmp_path / "copy/headstart")
    (copy / "cli/verbs/greet.py").write_text(NEW_VERB)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "headstart", *arguments]
        environment = {**environ, "PYTHONPATH": str(copy.parent)}
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    assert run("--help").stdout.count("\n    greet     greet somebody\n") == 1
    assert "\nGreet somebody by name.\n" in run("greet", "--help").stdout
    result = run("greet", "Ada")
    assert (result.returncode, result.stdout, result.stderr) == (5, "Hello, Ada.\n", "")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_speaks_json(headstart, verb) -> None:
    result = headstart(verb, "--help")
    assert result.returncode == 0
    assert "--json" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("show",), ("list", "--nonsense")])
def test_wrong_usage_exits_with_2(headstart, arguments) -> None:
    result = headstart(*arguments)
    assert result.returncode == 2
    assert "usage: headstart" in result.stderr


def test_the_version_is_printed(headstart) -> None:
    assert headstart("--version").stdout.strip() == package.__version__


@pytest.mark.parametrize(
    "command, called",
    [
        ([sys.executable, "-m", "headstart"], "python -m headstart"),
        ([str(Path(SCRIPT).with_name("jupyter")), "headstart"], "jupyter headstart"),
    ],
)
def test_it_is_also_called_in_other_ways(environ, tmp_path, command, called) -> None:
    environ["PATH"] = f"{Path(SCRIPT).parent}:{environ['PATH']}"
    result = subprocess.run(
        [*command, "--help"], env=environ, cwd=tmp_path, capture_output=True, text=True
    )
    assert result.stdout.startswith(f"usage: {called} "), result.stderr


def test_an_error_is_one_clear_block(headstart) -> None:
    result = headstart("show", "gone.ipynb")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "error: gone.ipynb cannot be read: No such file or directory.",
        "hint: Give the path of a notebook file.",
    ]


@pytest.mark.parametrize("verb", ["run", "show", "ensure"])
def test_an_error_as_json_is_on_standard_output(headstart, notebook, verb) -> None:
    path = notebook("# /// script\n# dependencies = 3\n# ///")
    result = headstart(verb, path, "--json")
    assert (result.returncode, result.stderr) == (1, "")
    assert json.loads(result.stdout)["error"]["code"] == "header"


HALF = "\ud800"
"""Half of a surrogate pair: JSON can hold it, UTF-8 cannot."""


def test_half_a_character_in_a_header_is_no_obstacle_to_json(headstart, notebook) -> None:
    path = notebook(headstart={"dependencies": [HALF]})
    result = headstart("show", path, "--json")
    assert result.returncode == 1, result.stderr
    assert json.loads(result.stdout)["error"]["details"]["text"] == HALF


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_every_terminal_is_shown_what_it_can_show(headstart, notebook, encoding) -> None:
    path = notebook(name="é \U0001f600 ….ipynb")
    result = headstart("show", path, PYTHONIOENCODING=encoding, LC_ALL="C.UTF-8")
    assert result.returncode == 0, result.stderr
    as_json = headstart("show", path, "--json", PYTHONIOENCODING=encoding, LC_ALL="C.UTF-8")
    assert json.loads(as_json.stdout)["notebook"] == str(path)


def test_a_setting_that_means_nothing_is_an_error(headstart) -> None:
    result = headstart("list", HEADSTART_BUILD_TIMEOUT="soon")
    assert result.returncode == 1
    assert "HEADSTART_BUILD_TIMEOUT" in result.stderr


def test_wrong_usage_is_quoted_so_that_it_commands_no_terminal(headstart) -> None:
    result = headstart("show", "a.ipynb", "--\x1b[2J\u202e.ipynb")
    assert result.returncode == 2
    assert r"--\x1b[2J\u202e.ipynb" in result.stderr


def test_parsing_imports_no_verb_and_nothing_big() -> None:
    code = (
        "import sys; from headstart.cli.main import main\n"
        "try: main(['--help'])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(result.stderr.split())
    assert "headstart.cli.main" in loaded
    assert not loaded & {"rich", "jupyter_client", "nbformat", "asyncio", "packaging"}


def test_a_call_imports_no_other_verb() -> None:
    code = (
        "import sys; from headstart.cli.main import main\n"
        "try: main(['show', '--help'])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    verbs = {name for name in result.stderr.split() if name.startswith("headstart.cli.verbs.")}
    assert verbs == {"headstart.cli.verbs.show"}


def test_launch_imports_no_more_than_it_needs() -> None:
    code = "import sys, headstart.cli.verbs.launch; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(result.stdout.split())
    assert not loaded & {"rich", "jupyter_client", "nbformat", "asyncio", "uv"}
