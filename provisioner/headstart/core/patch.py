"""Change a JSON text and keep every byte that need not change.

What stays the same stays as it was written: order, indent, escapes, numbers. What is new is
written in the style of the text around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count, pairwise
from json.decoder import scanstring  # type: ignore[attr-defined]  # of the public py_scanstring
from typing import Any, Final

from ..errors import NotebookError


class Remove(Enum):
    """The type of `REMOVE`."""

    REMOVE = "remove"


REMOVE: Final = Remove.REMOVE
"""In place of a value: there shall be none."""

_SPACE = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]",
    re.DOTALL,
)
_INDENT = re.compile(r"\s*[{\[](\r?\n)([ \t]*)\S")
_COMPACT = re.compile(r'\s*\{\s*"[^"\\]*":\S')
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_decode = json.JSONDecoder().raw_decode


def patch_source(text: str, cell: int, source: str) -> str:
    """The text of a notebook (``.ipynb``) in which a cell has another source.

    :param cell: its 0-based position, as in `Cell.index`.
    :raises NotebookError: if the text is not a notebook, or has no such cell.
    """
    document = _load(text)
    found = dict(enumerate(_cells(document))).get(cell)
    if found is None:
        raise NotebookError(f"The notebook has no cell {cell + 1}.")
    name = "input" if "input" in found and "source" not in found else "source"
    as_lines = not isinstance(found.get(name, []), str)
    found[name] = source.splitlines(keepends=True) if as_lines else source
    return patch_json(text, document)


def insert_cell(text: str, at: int, cell: Mapping[str, Any]) -> str:
    """The text of a notebook with one more cell.

    :param at: the 0-based position that the cell gets.
    :param cell: as nbformat 4 has it; it gets an id where that wants one.
    :raises NotebookError: if the text is not a notebook of nbformat 4.
    """
    document = _load(text)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(
            "The notebook has no list of cells.",
            hint="Open it in Jupyter and save it: that brings it to today's format.",
        )
    minor = document.get("nbformat_minor")
    if isinstance(minor, int) and minor >= 5:
        cell = {**cell, "id": _free_id(text)}
    cells.insert(at, dict(sorted(cell.items())))
    return patch_json(text, document)


def _free_id(text: str) -> str:
    """An id that no cell has."""
    names = (f"header-{number}" if number else "header" for number in count())
    return next(name for name in names if f'"{name}"' not in text)


def set_metadata(text: str, path: tuple[str, ...], value: object) -> str:
    """The text of a notebook with another value in its metadata.

    :param path: keys below ``metadata``; objects that are missing are made.
    :param value: what JSON can hold; or `REMOVE`, which takes the key away, and the objects
        above it that this leaves empty.
    :raises NotebookError: if the text is not a notebook.
    """
    document = _load(text)
    metadata = _set(document.get("metadata"), path, value)
    document["metadata"] = {} if metadata is REMOVE else metadata
    return patch_json(text, document)


def _set(old: object, path: tuple[str, ...], value: object) -> object:
    if not path:
        return value
    new = dict(old) if isinstance(old, Mapping) else {}
    inner = _set(new.get(path[0]), path[1:], value)
    if inner is REMOVE:
        new.pop(path[0], None)
        return new or REMOVE
    new[path[0]] = inner
    return new


def patch_json(text: str, value: Any) -> str:
    """The JSON text that holds ``value``, and is otherwise as ``text`` is.

    :raises NotebookError: if ``text`` is not JSON.
    """
    start = _after_mark(text)
    try:
        old, end = _decode(text, start)
        return text[:start] + _Patch(text, _style(text)).value(start, old, value, 0) + text[end:]
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from error


def _load(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text[_after_mark(text) :])
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from error
    if not isinstance(document, dict):
        raise NotebookError("It is not a notebook: it is no JSON object.")
    return document


def _not_json(error: Exception) -> NotebookError:
    return NotebookError(
        f"It is not a notebook: it is not JSON ({error}).",
        hint="Open it in Jupyter and save it, or restore it from a copy.",
    )


def _after_mark(text: str) -> int:
    """Where the value begins: after a byte order mark and white space."""
    return _skip(text, 1 if text.startswith("\ufeff") else 0)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _cells(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells in the order of `notebook_of`; those that are no objects as empty ones."""
    lists = [document.get("cells")]
    if not isinstance(lists[0], list):
        sheets = document.get("worksheets")
        lists = [s.get("cells") for s in sheets or () if isinstance(s, dict)]
    for cells in lists:
        for cell in cells if isinstance(cells, list) else ():
            yield cell if isinstance(cell, dict) else {}


@dataclass(frozen=True, slots=True)
class _Style:
    """How a text is written. ``indent`` is None if all of it stands in one line."""

    indent: str | None
    newline: str
    ascii: bool
    colon: str
    comma: str

    def render(self, value: object, depth: int, *, ordered: bool) -> str:
        """A value that is new."""
        dump: Callable[[bool], str] = lambda ascii: json.dumps(  # noqa: E731
            value,
            ensure_ascii=ascii,
            indent=self.indent,
            separators=("," if self.indent is not None else self.comma, self.colon),
            sort_keys=ordered,
        )
        text = dump(self.ascii)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
            text = dump(True)
        return text.replace("\n", self.line(depth)) if self.indent is not None else text

    def line(self, depth: int) -> str:
        """The beginning of a line whose value stands ``depth`` levels deep."""
        return "" if self.indent is None else self.newline + self.indent * depth


def _style(text: str) -> _Style:
    match = _INDENT.match(text)
    compact = _COMPACT.match(text) is not None
    return _Style(
        indent=match[2] if match else None,
        newline=match[1] if match else "\n",
        ascii=text.isascii() and _ESCAPED.search(text) is not None,
        colon=":" if compact else ": ",
        comma="," if compact else ", ",
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A member or an item: ``start`` to ``end`` in the text, and where its value begins."""

    key: str
    start: int
    value_start: int
    end: int
    value: Any


@dataclass(frozen=True, slots=True)
class _Patch:
    text: str
    style: _Style

    def value(self, start: int, old: object, new: object, depth: int) -> str:
        """The text of ``new``, where that of ``old`` begins at ``start``."""
        end = _decode(self.text, start)[1]
        if repr(old) == repr(new):
            return self.text[start:end]
        if isinstance(old, dict) and isinstance(new, Mapping):
            return self._object(start, end, new, depth)
        if isinstance(old, list) and isinstance(new, list | tuple):
            return self._array(start, end, new, depth)
        if isinstance(old, str) and isinstance(new, str):
            return self._string(self.text[start + 1 : end - 1], new)
        return self.style.render(new, depth, ordered=True)

    def _string(self, raw: str, new: str) -> str:
        """A string, whose characters that stay keep their escapes."""
        old = _CHARACTER.findall(raw)
        fresh = _CHARACTER.findall(self.style.render(new, 0, ordered=True)[1:-1])
        plain = [json.loads(f'"{part}"', strict=False) for part in old]
        wanted = [json.loads(f'"{part}"', strict=False) for part in fresh]
        head, tail = _same_ends(plain, wanted)
        kept = old[len(old) - tail :]
        middle = fresh[head : len(fresh) - tail]
        return '"' + "".join([*old[:head], *middle, *kept]) + '"'

    def _object(self, start: int, end: int, new: Mapping[str, Any], depth: int) -> str:
        parts = list(self._parts(start, named=True))
        last = {part.key: part for part in parts}
        names = [part.key for part in parts]
        ordered = names == sorted(names)
        pieces: list[tuple[str, str, _Part | None]] = []
        for part in parts:
            if part.key not in new:
                continue
            piece = self.text[part.start : part.end]
            if part is last[part.key]:
                inner = self.value(part.value_start, part.value, new[part.key], depth + 1)
                piece = self.text[part.start : part.value_start] + inner
            pieces.append((part.key, piece, part))
        for key in (key for key in new if key not in last):
            inner = self.style.render(new[key], depth + 1, ordered=ordered)
            name = self.style.render(key, 0, ordered=True)
            after = (n for n, (other, _, _) in enumerate(pieces) if ordered and other > key)
            at = next(after, len(pieces))
            pieces.insert(at, (key, f"{name}{self.style.colon}{inner}", None))
        written = [(piece, part) for _, piece, part in pieces]
        return self._joined(start, end, parts, written, depth)

    def _array(self, start: int, end: int, new: Sequence[Any], depth: int) -> str:
        parts = list(self._parts(start, named=False))
        head, tail = _same_ends([repr(part.value) for part in parts], [repr(item) for item in new])
        before, after = parts[:head], parts[len(parts) - tail :]
        old, fresh = parts[head : len(parts) - tail], new[head : len(new) - tail]
        pieces: list[tuple[str, _Part | None]] = [(self._raw(part), part) for part in before]
        if len(old) == len(fresh):
            for part, item in zip(old, fresh, strict=True):
                pieces.append((self.value(part.start, part.value, item, depth + 1), part))
        else:
            pieces += [(self.style.render(i, depth + 1, ordered=True), None) for i in fresh]
        pieces += [(self._raw(part), part) for part in after]
        return self._joined(start, end, parts, pieces, depth)

    def _raw(self, part: _Part) -> str:
        return self.text[part.start : part.end]

    def _joined(
        self,
        start: int,
        end: int,
        parts: list[_Part],
        pieces: list[tuple[str, _Part | None]],
        depth: int,
    ) -> str:
        """The pieces between the brackets; separators between neighbours that stay are kept."""
        opening, closing = self.text[start], self.text[end - 1]
        if not pieces:
            return opening + closing
        lead, trail = self.style.line(depth + 1), self.style.line(depth)
        if parts:
            lead = self.text[start + 1 : parts[0].start]
            trail = self.text[parts[-1].end : end - 1]
        separator = f",{lead}" if lead else self.style.comma
        if len(parts) > 1:
            separator = self.text[parts[0].end : parts[1].start]
        between = {
            (id(one), id(other)): self.text[one.end : other.start] for one, other in pairwise(parts)
        }
        out = [opening, lead, pieces[0][0]]
        for (_, one), (piece, other) in pairwise(pieces):
            out += [between.get((id(one), id(other)), separator), piece]
        return "".join([*out, trail, closing])

    def _parts(self, start: int, *, named: bool) -> Iterator[_Part]:
        """The members of the object, or the items of the array, that begins at ``start``."""
        text = self.text
        at = _skip(text, start + 1)
        while text[at] not in "}]":
            key, value_start = "", at
            if named:
                key, value_start = scanstring(text, at + 1)
                value_start = _skip(text, _skip(text, value_start) + 1)
            value, end = _decode(text, value_start)
            yield _Part(key, at, value_start, end, value)
            at = _skip(text, end)
            at = _skip(text, at + 1) if text[at] == "," else at


def _same_ends(one: Sequence[Any], other: Sequence[Any]) -> tuple[int, int]:
    """How many parts are the same at the beginning of both, and how many of the rest at the end."""
    shorter = min(len(one), len(other))
    head = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if one[-1 - n] != other[-1 - n]), rest)
    return head, tail
