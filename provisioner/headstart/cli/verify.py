"""``headstart verify``: the store, or what a notebook says. A module a mode does it."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotebookError


def main(notebook: Path | None, environments: bool, imports: bool, as_json: bool) -> int:
    """Verify what the arguments say.

    :param environments: the files of all environments in the store, and no notebook.
    :param imports: import what the notebook asks for, in place of comparing what it says.
    :return: 1 if something is not as it should be, 3 if something could not be checked, else 0.
    :raises HeadstartError: if it cannot be found out.
    """
    if environments and not imports:
        from .verify_store import main as verify_store

        return verify_store(as_json)
    if notebook is None:
        raise NotebookError(
            "There is nothing to verify.",
            hint="Write headstart verify NOTEBOOK, headstart verify NOTEBOOK --imports, "
            "or headstart verify --environments.",
        )
    if not imports:
        from .verify_notebook import main as verify_notebook

        return verify_notebook(notebook, as_json)
    from .verify_imports import main as verify_imports

    return verify_imports(notebook, as_json)
