"""``headstart verify``: check the store, or a notebook. Each mode has a module of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from ...errors import NotebookError

SUMMARY = "check a notebook, or every file in the store"
DESCRIPTION = """\
With NOTEBOOK: compare its header, its lock and the receipt of its last run, and check the files of
its environment if the store has it. Changes nothing. The exit code is 1 if something does not
agree, and 3 if nothing is wrong but something could not be checked.
With NOTEBOOK --imports: make its environment ready, and import each package that the notebook asks
for as its kernel would, with a short check where we know one.
With --environments: read every file of the environments, at about 1 GB a second, and compare it
with what its wheel says. Changes nothing; `prune --damaged` discards what is damaged."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("notebook", type=Path, nargs="?", metavar="NOTEBOOK", help="a notebook")
    what.add_argument(
        "--environments",
        action="store_true",
        help="the environments and layers in the store, and what they are made of",
    )
    parser.add_argument(
        "--imports", action="store_true", help="install and import what the notebook asks for"
    )


def main(notebook: Path | None, environments: bool, imports: bool, as_json: bool) -> int:
    """Verify what the arguments say.

    :param environments: the files of all environments in the store, and no notebook.
    :param imports: import what the notebook asks for, in place of comparing what it says.
    :return: 1 if something is not as it should be, 3 if something could not be checked, else 0.
    :raises HeadstartError: if it cannot be found out.
    """
    # Each mode imports what it alone needs; most of that is the self-test's.
    if environments and not imports:
        from ..verify_store import verify_store

        return verify_store(as_json)
    if notebook is None:
        raise NotebookError(
            "There is nothing to verify.",
            hint="Write headstart verify NOTEBOOK, headstart verify NOTEBOOK --imports, "
            "or headstart verify --environments.",
        )
    if not imports:
        from ..verify_notebook import verify_notebook

        return verify_notebook(notebook, as_json)
    from ..verify_imports import verify_imports

    return verify_imports(notebook, as_json)
