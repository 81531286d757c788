"""The file that papermill runs, as it says itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.iorw import LocalHandler, papermill_io

from headstart.kernels.jupyter.papermill_input import papermill_input


def client(path: object) -> PapermillNotebookClient:
    """Papermill's client for a notebook that it has read from ``path``."""
    notebook = new_notebook(metadata={"papermill": {"input_path": path}})
    return PapermillNotebookClient(NotebookExecutionManager(notebook, progress_bar=False))


def test_it_is_the_path_that_papermill_was_given() -> None:
    assert papermill_input(client("sub/a.ipynb")) == Path("sub/a.ipynb")
    assert papermill_input(client("/srv/a.ipynb")) == Path("/srv/a.ipynb")


def test_it_is_relative_to_the_folder_that_papermill_began_in(tmp_path, monkeypatch) -> None:
    handler = papermill_io.get_handler("local")
    assert isinstance(handler, LocalHandler)
    monkeypatch.setattr(handler, "_cwd", None)
    handler.cwd(str(tmp_path))
    assert papermill_input(client("a.ipynb")) == tmp_path / "a.ipynb"
    monkeypatch.delattr(handler, "_cwd")
    assert papermill_input(client("a.ipynb")) == Path("a.ipynb"), "as if it had not changed it"


@pytest.mark.parametrize("path", [None, {"cells": []}])
def test_what_was_read_from_no_path_has_none(path: object) -> None:
    assert papermill_input(client(path)) is None


def test_what_papermill_once_ran_has_none_in_another_client() -> None:
    assert papermill_input(NotebookClient(client("a.ipynb").nb)) is None
