"""Edit a field of a TOML text and keep every other character.

Items added to a list follow its layout: its lines, its indent, its quotes, its trailing comma.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .lists import Edit, applied, line_start, list_edits, next_line
from .toml import TomlProblem, load_toml
from .toml_spans import Path, Statement, Table, array_items, inline_items, key_parts, parts
from .values import REMOVE, Remove, Value

__all__ = ["patch_toml"]

_OF_NEXT = re.compile(r"\n[ \t]*\n(?:[ \t]*#[^\n]*\n)+[ \t]*\Z")


def patch_toml(text: str, path: Path, value: Value | Remove) -> str:
    """The document with another value for the key ``path``, which is added if it is missing.

    `REMOVE` removes the key, and the tables that this leaves empty, unless they have a comment.

    :raises TomlProblem: if the text is not TOML, or is written in a way that is not edited.
    """
    before = load_toml(text)
    # tomllib, and not our own reader of spans, says what the text contains, before and after.
    rest, old = _split(before, path)
    if _canonical(old) == _canonical(value):
        return text
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        edited = applied(text, _edits(text, path, value))
        if _canonical(_split(load_toml(edited), path)) == _canonical((rest, value)):
            return edited
    except TomlProblem:
        pass
    raise TomlProblem(f"{'.'.join(path)} is written in a way that cannot be edited")


def _split(document: dict[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """The document without the key, and without tables that this leaves empty; and its value."""
    rest, name = dict(document), path[0]
    if len(path) == 1:
        return rest, rest.pop(name, REMOVE)
    inner = rest.pop(name, {})
    if not isinstance(inner, dict):
        raise TomlProblem(f"{name} is not a table")
    inner, value = _split(inner, path[1:])
    return ({**rest, name: inner} if inner else rest), value


def _canonical(value: Any) -> str:
    """Equal for the same TOML: 1 is not true, and any nan equals any other."""
    return json.dumps(value, sort_keys=True, default=repr)


def _edits(text: str, path: Path, value: Value | Remove) -> Iterable[Edit]:
    layout = list(parts(text))
    for part in layout:
        if isinstance(part, Statement) and part.path == path[: len(part.path)]:
            old = text[part.value : part.value_end]
            new = _new_value(old, path[len(part.path) :], value)
            if new is not REMOVE:
                return [(part.value, part.value_end, new)]
            path = part.path
            break
    if value is REMOVE:
        return _removal(text, layout, path)
    return [_addition(text, layout, path, value)]


def _new_value(old: str, path: Path, value: Value | Remove) -> str | Remove:
    """A value to replace ``old``, or inside the inline table that it is; REMOVE to remove it."""
    if path:
        return _inline(old, path, value)
    if isinstance(value, str | bool | Remove) or not old.startswith("["):
        return value if value is REMOVE else _rendered(value)
    items = array_items(old, 0)
    quote = old[items[0].start] if items else '"'
    if not all(isinstance(item.value, str) for item in items):
        raise TomlProblem("The list does not hold strings only")
    span = (0, len(old))
    return applied(old, list_edits(old, span, items, value, lambda item: _quoted(item, quote)))


def _inline(table: str, path: Path, value: Value | Remove) -> str | Remove:
    """An inline table with another value at ``path``; REMOVE if that empties it."""
    if not table.startswith("{"):
        raise TomlProblem("It is not a table")
    items = inline_items(table)
    members: list[str] = [item.value for item in items]
    for number, member in enumerate(members):
        key, start = key_parts(member)
        if key == path[: len(key)]:
            new = _new_value(member[start:], path[len(key) :], value)
            members[number : number + 1] = [] if new is REMOVE else [member[:start] + new]
            break
    else:
        if value is not REMOVE:
            members.append(f"{'.'.join(path)} = {_rendered(value, lines=False)}")
    if items and not members and "#" not in table:
        return REMOVE
    return applied(table, list_edits(table, (0, len(table)), items, members, str))


def _addition(text: str, layout: Sequence[Statement | Table], path: Path, value: Value) -> Edit:
    """A new key: after the keys of its table, or in a new table at the end."""
    table, line = path[:-1], f"{path[-1]} = {_rendered(value)}\n"
    candidates = [part for part in layout if isinstance(part, Statement) and _is_in(part, table)]
    neighbours = [part for part in candidates if part.path[:-1] == table] or candidates
    if neighbours:
        last = neighbours[-1]
        indent = text[line_start(text, last.start) : last.start]
        return last.end, last.end, indent + last.prefix(len(table) - len(last.table)) + line
    heads = [part for part in layout if isinstance(part, Table)]
    head = next((part for part in heads if part.path == table), None)
    if head is not None:
        return head.end, head.end, line
    if not table:
        # After the line of a table the key would belong to that table.
        return (0, 0, f"{line}\n") if heads else (len(text), len(text), line)
    space = "\n" if text.strip() else ""
    return len(text), len(text), f"{space}[{'.'.join(table)}]\n{line}"


def _is_in(key: Statement, table: Path) -> bool:
    """Whether a key is in a table, or in a parent of it with the table in its dotted name."""
    return key.path[:-1][: len(table)] == table and len(key.table) <= len(table)


def _removal(text: str, layout: Sequence[Statement | Table], path: Path) -> Iterator[Edit]:
    """Remove the key's lines, and those of the tables that this leaves empty."""
    removed = {n for n, part in enumerate(layout) if part.path[: len(path)] == path}
    for length in range(len(path) - 1, 0, -1):
        table = path[:length]
        rest = {n for n, part in enumerate(layout) if part.path[:length] == table} - removed
        emptied = {
            n
            for n in rest
            if layout[n].path == table and (n + 1 in removed or len(rest) == 1)
            if _is_bare(text, layout, n, removed)
        }
        removed |= emptied
        if rest != emptied:
            break
    for number in sorted(removed):
        if number - 1 not in removed:
            end = layout[_next_left(layout, number, removed) - 1].end
            yield *_with_blank_line(text, layout[number].start, end), ""


def _next_left(layout: Sequence[Statement | Table], number: int, removed: set[int]) -> int:
    return next(n for n in range(number + 1, len(layout) + 1) if n not in removed)


def _is_bare(text: str, layout: Sequence[Statement | Table], head: int, removed: set[int]) -> bool:
    """Whether the line of a table is left without keys, and without comments around it.

    A comment after an empty line, directly above the next table, belongs to that table.
    """
    following = _next_left(layout, head, removed)
    if following < len(layout) and isinstance(layout[following], Statement):
        return False
    below = text[layout[following - 1].end :]
    if following < len(layout):
        below = text[layout[following - 1].end - 1 : layout[following].start]
        below = _OF_NEXT.sub("", below)
    after = text[
        layout[head].start : layout[head + 1].start if head + 1 in removed else layout[head].end
    ]
    above = text[: line_start(text, layout[head].start)].splitlines()[-1:]
    return "#" not in after + below and not any(line.lstrip().startswith("#") for line in above)


def _with_blank_line(text: str, start: int, end: int) -> tuple[int, int]:
    """Lines to remove, and one of the two empty lines that would meet."""
    start = line_start(text, start)
    following = next_line(text, end)
    if text[end:following].strip():
        return start, end
    above = line_start(text, max(start - 1, 0))
    if start and not text[above:start].strip() and text[:above].strip():
        return above, end
    return start, end if start else following


def _rendered(value: Value, *, lines: bool = True) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value, '"')
    items = [_quoted(item, '"') for item in value]
    if not lines or not items:
        return f"[{', '.join(items)}]"
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _quoted(text: str, quote: str) -> str:
    """A TOML string, with the given quotes unless it contains them and not the others."""
    literal = "'" not in text and text.isprintable()
    if literal and (quote == "'" or '"' in text):
        return f"'{text}'"
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
