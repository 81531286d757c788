"""Jupyter's console scripts, as they are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.testing.notebooks import header_cell, save_notebook

from .drive import Clients, all_ended, ended, said

pytestmark = pytest.mark.real_index

ASK = "import hs_lib, sys; print(hs_lib.__version__, sys.prefix)"

IN_PLACE = {
    "jupyter execute": ["jupyter", "execute", "--inplace"],
    "nbconvert": ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace"],
}

ASK_WHERE = "import sys; print('where:', sys.prefix, *sorted(set(sys.modules) & {'hs_lib'}))"


@pytest.fixture
def pair(folder: Path) -> list[Path]:
    """Two notebooks that want different versions of one package."""
    return [
        save_notebook(folder / f"{version}.ipynb", header_cell(f"hs-lib=={version}"), ASK)
        for version in ("1.0", "2.0")
    ]


def run_both(clients: Clients, command: list[str], pair: list[Path]) -> list[str]:
    """Run two notebooks at the same time, by their relative paths; what they said."""
    relative = [path.relative_to(clients.top) for path in pair]
    all_ended([clients.start(*command, path) for path in relative])
    return [said(path) for path in pair]


@pytest.mark.parametrize("command", IN_PLACE.values(), ids=IN_PLACE)
def test_each_notebook_gets_its_own_versions_and_the_same_again(clients, pair, command):
    first = run_both(clients, command, pair)
    assert [text.split()[0] for text in first] == ["1.0", "2.0"]

    assert run_both(clients, command, pair) == first


def test_papermill_runs_a_notebook_with_parameters_and_without(clients, folder):
    ask = "import hs_lib; print(hs_lib.__version__, globals().get('answer'))"
    notebook = save_notebook(folder / "a.ipynb", header_cell("hs-lib==1.0"), ask)
    plain, injected = folder / "plain.ipynb", folder / "injected.ipynb"

    all_ended(
        [
            clients.start("papermill", notebook, plain),
            clients.start("papermill", notebook, injected, "-p", "answer", "42"),
        ]
    )

    assert said(plain) == "1.0 None"
    assert said(injected) == "1.0 42"


def test_papermill_runs_a_notebook_for_each_version_twice(clients, pair):
    results = []
    for _ in range(2):
        outputs = [path.with_name(f"out-{path.name}") for path in pair]
        both = zip(pair, outputs, strict=True)
        all_ended([clients.start("papermill", path, out) for path, out in both])
        results.append([said(out) for out in outputs])

    assert [text.split()[0] for text in results[0]] == ["1.0", "2.0"]
    assert results[0] == results[1]


def test_a_console_and_a_script_run_in_the_empty_environment(clients, shared_store):
    script = clients.top / "ask.py"
    script.write_text(ASK_WHERE)
    console = clients.start("jupyter", "console", "--kernel=headstart", "--simple-prompt")
    runner = clients.start("jupyter", "run", "--kernel=headstart", script)

    answers = [ended(console, f"{ASK_WHERE}\nexit\n"), ended(runner)]

    prefixes = {
        line.split("where: ")[1]
        for text in answers
        for line in text.splitlines()
        if "where: " in line
    }
    assert len(prefixes) == 1
    assert Path(prefixes.pop()).is_relative_to(shared_store)
