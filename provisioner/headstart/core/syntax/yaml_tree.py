"""Read untrusted YAML: bounded, without running code, with the offsets of each value.

PyYAML's parser yields events, without recursion and without expanding aliases; the tree is built
here. Values are strings, booleans, null, lists and objects. Numbers and dates stay strings: YAML
reads the version 3.10 as the number 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_VALUES = 10_000
"""Keys and values of all kinds, in a whole document."""

MAX_DEPTH = 64
"""Lists and objects inside each other; `Node.value` recurses on them."""

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
"""The plain words of YAML 1.1, which PyYAML and jupytext read."""


class YamlProblem(Exception):
    """Why a text is not YAML that is read here. ``line`` is 1-based, 0 if it is unknown."""

    def __init__(self, reason: str, line: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class Node:
    """One value: ``start`` to ``end`` are characters of the text, ``line`` is 1-based.

    ``kind`` is ``scalar``, ``list`` or ``object``; ``style`` is the mark of a scalar (a quote,
    ``|``, ``>`` or ``""``), and ``{`` or ``[`` in flow style. ``odd`` names what a header must not
    have: an anchor, an alias or a tag.
    """

    kind: str
    start: int
    line: int
    style: str = ""
    text: str = ""
    odd: str = ""
    end: int = 0
    items: list[Node] = field(default_factory=list)

    def members(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of an object."""
        return zip(self.items[::2], self.items[1::2], strict=False)

    def member(self, name: str) -> Node | None:
        """The value of a key; None if it is missing, or this is not an object.

        :raises YamlProblem: if the key occurs twice.
        """
        if self.kind != "object":
            return None
        matches = [(key, value) for key, value in self.members() if key.text == name]
        if len(matches) > 1:
            raise YamlProblem(f'"{name}" is given a second time', matches[1][0].line)
        return matches[0][1] if matches else None

    def value(self) -> Any:
        """The value, in types of JSON.

        :raises YamlProblem: if it contains an anchor, an alias or a tag, a key that is not a
            string, or a duplicate key.
        """
        if self.odd:
            raise YamlProblem(f"{self.odd} is not read in a header", self.line)
        if self.kind == "list":
            return [item.value() for item in self.items]
        if self.kind == "scalar":
            return self.text if self.style else _WORDS.get(self.text, self.text)
        result: dict[str, Any] = {}
        for key, value in self.members():
            if key.kind != "scalar" or key.odd:
                raise YamlProblem("A key is not a string", key.line)
            if key.text in result:
                raise YamlProblem(f'"{key.text[:40]}" is given a second time', key.line)
            result[key.text] = value.value()
        return result


def parse_yaml(text: str) -> Node:
    """Parse the first document of a text.

    :raises YamlProblem: if it is not YAML, or is nested too deeply.
    """
    import yaml  # imported here: only a notebook with front matter needs it

    # The parser in C, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _tree(yaml.parse(text, Loader=loader), yaml)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise YamlProblem(str(error.problem or "It is not YAML").capitalize(), line) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise YamlProblem("It has characters that YAML does not allow") from None


def _tree(events: Iterator[Any], yaml: Any) -> Node:
    root = Node("list", 0, 1)
    stack, count = [root], 0
    for event in events:
        mark = event.start_mark
        if isinstance(event, yaml.DocumentEndEvent):
            break
        if isinstance(event, yaml.CollectionEndEvent):
            node = stack.pop()
            # PyYAML ends a collection in block style where the next token begins.
            is_open = not node.style and node.items
            node.end = node.items[-1].end if is_open else event.end_mark.index
        elif isinstance(event, yaml.NodeEvent):
            node = Node("scalar", mark.index, mark.line + 1, end=event.end_mark.index)
            node.odd = _odd(event, yaml)
            stack[-1].items.append(node)
            count += 1
            if count > MAX_VALUES:
                raise YamlProblem(f"It has more than {MAX_VALUES} values", node.line)
            if isinstance(event, yaml.CollectionStartEvent):
                is_list = isinstance(event, yaml.SequenceStartEvent)
                node.kind = "list" if is_list else "object"
                node.style = ("[" if is_list else "{") if event.flow_style else ""
                stack.append(node)
                if len(stack) > MAX_DEPTH:
                    raise YamlProblem("Its values are nested too deeply", node.line)
            elif isinstance(event, yaml.ScalarEvent):
                node.text, node.style = event.value, event.style or ""
    return root.items[0] if root.items else Node("scalar", 0, 1)


def _odd(event: Any, yaml: Any) -> str:
    if isinstance(event, yaml.AliasEvent):
        return f"The alias *{event.anchor[:40]}"
    if event.anchor:
        return f"The anchor &{event.anchor[:40]}"
    return f"The tag {event.tag[:40]}" if event.tag else ""
