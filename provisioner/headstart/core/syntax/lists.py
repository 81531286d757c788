"""Change a list in a text, whose items stand between brackets, and keep its layout.

Both TOML and YAML (in brackets) write lists like that, with commas, comments and lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

__all__ = ["Edit", "Item", "applied", "line_start", "list_edits", "next_line", "runs"]

_MOST_COMPARED = 40_000
"""Pairs of items that are compared to find the shortest edit."""

Edit = tuple[int, int, str]
"""Characters from the first to the second position become the text."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list; ``comma`` is where the comma after it stands, -1 if there is none."""

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
    """What differs: the items of ``old`` from one index to another become those of ``new``.

    What is the same at both ends is set aside first: the rest is short in an edit, and comparing
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
    """The edits that make a list hold other strings.

    :param span: where its brackets begin and end.
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
    """The edits that put items in front of the one with the index ``at``."""
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
    """Items for an empty list, which may have lines and comments in it."""
    closing = span[1] - 1
    line = line_start(text, closing)
    if line <= span[0]:
        return span[0] + 1, span[0] + 1, ", ".join(fresh)
    indent = text[line:closing] if not text[line:closing].strip() else ""
    return line, line, "".join(f"{indent}    {written},\n" for written in fresh)


def _deletions(text: str, items: Sequence[Item], start: int, end: int) -> Iterator[Edit]:
    gone = items[start:end]
    if all(_indent(text, one) is not None and _clean_line_end(text, one) >= 0 for one in gone):
        for one in gone:
            yield line_start(text, one.start), _clean_line_end(text, one), ""
        if start and end == len(items) and gone[-1].comma < 0:
            yield items[start - 1].comma, items[start - 1].comma + 1, ""
    elif end < len(items):
        yield gone[0].start, items[end].start, ""
    elif start and "#" in text[items[start - 1].end : gone[0].start]:
        # The comment is of the item above, and so is the comma before it.
        yield gone[0].start, max(gone[-1].end, gone[-1].comma + 1), ""
    elif start:
        yield items[start - 1].end, gone[-1].end, ""
    else:
        yield gone[0].start, max(gone[-1].end, gone[-1].comma + 1), ""


def _indent(text: str, item: Item) -> str | None:
    """What stands before an item that begins its line; None if something else does."""
    before = text[line_start(text, item.start) : item.start]
    return before if not before.strip() else None


def _clean_line_end(text: str, item: Item) -> int:
    """Where the line after an item begins; -1 if more than a comment follows on its line."""
    end = text.find("\n", item.end)
    after = text[max(item.end, item.comma + 1) : end].lstrip() if item.comma < end else "]"
    return -1 if end < 0 or (after and not after.startswith("#")) else end + 1
