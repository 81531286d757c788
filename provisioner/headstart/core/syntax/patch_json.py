"""Edit a JSON text and keep every byte that need not change.

Unchanged values keep their text: order, indent, escapes, numbers. New ones are written in the style
of the text around them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from json.decoder import scanstring  # type: ignore[attr-defined]  # of the public py_scanstring
from typing import Any

from ...errors import NotebookError

__all__ = ["JsonText", "patch_json"]

_SPACE = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]",
    re.DOTALL,
)
_INDENT = re.compile(r"\s*[{\[](\r?\n)([ \t]*)\S")
_COMPACT = re.compile(r'\s*\{\s*"[^"\\]*":\S')
# Control characters are escaped in any JSON; an escape beyond ASCII tells that its writer escapes
# all such characters (ensure_ascii).
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_decode = json.JSONDecoder().raw_decode
_LONG = 256 * 1024
"""Characters of a string that is compared as a whole: one by one takes 4 s for a million."""


def patch_json(text: str, value: Any) -> str:
    """The JSON text of ``value``, in all else the same as ``text``.

    :raises NotebookError: if ``text`` is not JSON.
    """
    start = _after_mark(text)
    try:
        old, end = _decode(text, start)
        new = _Patch(text, _style(text)).value(start, end, old, value, 0)
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from error
    return text[:start] + new + text[end:]


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text and the object in it, from ``start`` to ``end``."""

    text: str
    start: int
    end: int
    document: dict[str, Any]

    @staticmethod
    def of(text: str) -> JsonText:
        """Read a text.

        :raises NotebookError: if it does not hold one JSON object.
        """
        start = _after_mark(text)
        try:
            document, end = _decode(text, start)
        except (ValueError, RecursionError) as error:
            raise _not_json(error) from error
        if not isinstance(document, dict) or text[end:].strip():
            raise NotebookError("It is not a notebook: it is not one JSON object.")
        return JsonText(text, start, end, document)

    def patched(self, document: Mapping[str, Any]) -> str:
        """The text of another document.

        Objects that it shares with the old one are unchanged, and are not compared.
        """
        patch = _Patch(self.text, _style(self.text))
        new = patch.value(self.start, self.end, self.document, document, 0)
        return self.text[: self.start] + new + self.text[self.end :]


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


@dataclass(frozen=True, slots=True)
class _Style:
    """How a text is written. ``indent`` is None if all of it is on one line."""

    indent: str | None
    newline: str
    ascii: bool
    colon: str
    comma: str

    def render(self, value: object, depth: int, *, ordered: bool) -> str:
        """The text of a new value."""
        text = self._dump(value, ascii=self.ascii, ordered=ordered)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
            text = self._dump(value, ascii=True, ordered=ordered)
        return text.replace("\n", self.line(depth)) if self.indent is not None else text

    def _dump(self, value: object, *, ascii: bool, ordered: bool) -> str:
        return json.dumps(
            value,
            ensure_ascii=ascii,
            indent=self.indent,
            separators=("," if self.indent is not None else self.comma, self.colon),
            sort_keys=ordered,
        )

    def line(self, depth: int) -> str:
        """The beginning of a line whose value is ``depth`` levels deep."""
        return "" if self.indent is None else self.newline + self.indent * depth


def _style(text: str) -> _Style:
    match = _INDENT.match(text)
    compact = _COMPACT.match(text) is not None
    return _Style(
        indent=match[2] if match else None,
        newline=match[1] if match else "\n",
        ascii=text.isascii() and "\\u" in text and _ESCAPED.search(text) is not None,
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

    def value(self, start: int, end: int, old: object, new: object, depth: int) -> str:
        """The text of ``new``, where that of ``old`` is at ``start`` to ``end``."""
        if old is new or (not isinstance(old, dict | list) and _is_same(old, new)):
            return self.text[start:end]
        if isinstance(old, dict) and isinstance(new, Mapping):
            return self._object(start, end, old, new, depth)
        if isinstance(old, list) and isinstance(new, list | tuple):
            return self._array(start, end, old, new, depth)
        if isinstance(old, str) and isinstance(new, str):
            return self._string(self.text[start + 1 : end - 1], new)
        return self.style.render(new, depth, ordered=True)

    def _string(self, raw: str, new: str) -> str:
        """A string; characters that stay keep their escapes, unless it is very long."""
        if len(raw) > _LONG:
            return self.style.render(new, 0, ordered=True)
        old = _CHARACTER.findall(raw)
        fresh = _CHARACTER.findall(self.style.render(new, 0, ordered=True)[1:-1])
        head, tail = _same_ends(list(map(_plain, old)), list(map(_plain, fresh)))
        kept = old[len(old) - tail :]
        middle = fresh[head : len(fresh) - tail]
        return '"' + "".join([*old[:head], *middle, *kept]) + '"'

    def _object(
        self, start: int, end: int, old: dict[str, Any], new: Mapping[str, Any], depth: int
    ) -> str:
        parts = list(self._parts(start, old))
        # Of a duplicate name the last one counts; the others are kept as they are.
        last = {part.key: part for part in parts}
        names = [part.key for part in parts]
        ordered = names == sorted(names)
        pieces: list[tuple[str, str, _Part | None]] = []
        for part in parts:
            if part.key not in new:
                continue
            piece = self.text[part.start : part.end]
            if part is last[part.key]:
                span = (part.value_start, part.end)
                inner = self.value(*span, part.value, new[part.key], depth + 1)
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

    def _array(
        self, start: int, end: int, values: list[Any], new: Sequence[Any], depth: int
    ) -> str:
        parts = list(self._parts(start, values))
        head, tail = _same_ends(values, new)
        before, after = parts[:head], parts[len(parts) - tail :]
        old, fresh = parts[head : len(parts) - tail], new[head : len(new) - tail]
        pieces: list[tuple[str, _Part | None]] = [(self._raw(part), part) for part in before]
        if len(old) == len(fresh):
            for part, item in zip(old, fresh, strict=True):
                inner = self.value(part.start, part.end, part.value, item, depth + 1)
                pieces.append((inner, part))
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
        """The pieces between the brackets; separators between unchanged neighbours are kept."""
        opening, closing = self.text[start], self.text[end - 1]
        if not pieces:
            return opening + closing if parts else self.text[start:end]
        lead, trail = self.style.line(depth + 1), self.style.line(depth)
        if parts:
            lead = self.text[start + 1 : parts[0].start]
            trail = self.text[parts[-1].end : end - 1]
        separator = f",{lead}" if lead else self.style.comma
        if len(parts) > 1:
            separator = self.text[parts[0].end : parts[1].start]
        # By identity: a part may hold a dict, which has no hash.
        between = {
            (id(left), id(right)): self.text[left.end : right.start]
            for left, right in pairwise(parts)
        }
        out = [opening, lead, pieces[0][0]]
        for (_, left), (piece, right) in pairwise(pieces):
            out += [between.get((id(left), id(right)), separator), piece]
        return "".join([*out, trail, closing])

    def _parts(self, start: int, values: dict[str, Any] | list[Any]) -> Iterator[_Part]:
        """The members of the object, or the items of the array, that begins at ``start``.

        :param values: its value. The parts share the values in it, so that `value` sees by identity
            what is unchanged.
        """
        text, number = self.text, 0
        at = _skip(text, start + 1)
        while text[at] not in "}]":
            key, value_start = "", at
            if isinstance(values, dict):
                key, value_start = scanstring(text, at + 1)
                value_start = _skip(text, _skip(text, value_start) + 1)
            value = values[key] if isinstance(values, dict) else values[number]
            end = _decode(text, value_start)[1]
            yield _Part(key, at, value_start, end, value)
            number, at = number + 1, _skip(text, end)
            at = _skip(text, at + 1) if text[at] == "," else at


def _is_same(one: object, other: object) -> bool:
    """Whether both are the same JSON: 1 is neither 1.0 nor true, which Python calls equal."""
    return one is other or (type(one) is type(other) and repr(one) == repr(other))


def _plain(part: str) -> str:
    """The character that a part of a JSON string means."""
    return part if len(part) == 1 else str(json.loads(f'"{part}"'))


def _same_ends(one: Sequence[Any], other: Sequence[Any]) -> tuple[int, int]:
    """How many items are the same at the beginning of both, and how many of the rest at the end."""
    shorter = min(len(one), len(other))
    head = next((n for n in range(shorter) if not _is_same(one[n], other[n])), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if not _is_same(one[-1 - n], other[-1 - n])), rest)
    return head, tail
