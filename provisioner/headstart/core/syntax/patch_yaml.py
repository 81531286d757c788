"""Edit a field of a YAML text and keep every other character.

For front matter: what is added to a list or an object follows its layout. The result is parsed
again; if it is not the expected document, the text is written in a way that is not edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .lists import Edit, Item, applied, line_start, list_edits, next_line, runs
from .values import Remove, Value
from .yaml_text import inline_yaml, written_yaml
from .yaml_tree import Node, YamlProblem, parse_yaml

__all__ = ["patch_yaml"]

_STEP = "  "
"""Indent of a line that becomes part of an object."""


def patch_yaml(text: str, path: tuple[str, ...], value: Value | Remove, *, alone: str) -> str:
    """The document with another value for the field ``path``, which is added if it is missing.

    The object that contains the field must exist. `Remove` removes the field, and the objects that
    this leaves empty, unless they have a comment.

    :param alone: the field that a list or a string means which is given instead of the object.
    :raises YamlProblem: if the text is not YAML, or is written in a way that is not edited.
    """
    if _objects(text, path)[-1] is None:
        raise YamlProblem(f"{'.'.join(path[:-1])} is missing")
    before = _values(text, path, alone)
    expected = {name: old for name, old in before.items() if name != path[-1]}
    if not isinstance(value, Remove):
        expected[path[-1]] = value if isinstance(value, str | bool) else list(value)
    if expected == before:
        return text
    try:  # node positions are PyYAML's, and not all of them are where one would expect
        edited = applied(text, _edits(text, path, value, alone))
        if _values(edited, path, alone) == expected and _rest(edited, path) == _rest(text, path):
            return edited
    except (YamlProblem, ValueError, IndexError):
        pass
    raise YamlProblem(f"{'.'.join(path)} is written in a way that cannot be edited")


def _objects(text: str, path: tuple[str, ...]) -> list[Node | None]:
    """The objects on the way to a field, from the whole document to the one that holds it."""
    nodes: list[Node | None] = [parse_yaml(text)]
    for name in path[:-1]:
        node = nodes[-1]
        nodes.append(node.member(name) if node is not None else None)
    return nodes


def _values(text: str, path: tuple[str, ...], alone: str) -> dict[str, Any]:
    node = _objects(text, path)[-1]
    value = node.value() if node is not None else {}
    return value if isinstance(value, dict) else {alone: value}


def _rest(text: str, path: tuple[str, ...]) -> list[tuple[str, str]]:
    """The text of all fields that an edit must not change."""
    return [
        (key.text, text[value.start : value.end].rstrip())
        for node, name in zip(_objects(text, path), path[:-1], strict=False)
        for key, value in (node.members() if node is not None else ())
        if key.text != name
    ]


def _edits(text: str, path: tuple[str, ...], value: Value | Remove, alone: str) -> Iterator[Edit]:
    objects = [node for node in _objects(text, path) if node is not None]
    parent, name = objects[-1], path[-1]
    old = parent.member(name)
    if isinstance(value, Remove):
        if parent.kind == "object":
            yield from _removal(text, objects, path)
        else:
            yield from _removal(text, objects[:-1], path[:-1])
    elif old is not None or (parent.kind != "object" and name == alone):
        yield from _value_edits(text, old or parent, value, flow=bool(parent.style))
    elif parent.kind != "object":
        yield from _as_object(text, objects, name, value, alone)
    elif parent.style:
        yield from _flow_edits(text, parent, name, f"{name}: {inline_yaml(value, flow=True)}")
    else:
        yield _addition(text, parent, name, value)


def _value_edits(text: str, old: Node, value: Value, *, flow: bool) -> Iterator[Edit]:
    if isinstance(value, str | bool):
        yield from _scalar_edits(text, old, value, flow=flow)
    else:
        yield from _list_edits(text, old, value, flow=flow)


def _removal(text: str, objects: Sequence[Node], path: tuple[str, ...]) -> Iterator[Edit]:
    """Remove the field's lines, and those of the objects that this leaves empty."""
    depth = len(objects) - 1
    while depth and len(objects[depth].items) == 2 and not _has_comment(text, objects, depth):
        depth -= 1
    parent = objects[depth]
    if parent.style:
        yield from _flow_edits(text, parent, path[depth])
        return
    key, old = next(pair for pair in parent.members() if pair[0].text == path[depth])
    if depth and len(parent.items) == 2:  # an object with a comment stays; without {} it is null
        colon = _after_colon(text, _key(objects, depth))
        yield colon, colon, " {}"
    yield line_start(text, key.start), _next_line(text, old.end), ""


def _key(objects: Sequence[Node], depth: int) -> Node:
    return next(k for k, value in objects[depth - 1].members() if value is objects[depth])


def _after_colon(text: str, key: Node) -> int:
    """The offset after the colon of a key."""
    return text.index(":", key.end) + 1


def _has_comment(text: str, objects: Sequence[Node], depth: int) -> bool:
    """Whether an object has a comment that is not of its only field: above, after or in it."""
    parent, key = objects[depth], _key(objects, depth)
    end = _next_line(text, parent.end)
    lines = text[: line_start(text, key.start)].splitlines()[-1:]
    if not parent.style:
        column = parent.start - line_start(text, parent.start)
        lines += [line for line in text[end:].splitlines()[:1] if line[:column].isspace()]
    inside = text[key.end : end if parent.style else parent.start]
    return "#" in inside or any(line.lstrip().startswith("#") for line in lines)


def _flow_edits(text: str, parent: Node, name: str, fresh: str = "") -> Iterator[Edit]:
    """An object in flow style with one more member, or without one."""
    spans = [(key, key.start, max(key.end, _end_of(text, old))) for key, old in parent.members()]
    items = [Item(start, end, text[start:end], _comma(text, end)) for _, start, end in spans]
    kept = [item.value for item, (key, *_) in zip(items, spans, strict=True) if key.text != name]
    span = (parent.start, parent.end)
    yield from list_edits(text, span, items, [*kept, fresh] if fresh else kept, str)


def _addition(text: str, parent: Node, name: str, value: Value) -> Edit:
    first, at = parent.items[0], _next_line(text, parent.end)
    indent = text[line_start(text, first.start) : first.start]
    if indent.strip():
        raise YamlProblem("It does not begin a line", first.line)
    return at, at, f"{indent}{name}: {inline_yaml(value, flow=False)}\n"


def _as_object(
    text: str, objects: Sequence[Node], name: str, value: Value, alone: str
) -> Iterator[Edit]:
    """A list or string becomes the field ``alone`` of an object, which has the new field too."""
    key, node = _key(objects, len(objects) - 1), objects[-1]
    indent = text[line_start(text, key.start) : key.start]
    if indent.strip():
        raise YamlProblem("It does not begin a line", key.line)
    inner, start, end = indent + _STEP, _after_colon(text, key), _next_line(text, node.end)
    first, *rest = text[start:end].split("\n")
    deeper = [f"{inner}{alone}:{first}", *(_STEP + line if line.strip() else line for line in rest)]
    fresh = f"{inner}{name}: {inline_yaml(value, flow=False)}\n"
    yield start, end, "\n" + "\n".join(deeper) + fresh


def _scalar_edits(text: str, old: Node, value: str | bool, *, flow: bool) -> Iterator[Edit]:
    if old.style == "|" and isinstance(value, str):
        yield from _literal_edits(text, old, value)
        return
    style = old.style if isinstance(value, str) and old.style in ("'", '"') else ""
    yield old.start, _end_of(text, old), written_yaml(value, style, flow=flow)


def _literal_edits(text: str, old: Node, value: str) -> Iterator[Edit]:
    """The differing lines of a literal block (``|``)."""
    start = _next_line(text, old.start)
    kept = text[start : old.end].removesuffix("\n").split("\n")
    first = next((line for line in kept if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    plain = [line.removeprefix(indent) for line in kept]
    ends = [start]
    for line in kept:
        ends.append(ends[-1] + len(line) + 1)
    for begin, end, lines in runs(plain, value.removesuffix("\n").split("\n")):
        yield ends[begin], ends[end], "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)


def _list_edits(text: str, old: Node, new: Sequence[str], *, flow: bool) -> Iterator[Edit]:
    # An empty block sequence cannot be written: it becomes [], on the line of its key.
    before = text[: old.start].rstrip()
    if old.kind == "list" and not old.style and not new and before.endswith(":"):
        yield len(before), _end_of(text, old), " []"
        return
    if old.kind != "list" or (not old.style and not new):
        yield old.start, _end_of(text, old), inline_yaml(new, flow=flow)
        return
    style = old.items[0].style if old.items and old.items[0].style in ("'", '"') else ""
    values = [str(item.value()) for item in old.items]
    if old.style:
        items = [
            Item(item.start, item.end, written, _comma(text, item.end))
            for item, written in zip(old.items, values, strict=True)
        ]
        span = (old.start, old.end)
        yield from list_edits(
            text, span, items, new, lambda written: written_yaml(written, style, flow=True)
        )
        return
    starts = [line_start(text, item.start) for item in old.items]
    ends = [_next_line(text, item.end) for item in old.items]
    dash = text[starts[0] : old.items[0].start]
    if dash.strip() != "-":
        raise YamlProblem("It does not begin a line", old.line)
    for start, end, fresh in runs(values, new):
        written = [written_yaml(each, style, flow=False) for each in fresh]
        both = min(end - start, len(written))
        for item, each in zip(old.items[start : start + both], written, strict=False):
            yield item.start, item.end, each
        if start + both < end:
            yield starts[start + both], ends[end - 1], ""
        elif written[both:]:
            at = ends[end - 1] if end else starts[0]
            yield at, at, "".join(f"{dash}{each}\n" for each in written[both:])


def _end_of(text: str, node: Node) -> int:
    """Where a value's text ends: PyYAML's end of a block includes the white space after it."""
    end = node.end
    while end > node.start and text[end - 1] in " \n":
        end -= 1
    return end


def _comma(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at if text[at : at + 1] == "," else -1


def _next_line(text: str, at: int) -> int:
    """The start of the line after a value; that of a literal block is where the value ends."""
    return at if at and text[at - 1] == "\n" else next_line(text, at)
