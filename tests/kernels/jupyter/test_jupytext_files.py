"""The files that jupytext executes, and those that it keeps paired."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext import cli
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class
from nbconvert.preprocessors import ExecutePreprocessor

from headstart.kernels.jupyter.jupytext_files import behind_jupytext, executed_file, paired_with

TEXT = """\
# ---
# jupyter:
#   kernelspec: {name: headstart, language: python, display_name: Python}
# ---

# %%
1 + 1
"""


def test_the_file_that_is_executed_is_known_while_it_is(tmp_path: Path, monkeypatch) -> None:
    """Where jupytext hands it to nbconvert, which starts the kernel."""
    seen = []

    def preprocess(_self: object, notebook: object, resources: object) -> tuple[object, object]:
        seen.append(executed_file())
        return notebook, resources

    monkeypatch.setattr(ExecutePreprocessor, "preprocess", preprocess)
    file = tmp_path / "a.py"
    file.write_text(TEXT)
    cli.jupytext([str(file), "--to", "ipynb", "--execute"])
    assert seen == [file]
    assert executed_file() is None


def test_it_stands_before_jupyters_own_contents_manager() -> None:
    kind = build_async_jupytext_contents_manager_class(AsyncLargeFileManager)
    own = AsyncLargeFileManager.__module__
    assert behind_jupytext(AsyncLargeFileManager()) == (own, False)
    assert behind_jupytext(kind()) == (own, True)


def test_pairs_are_those_that_it_has_noted() -> None:
    contents = SimpleNamespace(paired_notebooks={"a.ipynb": ("ipynb", "ipynb,py:percent")})
    assert paired_with(contents, "a.ipynb") == ("a.ipynb", "a.py")
    assert paired_with(contents, "b.ipynb") == ()
    assert paired_with(SimpleNamespace(), "a.ipynb") == ()


def test_a_jupytext_that_pairs_in_another_way_pairs_nothing(monkeypatch) -> None:
    contents = SimpleNamespace(paired_notebooks={"a.ipynb": ("ipynb", "ipynb,py:percent")})
    # `None` makes an import raise (Python's reference, "The module cache").
    monkeypatch.setitem(sys.modules, "jupytext.paired_paths", None)
    assert paired_with(contents, "a.ipynb") == ()
