"""Read YAML front matter: of a raw cell at the top of a notebook, and of a text notebook.

Only its ``headstart`` key is read. jupytext keeps the notebook's own metadata in front matter too,
under ``jupyter``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...error_facts import SourceLocation
from ...errors import HeaderError
from ..messages import kind_of, shown
from ..redact import redact_value
from ..syntax.yaml_tree import Node, YamlProblem, parse_yaml
from .jupytext import DROPPED, is_dropped
from .model import (
    DEPENDENCIES,
    MAX_HEADER_BYTES,
    METADATA_KEY,
    NON_HEADER_KEYS,
    FoundHeader,
    HeaderPlace,
)

_RULE = re.compile(r"---[ \t]*")
_OUR_KEY = re.compile(rf"(?:^|[{{,])[ \t]*[\"']?{METADATA_KEY}[\"']?[ \t]*:", re.MULTILINE)
_CODING = re.compile(r"#.*?coding[:=][ \t]*[-\w.]+")
_METADATA_OF_TEXT = ("jupyter", METADATA_KEY)
"""Where jupytext keeps the notebook's metadata in front matter."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The lines between two lines of ``---``; ``first`` is the 0-based line of the first of them.

    ``prefix`` precedes each of them in the file: ``"# "`` in a script.
    """

    lines: Sequence[str]
    first: int
    cell: int | None = None
    prefix: str = ""

    @property
    def text(self) -> str:
        """Its YAML."""
        return "".join(f"{line}\n" for line in self.lines)


def in_raw_cell(cell: int, lines: Sequence[str]) -> FrontMatter | None:
    """The front matter of the notebook's first cell, which is raw; None if it has none."""
    start = next((n for n, line in enumerate(lines) if line.strip()), 0)
    return _between(lines, start, cell=cell)


def in_markdown(lines: Sequence[str]) -> FrontMatter | None:
    """The front matter of a Markdown notebook; it may be in an HTML comment."""
    start = 0
    if lines and lines[0].strip() == "<!--":
        start = next((n for n in range(1, len(lines)) if lines[n].strip()), 1)
    return _between(lines, start)


def in_script(lines: Sequence[str]) -> FrontMatter | None:
    """The front matter of a script: a comment at its top, below its ``#!`` and encoding lines."""
    start = 1 if lines and lines[0].startswith("#!") else 0
    if start < min(len(lines), 2) and _CODING.match(lines[start]):
        start += 1
    end = start
    while end < len(lines) and lines[end].startswith("#"):
        end += 1
    comment = [line[1:].removeprefix(" ") for line in lines[start:end]]
    front = _between(comment, 0)
    return front and FrontMatter(front.lines, front.first + start, prefix="# ")


def _between(lines: Sequence[str], start: int, cell: int | None = None) -> FrontMatter | None:
    if start >= len(lines) or not _RULE.fullmatch(lines[start]):
        return None
    following = range(start + 1, len(lines))
    end = next((n for n in following if _RULE.fullmatch(lines[n])), None)
    return None if end is None else FrontMatter(lines[start + 1 : end], start + 1, cell)


def headers_in(front: FrontMatter) -> Iterator[FoundHeader]:
    """The headers in front matter: its own, then that of the notebook's metadata in it.

    :raises HeaderError: if one cannot be read; names the line.
    """
    text = front.text
    # Front matter without our key is not parsed: that it is invalid concerns other tools.
    if not _OUR_KEY.search(text):
        return
    if len(text.encode("utf-8", "surrogatepass")) > MAX_HEADER_BYTES:
        problem = YamlProblem("The front matter, which holds the header, is longer than 64 KiB")
        raise _error(front, problem, "Shorten it.")
    try:
        root = parse_yaml(text)
        own = root.member(METADATA_KEY)
        if own is not None:
            fields = _fields(front, own)
            header = _header(front, HeaderPlace.FRONT_MATTER, fields, (METADATA_KEY,))
            yield header._replace(warnings=_warnings(front, root))
        jupyter = root.member(_METADATA_OF_TEXT[0])
        kept = jupyter.member(METADATA_KEY) if jupyter is not None and front.cell is None else None
        if kept is not None:
            fields = _fields(front, kept)
            if fields.keys() - NON_HEADER_KEYS:
                yield _header(front, HeaderPlace.METADATA, fields, _METADATA_OF_TEXT)
    except YamlProblem as problem:
        hint = 'It is YAML: "headstart:", and below it, indented, the fields of the header.'
        raise _error(front, problem, hint) from None


def _warnings(front: FrontMatter, root: Node) -> tuple[str, ...]:
    jupytext = root.member("jupytext") if front.cell is None else None
    try:
        return (DROPPED,) if jupytext is not None and is_dropped(jupytext.value()) else ()
    except YamlProblem:  # jupytext's own key is for jupytext to complain about
        return ()


def _fields(front: FrontMatter, node: Node) -> Mapping[str, object]:
    value = node.value()
    if isinstance(value, str | list):
        return {DEPENDENCIES: value}
    if isinstance(value, Mapping):
        return value
    kind = "empty" if value is None else kind_of(value)
    raise _error(
        front,
        YamlProblem(f"{METADATA_KEY} is {kind}", node.line),
        'It is what to install, as "numpy pandas>=2", or an object with a field dependencies.',
    )


def _header(
    front: FrontMatter, place: HeaderPlace, fields: Mapping[str, object], key: tuple[str, ...]
) -> FoundHeader:
    return FoundHeader(
        place,
        text=front.text,
        fields=fields,
        cell=front.cell,
        line=front.first + 1,
        prefix=front.prefix,
        key=key,
    )


def _error(front: FrontMatter, problem: YamlProblem, hint: str) -> HeaderError:
    number = min(max(problem.line, 1), len(front.lines)) - 1
    text = front.lines[number]
    location = SourceLocation(front.cell, front.first + number + 1, redact_value(text))
    reason = f"the front matter cannot be read. {problem.reason}: {shown(text.strip())}."
    return HeaderError.at(location, reason, hint)
