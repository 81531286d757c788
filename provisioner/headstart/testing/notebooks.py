"""Make notebooks for tests: a header, some cells, the name of a kernelspec."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..request.notebook_files import write_document

__all__ = ["header_cell", "make_notebook", "save_notebook"]


def header_cell(*requirements: str, **fields: object) -> str:
    """The source of a cell with a PEP 723 block.

    :param requirements: PEP 508 lines.
    :param fields: other fields; ``_`` in a name is written ``-``. ``refresh`` goes to the
        ``[tool.headstart]`` table, all others to the top.
    """
    table = {"refresh": fields.pop("refresh")} if "refresh" in fields else {}
    top = {name.replace("_", "-"): value for name, value in fields.items()}
    lines = _lines({**top, "dependencies": list(requirements)})
    if table:
        lines += ["[tool.headstart]", *_lines(table)]
    return "\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///"])


def make_notebook(
    *sources: str, kernel: str = "headstart", metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A notebook's JSON (nbformat 4.5) with a code cell for each source.

    :param kernel: name of the kernelspec; ``""`` for none.
    :param metadata: other metadata of the notebook, ``headstart`` for example.
    """
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    return {
        "cells": [_code_cell(index, source) for index, source in enumerate(sources)],
        "metadata": {**({"kernelspec": spec} if kernel else {}), **(metadata or {})},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def save_notebook(path: Path, *sources: str, **options: Any) -> Path:
    """Write the notebook that `make_notebook` makes of the same arguments; returns ``path``.

    Its folder is made if it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_document(path, make_notebook(*sources, **options))
    return path


def _code_cell(index: int, source: str) -> dict[str, Any]:
    return {
        "id": f"cell-{index}",  # fixed, so that the same call makes the same file
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }


def _lines(fields: Mapping[str, Any]) -> list[str]:
    """TOML: strings, booleans and lists of strings are written alike in JSON."""
    return [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
