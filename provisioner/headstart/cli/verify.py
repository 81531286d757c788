"""``headstart verify``: the store, or what a notebook says. A module a mode does it."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotebookError


def main(notebook: Path | None, environments: bool, imports: bool, as_json: bool) -> int:
    """Verify what the arguments say.

    :param environments: the files of all environments in the store, and no notebook.
    :param imports: import what the notebook asks for.
    :return: 1 if something is not as it should be, else 0.
    :raises HeadstartError: if it cannot be found out.
    """
    if environments and not imports:
        from .verify_store import main as verify_store

        return verify_store(as_json)
    if notebook is None or not imports:
        raise NotebookError(
            "There is nothing to verify.",
            hint="Write headstart verify --environments, or headstart verify NOTEBOOK --imports.",
        )
    from .verify_imports import main as verify_imports

    return verify_imports(notebook, as_json)
