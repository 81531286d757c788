"""Arguments that several verbs have."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path


def add_notebook(parser: ArgumentParser) -> None:
    """Declare the argument that names a notebook."""
    parser.add_argument(
        "notebook",
        type=Path,
        metavar="NOTEBOOK",
        help="path of an .ipynb file, or of a text notebook",
    )


def add_frozen(parser: ArgumentParser) -> None:
    """Declare the option of verbs that can edit a header without resolving it."""
    parser.add_argument(
        "--frozen", action="store_true", help="resolve nothing, and leave a lock as it is"
    )


def add_key_or_notebook(parser: ArgumentParser) -> None:
    """Declare the argument that names an environment."""
    parser.add_argument("what", metavar="KEY|NOTEBOOK", help="the beginning of a key, or a path")
