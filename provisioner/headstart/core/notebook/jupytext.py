"""Text notebooks: their suffixes, and jupytext's traces in a notebook's metadata.

In a script (``.py`` in jupytext's percent or light format) a header is searched for in all lines,
as in any other script; in Markdown only in the code cells. A notebook that jupytext has made of a
script is recognised by its metadata: the comment that is its header may be a Markdown cell there.
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
    """Whether jupytext has made a notebook of a script, or pairs it with one."""
    jupytext = metadata.get("jupytext")
    if not isinstance(jupytext, Mapping):
        return False
    representation = jupytext.get("text_representation")
    extension = representation.get("extension") if isinstance(representation, Mapping) else None
    formats = jupytext.get("formats")
    return extension in SCRIPTS or (
        isinstance(formats, str) and re.search(_SCRIPT_FORMAT, formats) is not None
    )


def is_dropped(jupytext: object) -> bool:
    """Whether jupytext, when it saves the notebook, drops our key from the metadata of a MyST file.

    :param jupytext: the value of ``jupytext`` in the metadata, which may be anything.
    """
    if not isinstance(jupytext, Mapping):
        return False
    representation = jupytext.get("text_representation")
    kept = str(jupytext.get("notebook_metadata_filter", "")).replace(" ", "").split(",")
    is_myst = isinstance(representation, Mapping) and representation.get("format_name") == "myst"
    return is_myst and not {METADATA_KEY, "all"} & set(kept)
