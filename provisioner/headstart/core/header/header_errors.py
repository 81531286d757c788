"""The errors of a header's fields: each names the place, and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ...errors import HeaderError
from ..messages import cell_line
from ..notebook.find import FoundHeader, HeaderPlace
from ..redact import redact_value


def refuse_field(
    found: FoundHeader,
    name: str,
    problem: str,
    hint: str,
    *,
    kind: type[HeaderError] = HeaderError,
    where: str = "",
    details: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Raise the error of a field, with its place.

    :param name: the field, or the text for which the header is searched.
    :param where: the place, if it is known better than the search would find it.
    :raises HeaderError: always.
    """
    said: dict[str, Any] = {"text": name, **(details or {})}
    said["text"] = redact_value(said["text"])
    if found.line:
        said.setdefault("line", line_of(found, name))
    if found.cell is not None:
        said["cell"] = found.cell + 1
    where = where or place_of(found, said.get("line", 0))
    raise kind(f"In {where}: {problem}", hint=hint, details=said)


def place_of(found: FoundHeader, line: int) -> str:
    """A line of the header, for people.

    :param line: 1-based, in the cell or in the text notebook; not looked at for metadata.
    """
    if found.place is HeaderPlace.BESIDE:
        return "the notebook's folder"
    if found.place is HeaderPlace.METADATA:
        return "the notebook's metadata"
    return f"line {line} of the notebook" if found.cell is None else cell_line(found.cell, line)


def line_of(found: FoundHeader, name: str) -> int:
    """1-based line at which a key or table stands; the header's first if that is not known.

    TOML and YAML parsers tell no positions, so this looks for the key, then for the bare text.
    """
    text, key = found.text, name.rpartition(".")[2]
    names = "|".join(re.escape(known[:80]) for known in (name, key))
    match = re.search(rf"^[ \t\"'\[]*(?:{names})", text, re.MULTILINE)
    places = [match.start()] if match else [text.find(name), text.find(key)]
    index = next((place for place in places if place >= 0), 0)
    return found.line + text.count("\n", 0, index)
