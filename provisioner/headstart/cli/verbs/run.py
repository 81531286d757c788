"""``headstart run``: run notebooks headless."""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from ...core.notebook.find import Notebook, notebook_of
from ...core.notebook.jupytext import is_text_notebook
from ...core.notebook.misplaced import misplaced_header
from ...environments.resolve.notices import notices_in
from ...errors import BuildCancelled, HeadstartError, NotebookError
from ...kernels.status import KernelStatus, status_board
from ...request.directory import DiskFolder
from ...request.notebook_files import cells_of, read_document, read_notebook, write_document
from ...request.read import find
from ...store.system_store import open_store
from ..cli_settings import read_settings
from ..output import print_error, print_json, print_note, print_text
from ..terminal import ProgressLine
from ..without_modules import FORMATS, left_out

# nbformat imports jsonschema, which imports every checker of formats that is installed.
with left_out(*FORMATS):
    import nbformat

    from ...run.nbclient_engine import Runs

SUMMARY = "run notebooks headless"
DESCRIPTION = """\
Run a notebook from its first cell to its last, in the environment that its header asks for. The
notebook itself stays as it is: with its outputs it is written to NAME.out.ipynb next to it, or to
OUT, also if a cell fails. Give the notebook's own path as OUT to run it in place. Several notebooks
run one after the other; the exit code is 1 if one of them failed."""

STDOUT = "-"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    parser.add_argument(
        "notebooks",
        type=Path,
        nargs="+",
        metavar="NOTEBOOK",
        help="paths of .ipynb files, or of text notebooks",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="where to write the notebook with its outputs; - is standard output",
    )
    parser.add_argument(
        "--allow-errors", action="store_true", help="go on after a cell that failed; exit with 0"
    )


def main(notebooks: list[Path], output: str | None, allow_errors: bool, as_json: bool) -> int:
    """Run notebooks and write them with their outputs, also if a cell fails.

    Of several, one runs after the other, whatever becomes of those before.

    :raises HeadstartError: for one notebook, if its environment cannot be had, or a cell fails.
    """
    if as_json and output == STDOUT:
        raise NotebookError(
            "--json and -o - both want standard output.", hint="Give -o a file's path."
        )
    with Runs() as runs:
        if len(notebooks) > 1:
            return _run_all(runs, notebooks, output, allow_errors, as_json)
        result = _run(runs, notebooks[0], output, allow_errors)
    if as_json:
        print_json(result)
    elif result["output"] is not None:
        print_text(result["output"])
    return 0


def _run_all(
    runs: Runs, notebooks: list[Path], output: str | None, allow_errors: bool, as_json: bool
) -> int:
    if output is not None:
        raise NotebookError(
            "-o names one file, and there are several notebooks.",
            hint="Leave it out: each is written next to its notebook.",
        )
    failed, results = False, []
    for notebook in notebooks:
        try:
            result = _run(runs, notebook, None, allow_errors)
        except BuildCancelled:  # Ctrl-C ends all runs, not this one alone
            raise
        except HeadstartError as error:
            failed, result = True, {"error": error.to_json()}
            if not as_json:
                print_note(f"{notebook}:")
                print_error(error, as_json=False)
        results.append({"notebook": str(notebook), **result})
        if not as_json and "output" in result:
            print_text(result["output"])
    if as_json:
        print_json(results)
    return 1 if failed else 0


def _run(runs: Runs, notebook: Path, output: str | None, allow_errors: bool) -> dict[str, Any]:
    """Run one notebook; what came of it, as JSON."""
    target = _target(notebook, output)
    document, read = _read(notebook)
    header = find(read, DiskFolder(notebook.absolute().parent), read_settings)
    if header is None:
        print_note("The notebook has no header: it runs in an environment without packages.")
        if misplaced := misplaced_header(read):
            print_note(misplaced)
    for warning in header.warnings if header else ():
        print_note(warning)
    node = _node_of(document, notebook)
    started = time.monotonic()
    run = _Run(runs)
    try:
        run.execute(node, notebook.absolute().parent, allow_errors, read)
    except NotebookError:
        raise  # nothing has run
    except HeadstartError as error:
        _write(node, target)
        if target is not None and run.cells and not error.hint:
            hint = f"The notebook with its outputs is {target}."
            raise error.with_hint(hint) from error.__cause__
        raise
    _write(node, target)
    seconds = round(time.monotonic() - started, 3)
    written = None if target is None else str(target)
    return {"output": written, "seconds": seconds, **run.summary()}


class _Run:
    """One run: shows what it does on a terminal, and remembers what came of it.

    ``cells`` counts the code cells that it has begun.
    """

    def __init__(self, runs: Runs) -> None:
        self.cells = 0
        self._runs = runs
        self._status: KernelStatus | None = None
        self._noted = False
        self._line = ProgressLine()

    def execute(
        self, node: nbformat.NotebookNode, folder: Path, allow_errors: bool, read: Notebook
    ) -> None:
        """See `Runs.execute`."""
        count = len(node.cells)
        text = None if read.text is None else read

        def on_cell(index: int) -> None:
            self.cells += 1
            self._line.say(f"Running cell {index + 1} of {count}")

        # The provisioner works in this process, and shows on the board how far the build is.
        unsubscribe = status_board.subscribe(self._take)
        try:
            with self._line:
                self._runs.execute(
                    node, folder, on_cell=on_cell, allow_errors=allow_errors, text=text
                )
        finally:
            unsubscribe()

    def summary(self) -> dict[str, Any]:
        """What ran, and where, as JSON."""
        environment = self._status.environment if self._status else None
        return {
            "cells": self.cells,
            "environment": environment.key if environment else None,
            "prefix": environment.prefix if environment else None,
            "reused": self._status.reused if self._status else False,
        }

    def _take(self, status: KernelStatus) -> None:
        self._status = status
        self._note_notices(status)
        if status.progress is not None:
            self._line.report(status.progress)

    def _note_notices(self, status: KernelStatus) -> None:
        """Say what there is to know of the environment, once."""
        if status.environment is None or self._noted:
            return
        self._noted = True
        settings = read_settings()
        store = open_store(settings.store, settings.system_store)
        for notice in notices_in(status.environment, status.request.spec, store):
            print_note(notice)


def _read(path: Path) -> tuple[dict[str, Any], Notebook]:
    """The document with its cells, and the notebook that the header is read from."""
    if is_text_notebook(str(path)):
        notebook = read_notebook(path)
        return cells_of(notebook), notebook
    document = read_document(path)
    return document, notebook_of(document, str(path))


def _target(notebook: Path, output: str | None) -> Path | None:
    """Where the notebook goes; None for standard output.

    :raises NotebookError: if nothing can be written there: better before the run than after it.
    """
    if output == STDOUT:
        return None
    target = Path(output) if output else notebook.with_name(f"{notebook.stem}.out.ipynb")
    if is_text_notebook(str(target)):
        raise NotebookError(
            f"{target} is a text notebook, which cannot hold outputs.",
            hint="Give -o the path of an .ipynb file.",
        )
    folder = target.resolve().parent
    if target.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise NotebookError(
            f"{target} cannot be written.", hint="Give -o the path of a file in a folder of yours."
        )
    return target


def _node_of(document: dict[str, Any], path: Path) -> nbformat.NotebookNode:
    """The document as nbclient needs it: nbformat 4, texts in one piece."""
    try:
        node: nbformat.NotebookNode = nbformat.reads(  # type: ignore[no-untyped-call]
            json.dumps(document), as_version=4
        )
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise NotebookError(
            f"{path} is not a notebook that nbformat can read: {error}.",
            hint="Open it in Jupyter and save it, or restore it from a copy.",
        ) from error
    return node


def _write(node: nbformat.NotebookNode, target: Path | None) -> None:
    # In ASCII, which every output can show.
    text: str = nbformat.writes(node, ensure_ascii=True)  # type: ignore[no-untyped-call]
    if target is None:
        print(text)
    else:
        write_document(target, json.loads(text))
