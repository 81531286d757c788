"""Edit a list in a text, whose items are between brackets, and keep its layout.

TOML arrays and YAML flow sequences are such lists, with commas, comments and line breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

__all__ = ["Edit", "Item", "applied", "line_start", "list_edits", "next_line", "runs"]

_MOST_COMPARED = 40_000
"""Pairs of items that are compared to find the shortest edit: the time is quadratic."""

Edit = tuple[int, int, str]
"""The characters from the first offset to the second become the text."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list; ``comma`` is the offset of the comma after it, -1 if it has none."""

    start: int
    end: int
    value: Any
    comma: int = -1


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits, which do not overlap."""
    pieces, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def line_start(text: str, at: int) -> int:
    """Where the line of a character begins."""
    return text.rfind("\n", 0, at) + 1


def next_line(text: str, at: int) -> int:
    """Where the line after that of a character begins."""
    return text.find("\n", at) + 1 or len(text)


def runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """The differences: the items of ``old`` from one index to another, and what replaces them.

    Equal items at both ends are skipped first: the rest of an edited list is short, and comparing
    long ones takes quadratic time.
    """
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) * len(after) > _MOST_COMPARED:
        yield head, head + len(before), after
        return
    # autojunk would not match items that are frequent in a list of 200 or more.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            yield head + start, head + end, after[new_start:new_end]


def list_edits(
    text: str,
    span: tuple[int, int],
    items: Sequence[Item],
    new: Sequence[str],
    quoted: Callable[[str], str],
) -> Iterator[Edit]:
    """The edits that make a list contain other strings.

    :param span: the offsets of its brackets.
    :param quoted: writes one item.
    """
    for start, end, values in runs([item.value for item in items], new):
        fresh = [quoted(value) for value in values]
        both = min(end - start, len(fresh))
        for item, written in zip(items[start : start + both], fresh, strict=False):
            yield item.start, item.end, written
        if start + both < end:
            yield from _deletions(text, items, start + both, end)
        elif fresh[both:]:
            yield from _insertions(text, span, items, start + both, fresh[both:])


def _insertions(
    text: str, span: tuple[int, int], items: Sequence[Item], at: int, fresh: Sequence[str]
) -> Iterator[Edit]:
    """The edits that insert items before the one with the index ``at``."""
    if not items:
        yield _first_items(text, span, fresh)
    elif at == 0:
        indent, first = _indent(text, items[0]), items[0].start
        if indent is None:
            yield first, first, "".join(f"{written}, " for written in fresh)
        else:
            start = first - len(indent)
            yield start, start, "".join(f"{indent}{written},\n" for written in fresh)
    else:
        yield from _after(text, items[at - 1], fresh)


def _after(text: str, item: Item, fresh: Sequence[str]) -> Iterator[Edit]:
    indent, line_end = _indent(text, item), _clean_line_end(text, item)
    if indent is None:
        yield item.end, item.end, "".join(f", {written}" for written in fresh)
    elif line_end < 0:
        yield item.end, item.end, "".join(f",\n{indent}{written}" for written in fresh)
    else:
        lines = ",\n".join(f"{indent}{written}" for written in fresh)
        if item.comma < 0:
            yield item.end, item.end, ","
        yield line_end, line_end, f"{lines}{',' if item.comma >= 0 else ''}\n"


def _first_items(text: str, span: tuple[int, int], fresh: Sequence[str]) -> Edit:
    """The edit that fills an empty list, which may contain line breaks and comments."""
    closing = span[1] - 1
    line = line_start(text, closing)
    if line <= span[0]:
        return span[0] + 1, span[0] + 1, ", ".join(fresh)
    indent = text[line:closing] if not text[line:closing].strip() else ""
    return line, line, "".join(f"{indent}    {written},\n" for written in fresh)


def _deletions(text: str, items: Sequence[Item], start: int, end: int) -> Iterator[Edit]:
    removed = items[start:end]
    first, last = removed[0], removed[-1]
    if all(
        _indent(text, item) is not None and _clean_line_end(text, item) >= 0 for item in removed
    ):
        for item in removed:
            yield line_start(text, item.start), _clean_line_end(text, item), ""
        if start and end == len(items) and last.comma < 0:
            # The list had no trailing comma, and keeps none.
            yield items[start - 1].comma, items[start - 1].comma + 1, ""
    elif end < len(items):
        yield first.start, items[end].start, ""
    elif start and "#" in text[items[start - 1].end : first.start]:
        # The comment belongs to the item above, and so does the comma before it.
        yield first.start, max(last.end, last.comma + 1), ""
    elif start:
        yield items[start - 1].end, last.end, ""
    else:
        yield first.start, max(last.end, last.comma + 1), ""


def _indent(text: str, item: Item) -> str | None:
    """The white space before an item that begins its line; None if another token does."""
    before = text[line_start(text, item.start) : item.start]
    return before if not before.strip() else None


def _clean_line_end(text: str, item: Item) -> int:
    """The start of the line after an item; -1 if anything but a comment follows on its line."""
    end = text.find("\n", item.end)
    after = text[max(item.end, item.comma + 1) : end].lstrip() if item.comma < end else "]"
    return -1 if end < 0 or (after and not after.startswith("#")) else end + 1
