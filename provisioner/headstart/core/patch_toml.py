"""Change a field of a TOML text and keep every other character.

What is added to a list follows its layout: its lines, its indent, its quotes, its last comma.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from .toml import TomlProblem, load_toml
from .toml_spans import Item, Path, Statement, array_items, statements, tables

__all__ = ["patch_toml"]

Value = str | bool | Sequence[str]
Edit = tuple[int, int, str]
"""Characters from the first to the second position become the text."""


def patch_toml(text: str, path: Path, value: Value) -> str:
    """The document ``text`` in which the key ``path`` has another value, or is added.

    :raises TomlProblem: if the text is not TOML, or is written in a way that is not edited.
    """
    wanted = load_toml(text)
    _assign(wanted, path, value)
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        edited = _edited(text, path, value)
        if load_toml(edited) == wanted:
            return edited
    except TomlProblem:
        pass
    raise TomlProblem(f"{'.'.join(path)} is written in a way that cannot be edited")


def _assign(document: dict[str, Any], path: Path, value: Value) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
        if not isinstance(document, dict):
            raise TomlProblem(f"{name} is not a table")
    document[path[-1]] = value if isinstance(value, str | bool) else list(value)


def _edited(text: str, path: Path, value: Value) -> str:
    known = list(statements(text))
    found = next((one for one in known if one.path == path), None)
    if found is None:
        return _applied(text, [_addition(text, known, path, value)])
    if not isinstance(value, str | bool) and text[found.value] == "[":
        return _applied(text, _array_edits(text, found, value))
    return _applied(text, [(found.value, found.value_end, _rendered(value))])


def _addition(text: str, known: Sequence[Statement], path: Path, value: Value) -> Edit:
    """Where a new key goes: behind its neighbours, or into a table of its own at the end."""
    table, name = path[:-1], path[-1]
    line = f"{name} = {_rendered(value)}\n"
    beside = [one for one in known if one.path[:-1] == table]
    if beside:
        last = beside[-1]
        prefix = last.written.rpartition(".")[0] if last.table != table else ""
        return last.end, last.end, f"{prefix}.{line}" if prefix else line
    heads = list(tables(text))
    head = next((one for one in heads if one.path == table), None)
    if head is not None:
        return head.end, head.end, line
    if not table:
        return (0, 0, f"{line}\n") if heads else (len(text), len(text), line)
    space = "\n" if text.strip() else ""
    return len(text), len(text), f"{space}[{'.'.join(table)}]\n{line}"


def _rendered(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value, '"')
    lines = [f"    {said},\n" for said in (_quoted(item, '"') for item in value)]
    return f"[\n{''.join(lines)}]" if lines else "[]"


def _quoted(text: str, quote: str) -> str:
    """A TOML string: with the quotes wanted, unless the text has them itself and not the others."""
    literal = "'" not in text and text.isprintable()
    if literal and (quote == "'" or '"' in text):
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _array_edits(text: str, found: Statement, new: Sequence[str]) -> Iterator[Edit]:
    items = array_items(text, found.value)
    quote = text[items[0].start] if items else '"'
    old = [item.value for item in items]
    if not all(isinstance(value, str) for value in old):
        raise TomlProblem("The list does not hold strings only")
    matcher = SequenceMatcher(None, old, list(new), autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        fresh = [_quoted(value, quote) for value in new[new_start:new_end]]
        both = min(end - start, len(fresh))
        for item, said in zip(items[start : start + both], fresh, strict=False):
            yield item.start, item.end, said
        if start + both < end:
            yield from _deletions(text, items, start + both, end)
        elif fresh[both:]:
            yield from _insertions(text, found, items, start + both, fresh[both:])


def _insertions(
    text: str, found: Statement, items: Sequence[Item], at: int, fresh: Sequence[str]
) -> Iterator[Edit]:
    """The edits that put items in front of the one with the index ``at``."""
    if not items:
        yield _first_items(text, found, fresh)
    elif at == 0:
        indent, first = _indent(text, items[0]), items[0].start
        if indent is None:
            yield first, first, "".join(f"{said}, " for said in fresh)
        else:
            start = first - len(indent)
            yield start, start, "".join(f"{indent}{said},\n" for said in fresh)
    else:
        yield from _after(text, items[at - 1], fresh)


def _after(text: str, item: Item, fresh: Sequence[str]) -> Iterator[Edit]:
    indent, line_end = _indent(text, item), _clean_line_end(text, item)
    if indent is None:
        yield item.end, item.end, "".join(f", {said}" for said in fresh)
    elif line_end < 0:
        yield item.end, item.end, "".join(f",\n{indent}{said}" for said in fresh)
    else:
        lines = ",\n".join(f"{indent}{said}" for said in fresh)
        if item.comma < 0:
            yield item.end, item.end, ","
        yield line_end, line_end, f"{lines}{',' if item.comma >= 0 else ''}\n"


def _first_items(text: str, found: Statement, fresh: Sequence[str]) -> Edit:
    """Items for an empty list, which may have lines and comments in it."""
    closing = found.value_end - 1
    line = text.rfind("\n", 0, closing) + 1
    if line <= found.value:
        return found.value + 1, found.value + 1, ", ".join(fresh)
    indent = text[line:closing] if not text[line:closing].strip() else ""
    return line, line, "".join(f"{indent}    {said},\n" for said in fresh)


def _deletions(text: str, items: Sequence[Item], start: int, end: int) -> Iterator[Edit]:
    gone = items[start:end]
    if all(_indent(text, one) is not None and _clean_line_end(text, one) >= 0 for one in gone):
        for one in gone:
            yield text.rfind("\n", 0, one.start) + 1, _clean_line_end(text, one), ""
    elif end < len(items):
        yield gone[0].start, items[end].start, ""
    elif start:
        yield items[start - 1].end, gone[-1].end, ""
    else:
        yield gone[0].start, max(gone[-1].end, gone[-1].comma + 1), ""


def _indent(text: str, item: Item) -> str | None:
    """What stands before an item that begins its line; None if something else does."""
    before = text[text.rfind("\n", 0, item.start) + 1 : item.start]
    return before if not before.strip() else None


def _clean_line_end(text: str, item: Item) -> int:
    """Where the line after an item begins; -1 if more than a comment follows on its line."""
    end = text.find("\n", item.end)
    after = text[max(item.end, item.comma + 1) : end].lstrip() if item.comma < end else "]"
    return -1 if end < 0 or (after and not after.startswith("#")) else end + 1


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])
