"""Text notebooks: where in their text a header may stand.

A script (``.py`` in jupytext's percent or light format) is looked through as any other script is,
line by line; of Markdown only the code cells are. A notebook that jupytext has made of a script is
recognised by its metadata: the comment that is its header may be a cell of text there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .places import METADATA_KEY
from .script_block import Region

SCRIPTS = frozenset({".py"})
"""Suffixes of scripts."""

MARKDOWN = frozenset({".md", ".markdown", ".rmd", ".qmd", ".myst", ".mystnb", ".mnb"})
"""Suffixes of Markdown: jupytext's own, R Markdown, MyST, Quarto."""

DROPPED = (
    "jupytext drops this header when it saves the notebook. Add to the front matter, under "
    f"jupytext: notebook_metadata_filter: {METADATA_KEY}"
)
"""The warning of a header that `is_dropped`."""

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(.*)")
_MYST_CELL = re.compile(r"\{(?:code|raw)-cell\}")
_PYTHON_CELL = re.compile(r"\{?(?:i?python3?|py)\b(?!-)")
_RAW_BEGINS = re.compile(r"<!--[ \t]*#raw\b.*")
_RAW_ENDS = re.compile(r"<!--[ \t]*#endraw[ \t]*-->[ \t]*")
_SCRIPT_FORMAT = re.compile(r"(?:^|[,/.])py(?:[:,]|$)")


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
        isinstance(formats, str) and _SCRIPT_FORMAT.search(formats) is not None
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


def code_regions(lines: Sequence[str]) -> Iterator[Region]:
    """The code and raw cells of a Markdown notebook."""
    fences = [_FENCE.match(line) for line in lines]
    is_myst = any(fence and _MYST_CELL.match(fence[2]) for fence in fences)
    number = 0
    while number < len(lines):
        fence, start = fences[number], number + 1
        if fence is not None:
            number = _end_of_fence(fence[1], fences, start)
            if _is_cell(fence[2], is_myst):
                yield Region(lines[start:number], first=start)
        elif not is_myst and _RAW_BEGINS.fullmatch(lines[number]):
            ends = (n for n in range(start, len(lines)) if _RAW_ENDS.fullmatch(lines[n]))
            number = next(ends, len(lines))
            yield Region(lines[start:number], first=start)
        number += 1


def _end_of_fence(opening: str, fences: Sequence[re.Match[str] | None], start: int) -> int:
    """The line of the closing fence: the same sign, as often or more, and nothing behind it."""
    for number in range(start, len(fences)):
        fence = fences[number]
        if fence and not fence[2].strip() and fence[1].startswith(opening):
            return number
    return len(fences)


def _is_cell(info: str, is_myst: bool) -> bool:
    if is_myst:
        return _MYST_CELL.match(info) is not None
    return _PYTHON_CELL.match(info) is not None and ".noeval" not in info
