"""Notebooks that cannot get their environment: a headless run says why in its last line."""

from __future__ import annotations

import json

import pytest

from headstart import envvars
from headstart.testing.notebooks import header_cell, save_notebook

from .drive import last_lines

pytestmark = pytest.mark.real_index

# What a program prints that lets the exception through ends in this line.
TRY = """
import json, sys, traceback, nbformat
from nbclient import NotebookClient
lines = []
for path in sys.argv[1:]:
    try:
        NotebookClient(nbformat.read(path, 4)).execute()
        lines.append("It ran.")
    except Exception as error:
        lines.append("".join(traceback.format_exception(error)).strip().splitlines()[-1])
print(json.dumps(lines))
"""

HEADERS = {
    "typo": header_cell("hs-libb"),
    "no version": header_cell("hs-lib==3.0"),
    "conflict": header_cell("hs-lib==2.0", "hs-picky"),
    "python": header_cell("hs-lib", requires_python="<3.0"),
    "broken": "# /// script\n# dependencies = [\n# ///",
    "requirement": header_cell("hs-lib => 2"),
    "source": header_cell("hs-lib @ git+https://example.org/hs-lib"),
    "twice": f"{header_cell('hs-lib')}\n\n{header_cell('hs-other')}",
}

EXPECTED = {
    "typo": ("NoSuchPackage: ", "hs-libb", "spelling", "hs-libb is in cell 1, line 2."),
    "no version": ("NoSuchVersion: ", "hs-lib", "3.0"),
    "conflict": ("VersionConflict: ", "hs-picky", "hs-lib is in cell 1, line 2"),
    "python": ("InterpreterError: ", "<3.0", "Change requires-python"),
    "broken": ("HeaderError: ", "cell 1", "line 2"),
    "requirement": ("RequirementError: ", "cell 1", "hs-lib => 2"),
    "source": ("PolicyError: ", "hs-lib", "hs-lib is in cell 1, line 2."),
    "twice": ("DuplicateHeader: ", "cell 1", ""),
}

COMMANDS = {
    "jupyter execute": ["jupyter", "execute"],
    "nbconvert": ["jupyter", "nbconvert", "--to", "notebook", "--execute"],
    "papermill": ["papermill"],
}


@pytest.fixture
def lines(clients, folder) -> dict[str, str]:
    """The last line of the exception that each header leads to."""
    paths = [
        save_notebook(folder / f"{name}.ipynb", header, "print(1)")
        for name, header in HEADERS.items()
    ]
    return dict(zip(HEADERS, json.loads(clients.python(TRY, *paths)), strict=True))


def test_the_last_line_says_what_is_wrong_and_what_to_do(lines):
    for name, (kind, *words) in EXPECTED.items():
        line = lines[name]
        assert line.startswith(f"headstart.errors.{kind}"), name
        assert all(word.lower() in line.lower() for word in words), line


def test_console_scripts_end_with_that_line(clients, folder):
    running = []
    for name, command in COMMANDS.items():
        notebook = save_notebook(folder / f"{name}.ipynb", header_cell("hs-libb"), "print(1)")
        output = [folder / f"{name}.out.ipynb"] if name == "papermill" else []
        running.append(clients.start(*command, notebook, *output))

    for line in last_lines(running):
        assert "hs-libb" in line
        assert "spelling" in line


def test_offline_without_a_kernel_layer_the_line_says_so(clients, folder, store_root):
    offline = clients.having(**{envvars.STORE: str(store_root), envvars.OFFLINE: "1"})
    bare = save_notebook(folder / "bare.ipynb", "print(1)")
    library = save_notebook(folder / "library.ipynb", header_cell("hs-lib"), "print(1)")

    for line in json.loads(offline.python(TRY, bare, library)):
        assert line.startswith("headstart.errors.IndexUnreachable: ")
        assert "offline" in line
