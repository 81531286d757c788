"""Text notebooks: where in their text a header may stand.

A script (``.py`` in jupytext's percent or light format) is looked through as any other script is,
line by line; of Markdown only the code cells are. A notebook that jupytext has made of a script is
recognised by its metadata: the comment that is its header may be a cell of text there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .model import METADATA_KEY

SCRIPTS = frozenset({".py"})
"""Suffixes of scripts."""

MARKDOWN = frozenset({".md", ".markdown", ".rmd", ".qmd", ".myst", ".mystnb", ".mnb"})
"""Suffixes of Markdown: jupytext's own, R Markdown, MyST, Quarto."""

DROPPED = (
    "jupytext drops this header when it saves the notebook. Add to the front matter, under "
    f"jupytext: notebook_metadata_filter: {METADATA_KEY}"
)
"""The warning of a header that `is_dropped`."""

_SCRIPT_FORMAT = r"(?:^|[,/.])py(?:[:,]|$)"


def suffix_of(path: str) -> str:
    """The suffix of a path, in lower case."""
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def is_text_notebook(path: str) -> bool:
    """Whether a path is that of a text notebook, by its suffix."""
    return suffix_of(path) in SCRIPTS | MARKDOWN


def is_script(path: str) -> bool:
    """Whether a path is that of a script, by its suffix."""
    return suffix_of(path) in SCRIPTS


def was_script(metadata: Mapping[str, Any]) -> bool:
    """Whether jupytext has made a notebook of a script, or keeps one beside it."""
    jupytext = metadata.get("jupytext")
    if not isinstance(jupytext, Mapping):
        return False
    shown = jupytext.get("text_representation")
    extension = shown.get("extension") if isinstance(shown, Mapping) else None
    formats = jupytext.get("formats")
    return extension in SCRIPTS or (
        isinstance(formats, str) and re.search(_SCRIPT_FORMAT, formats) is not None
    )


def is_dropped(jupytext: object) -> bool:
    """Whether jupytext, when it saves the notebook, drops our key from the metadata of a MyST file.

    :param jupytext: what the metadata says of jupytext.
    """
    if not isinstance(jupytext, Mapping):
        return False
    shown = jupytext.get("text_representation")
    kept = str(jupytext.get("notebook_metadata_filter", "")).replace(" ", "").split(",")
    is_myst = isinstance(shown, Mapping) and shown.get("format_name") == "myst"
    return is_myst and not {METADATA_KEY, "all"} & set(kept)
