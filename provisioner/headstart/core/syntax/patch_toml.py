"""Change a field of a TOML text and keep every other character.

What is added to a list follows its layout: its lines, its indent, its quotes, its last comma.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .lists import Edit, applied, list_edits
from .toml import TomlProblem, load_toml
from .toml_spans import Path, Statement, array_items, statements, tables

__all__ = ["patch_toml"]

Value = str | bool | Sequence[str]


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
        return applied(text, [_addition(text, known, path, value)])
    if not isinstance(value, str | bool) and text[found.value] == "[":
        return applied(text, _array_edits(text, found, value))
    return applied(text, [(found.value, found.value_end, _rendered(value))])


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
    if not all(isinstance(item.value, str) for item in items):
        raise TomlProblem("The list does not hold strings only")
    span = (found.value, found.value_end)
    return list_edits(text, span, items, list(new), lambda said: _quoted(said, quote))
