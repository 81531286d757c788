"""Find PEP 723 blocks in the lines of a cell or a file.

The grammar is PEP 723's. It is read line by line, for the regular expression of the PEP takes
quadratic time: 4.7 s for 8,000 repeated opening lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...error_facts import SourceLocation
from ...errors import DuplicateHeader, HeaderError
from .model import MAX_HEADER_BYTES, FoundHeader, HeaderPlace
from .region import Region

_OPENING = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_NEARLY_OPENING = re.compile(r"#[ \t]*/// ?script[ \t]*")
_CLOSING = "# ///"
_MARKS = ("/// script", "///script")


def may_have_block(source: str) -> bool:
    """Whether a source may contain a block: a quick test, for megabytes of cells."""
    return any(mark in source for mark in _MARKS)


def may_nearly_have_block(source: str) -> bool:
    """Whether a source may contain what was meant to be a block; not quite as quick."""
    # Beyond ASCII there are invisible characters, and some that look like a slash.
    return ("//" in source or not source.isascii()) and "script" in source.lower()


def lines_of(source: str) -> list[str]:
    """The lines of a source, without their endings and without a byte order mark."""
    # Not splitlines(): it also splits at form feeds and U+2028, which do not end a comment.
    return [line.removesuffix("\r") for line in source.removeprefix("\ufeff").split("\n")]


class Block(NamedTuple):
    """The lines between an opening and a closing line; ``number`` is the opening's, in a region."""

    region: Region
    number: int
    content: tuple[str, ...]

    @property
    def location(self) -> SourceLocation:
        """The location of the opening line."""
        return self.region.at(self.number)

    def header(self) -> FoundHeader:
        """The block as a header.

        :raises HeaderError: if it is too long.
        """
        text = "".join(f"{line[2:]}\n" for line in self.content)
        # JSON may have half of a surrogate pair, which is refused later, with its line.
        if len(text.encode("utf-8", "surrogatepass")) > MAX_HEADER_BYTES:
            problem = "The header is longer than 64 KiB."
            raise self.region.error(self.number, "", problem, "Shorten it.")
        return FoundHeader(
            HeaderPlace.TEXT if self.region.cell is None else HeaderPlace.CELL,
            text=text,
            cell=self.region.cell,
            line=self.region.first + self.number + 2,
            prefix="# " if self.region.commented else "",
        )


def script_blocks(region: Region) -> Iterator[Block]:
    """The ``script`` blocks of a region, by PEP 723's grammar.

    :raises HeaderError: if one is not closed, or nearly is one.
    """
    lines = region.lines
    if not region.commented:
        # One grammar for all: the comment signs that jupytext has removed are added again.
        lines = [f"# {line}" if line else "#" for line in lines]
    numbers = [number for number, line in enumerate(lines) if "///" in line]
    if region.code and numbers and _may_be_data(lines, numbers[-1]):
        from .code_lines import hidden_lines  # imported here: few headers are below such a string

        hidden = hidden_lines(lines, numbers[-1])
        lines = ["" if number in hidden else line for number, line in enumerate(lines)]
    end = 0
    for number in numbers:
        if not _is_comment(lines[number]):
            _refuse_near_miss(region, lines, number)
        elif number >= end:
            start = end = number
            while start > 0 and _is_comment(lines[start - 1]):
                start -= 1
            while end < len(lines) and _is_comment(lines[end]):
                end += 1
            yield from _blocks_of_run(region, lines, start, end)


def refuse_second(blocks: Sequence[Block]) -> None:
    """Raise if there is more than one.

    :raises DuplicateHeader: names the first two.
    """
    if len(blocks) < 2:
        return
    first, second = (block.location for block in blocks[:2])
    cells = [location.cell + 1 for location in (first, second) if location.cell is not None]
    raise DuplicateHeader(
        f"The notebook has two headers, in {first} and in {second}.",
        hint="Put all requirements into one of them and remove the other.",
        location=second._replace(text="# /// script"),
        details={"cells": cells} if cells else {},
    )


def _blocks_of_run(region: Region, lines: Sequence[str], start: int, end: int) -> Iterator[Block]:
    """The blocks in ``lines[start:end]``, all of which are comments.

    As in PEP 723, a block ends at the last closing line of the run, not at the first.
    """
    closing = next((n for n in range(end - 1, start - 1, -1) if lines[n] == _CLOSING), -1)
    number = start
    while number < end:
        opening = _OPENING.fullmatch(lines[number])
        if opening is None:
            _refuse_near_miss(region, lines, number)
        elif closing > number:
            if opening[1] == "script":
                yield Block(region, number, tuple(lines[number + 1 : closing]))
            number = closing
        elif opening[1] == "script":
            raise _unclosed(region, lines, number, end)
        number += 1


def _may_be_data(lines: Sequence[str], end: int) -> bool:
    """Whether strings or here-documents of more than one line may begin above a line."""
    above = "\n".join([*lines[:end], ""])
    return any(sign in above for sign in ('"""', "'''", "<<", "\\\n"))


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _refuse_near_miss(region: Region, lines: Sequence[str], number: int) -> None:
    """Raise if the line was meant to open a header, and PEP 723 does not accept it."""
    if number < len(lines) and _NEARLY_OPENING.fullmatch(lines[number]):
        problem = "The line nearly opens a header, but its spaces are not right:"
        hint = 'It must be exactly "# /// script", with one space each and none at its end.'
        raise region.error(number, lines[number], problem, hint)


def _unclosed(region: Region, lines: Sequence[str], number: int, end: int) -> HeaderError:
    """The error for a block without an end; names the line that interrupts it, if one does."""
    from .near_misses import nearly_closing  # imported here: only an error needs it

    near = nearly_closing(lines, number + 1, end + 1)
    if near >= 0:
        problem = "The line nearly ends the header, but its signs or spaces are not right:"
        hint = 'It must be exactly "# ///", with nothing before it and no space at its end.'
        return region.error(near, lines[near], problem, hint)
    if end < len(lines) and any(line == _CLOSING for line in lines[end:]):
        problem = 'This line is in a header and does not begin with "# ":'
        hint = 'Each line of a header begins with "# ", an empty one is "#".'
        return region.error(end, lines[end], problem, hint)
    problem = "The header that begins here has no end:"
    hint = 'Put a line "# ///" after its last line; each line between begins with "# ".'
    return region.error(number, lines[number], problem, hint)
