"""The notebook's header with other dependencies, for people to copy.

Runs on Pythons without a reader of TOML, so this finds the one array that it changes by its
brackets, and leaves all else as it is. What it makes is shown and never obeyed.
"""

import json
import os
import re
from typing import Iterable, List, NamedTuple, Optional, Tuple

__all__ = ["HEADER", "Header", "name_of", "read_header"]

HEADER = "HEADSTART_HEADER"
"""Environment variable of a kernel, JSON: ``where`` its notebook's header is, and ``text``, the
header's TOML if it is a block of comments (PEP 723)."""

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_OURS = re.compile(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*headstart[ \t]*\][^\n]*\n", re.MULTILINE)
_STRING = r"""("(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]]',
    re.DOTALL,
)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


class _Item(NamedTuple):
    """One string of an array: where it begins and ends, and its text."""

    start: int
    end: int
    text: str


class Header:
    """A header: where it is, and its TOML; ``""`` if there is none, or none that can be shown."""

    def __init__(self, where: str = "", text: str = "") -> None:
        self.where = where
        self.text = text

    @property
    def shown(self) -> bool:
        """Whether a header as a block is what the notebook has, or may get."""
        return bool(self.text) or not self.where

    def with_dependencies(self, texts: Iterable[str]) -> "Header":
        """The header with these requirements, each in place of those of its name."""
        toml = self.text or "dependencies = []\n"
        for text in texts:
            toml = _with(toml, text)
        return Header(self.where, toml)

    def without(self, names: Iterable[str]) -> "Header":
        """The header without the requirements of these names."""
        toml = self.text
        for name in names:
            toml = _without(toml, name)
        return Header(self.where, toml)

    def field(self, name: str) -> str:
        """The string that a field of ``[tool.headstart]`` is, as it is written; ``""`` if none."""
        match = self._string(name)
        return match.group(1) if match else ""

    def with_field(self, name: str, value: str) -> "Header":
        """The header with a field of ``[tool.headstart]``, or with one item more in it.

        :param value: TOML; an array of one item for a field that may have several.
        """
        table, string = _OURS.search(self.text), self._string(name)
        if table is None:
            between = "\n" if self.text else ""
            toml = "%s%s[tool.headstart]\n%s = %s\n" % (self.text, between, name, value)
            return Header(self.where, toml)
        if string is not None:
            array = "[%s, %s]" % (string.group(1), value[1:-1])
            toml = self.text[: string.start(1)] + array + self.text[string.end(1) :]
            return Header(self.where, toml)
        ours, rest = self.text[: table.end()], self.text[table.end() :]
        items = _array(rest, name)
        if items is None:
            return Header(self.where, "%s%s = %s\n%s" % (ours, name, value, rest))
        return Header(self.where, ours + _appended(rest, items, value[1:-1]))

    def _string(self, name: str) -> "Optional[re.Match[str]]":
        ours = _OURS.search(self.text)
        if ours is None:
            return None
        table = _TABLE.search(self.text, ours.end())
        line = re.compile(r"^[ \t]*%s[ \t]*=[ \t]*%s" % (re.escape(name), _STRING), re.MULTILINE)
        return line.search(self.text, ours.end(), table.start() if table else len(self.text))

    def asks_for(self, name: str) -> bool:
        """Whether one of its dependencies has this name."""
        array = _array(self.text)
        return array is not None and any(name_of(item.text) == name for item in array[1])


def read_header() -> Header:
    """The header of the notebook in whose kernel, or in a child of it, this runs."""
    try:
        value = json.loads(os.environ.get(HEADER, "{}"))
        return Header(str(value.get("where", "")), str(value.get("text", "")))
    except (ValueError, AttributeError):
        return Header()


def name_of(requirement: str) -> str:
    """The name of a requirement, as PEP 503 writes it; ``""`` if it begins with none."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""


def _array(toml: str, key: str = "dependencies") -> Optional[Tuple[int, List[_Item]]]:
    """Where a key's array begins (after its bracket), and its items.

    Looked for before the first table that begins in the text.
    """
    table = _TABLE.search(toml)
    pattern = re.compile(r"^[ \t]*[\"']?%s[\"']?[ \t]*=[ \t]*\[" % re.escape(key), re.MULTILINE)
    match = pattern.search(toml, 0, table.start() if table else len(toml))
    if match is None:
        return None
    items: List[_Item] = []
    for token in _TOKEN.finditer(toml, match.end()):
        word = token.group()
        if word == "]":
            return match.end(), items
        if word[0] in "\"'":
            items.append(_Item(token.start(), token.end(), _text(word)))
    return None


def _text(word: str) -> str:
    """The value of a TOML string; its escapes are those of JSON, but for two that are rare here."""
    if word[0] == "'":
        return word.strip("'")
    try:
        return str(json.loads('"%s"' % word.strip('"')))
    except ValueError:
        return word.strip('"')


def _with(toml: str, requirement: str) -> str:
    array, quoted = _array(toml), json.dumps(requirement, ensure_ascii=False)
    if array is None:
        return "dependencies = [%s]\n%s" % (quoted, toml)
    same = [item for item in array[1] if name_of(item.text) == name_of(requirement)]
    if same:
        toml = _without(toml, name_of(requirement), but_first=True)
        return toml[: same[0].start] + quoted + toml[same[0].end :]
    return _appended(toml, array, quoted)


def _appended(toml: str, array: Tuple[int, List[_Item]], quoted: str) -> str:
    """The TOML with one more item at the end of an array, on a line of its own as the others."""
    begin, items = array
    if not items:
        return toml[:begin] + quoted + toml[begin:]
    last = items[-1].end
    own_line = re.match(r"\n[ \t]*", toml[toml.rfind("\n", 0, items[-1].start) :])
    between = own_line.group() if own_line and "\n" in toml[begin:last] else " "
    return "%s,%s%s%s" % (toml[:last], between, quoted, toml[last:])


def _without(toml: str, name: str, but_first: bool = False) -> str:
    array = _array(toml)
    if array is None:
        return toml
    same = [item for item in array[1] if name_of(item.text) == name]
    for item in reversed(same[1:] if but_first else same):
        rest = re.sub(r"^[ \t]*,[ \t]*", "", toml[item.end :], count=1)
        before = toml[: item.start]
        if rest == toml[item.end :]:  # the last one, and no comma after it
            before = re.sub(r",\s*$", "", before)
        toml = before + rest
    return toml
