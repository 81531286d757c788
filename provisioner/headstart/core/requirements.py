"""The grammar of requirements: PEP 508 through `packaging`, and much that it lets pass refused.

Nothing that a notebook says reaches uv but what `canonical` wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MAX_LENGTH = 1000
"""Characters of one requirement."""

MAX_ON_LINE = 300
"""Requirements on one line: as many as a field may have."""

MAX_NESTING = 20
"""Opening parentheses in one requirement; `packaging` recurses on those of markers."""

_EXAMPLES = 'A requirement looks like "numpy", "pandas>=2,<3" or "plotly[express]==6.*".'
_OPERATOR = r"(?:===|==|~=|!=|<=|>=|<|>)"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.*+!_-]*")
_EXPANDED_BY_UV = re.compile(r"[$\\`{}]")
_URL = re.compile(r"(?:[a-z]+\+)?[a-z]+:", re.IGNORECASE)
_PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|.*(?:\.whl|\.tar\.gz|\.zip)$")
_BOUND = rf"\s*{_OPERATOR}\s*[^\s,;()\[\]]+"
_ITEM = re.compile(
    rf"{_NAME}(?:\s*\[[^\[\]]*\])?"
    rf"(?:\s*@\s*\S+|\s*\([^()]*\)|{_BOUND}(?:\s*,{_BOUND})*)?(?=[\s,]|$)"
)
_CHUNK = re.compile(r"[^\s,]+")
_SEPARATOR = re.compile(r"[\s,]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HASH_OPTION = re.compile(r"(?:^|\s)--hash(?:=|[ \t]+)")
_HASH_ITEM = re.compile(r"--hash(?:=|[ \t]+)([^\s,]*)")
_SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")
_OPTION = re.compile(r"\s--?[A-Za-z]")


class RequirementProblem(Exception):
    """Why a text is not a requirement, and what would be right."""

    def __init__(self, reason: str, hint: str = _EXAMPLES):
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Written(NamedTuple):
    """A requirement as it stands in a text: its 1-based line, and its ``--hash`` options."""

    line: int
    text: str
    hashes: tuple[str, ...] = ()

    def sha256(self) -> tuple[str, ...]:
        """The digests in the options, as 64 hex digits each.

        :raises RequirementProblem: if an option has another hash, or none.
        """
        digests = [_SHA256.fullmatch(text) for text in self.hashes]
        if not all(digests):
            reason = "has a hash that is not SHA-256"
            raise RequirementProblem(reason, "A hash is --hash=sha256: and 64 hex digits.")
        return tuple(sorted({digest[1].lower() for digest in digests if digest}))


def parse_requirement(text: str) -> Requirement:
    """Parse one PEP 508 requirement.

    :raises RequirementProblem: if it is not one, or is one that could mean something else to uv.
    """
    text = text.replace("\t", " ").strip()
    _check_characters(text)
    _check_shape(text)
    try:
        requirement = Requirement(text)
        str(requirement)
    except (ValueError, RecursionError):
        raise RequirementProblem("is not a requirement", _hint(text)) from None
    _check_meaning(text, requirement)
    return requirement


def canonical(requirement: Requirement) -> str:
    """The one way to write a requirement.

    Names are normalised (PEP 503, PEP 685); the order and the spelling of specifiers and markers
    are `packaging`'s.
    """
    extras = ",".join(sorted({canonicalize_name(extra) for extra in requirement.extras}))
    source = f" @ {requirement.url} " if requirement.url else str(requirement.specifier)
    marker = f"; {requirement.marker}" if requirement.marker else ""
    name = canonicalize_name(requirement.name)
    return f"{name}{f'[{extras}]' if extras else ''}{source}{marker}".rstrip()


def split_requirements(text: str) -> Iterator[Written]:
    """Requirements of a string which separates them by spaces, commas or lines.

    A comma inside a version range or between extras separates nothing, nor do spaces around
    operators. A marker (after ``;``) lasts until the end of its line, or its hashes. ``#`` begins
    a comment; a line that ends with a backslash goes on in the next.
    """
    for number, line in logical_lines(text):
        head, semicolon, marker = line.partition(";")
        items = _items(head)
        if semicolon:
            last, hashes = items.pop() if items else ("", [])
            marker, *more = _HASH_OPTION.split(marker)
            items.append((f"{last};{marker}", [*hashes, *more]))
        for item, hashes in items:
            yield Written(number, item.strip(), tuple(map(str.strip, hashes)))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a requirements file which say something, without comments.

    Yields the 1-based number of each; of lines that backslashes join, the first one's.
    """
    first, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line and not parts:
            continue
        said = _COMMENT.sub("", line) if "#" in line else line
        first = first if parts else number
        parts.append(said.removesuffix("\\"))
        if not said.endswith("\\"):
            yield from _said(first, parts)
            parts = []
    yield from _said(first, parts)


def _said(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = "".join(parts).strip()
    if line:
        yield number, line


def written_on(number: int, line: str) -> Written:
    """The requirement on a line of a requirements file, which has one and no more."""
    text, *hashes = _HASH_OPTION.split(line)
    return Written(number, text.strip(), tuple(map(str.strip, hashes)))


def _items(text: str) -> list[tuple[str, list[str]]]:
    """The requirements of a line without a marker, each with its hashes.

    Of more than may stand on one line, the first are enough to refuse it.
    """
    items: list[tuple[str, list[str]]] = []
    position = _SEPARATOR.match(text).end()  # type: ignore[union-attr]  # it matches nothing too
    while position < len(text) and len(items) <= MAX_ON_LINE:
        option = _HASH_ITEM.match(text, position) if items else None
        match = option or _ITEM.match(text, position) or _CHUNK.match(text, position)
        if match is None:
            break
        if option:
            items[-1][1].append(option[1])
        else:
            items.append((match[0], []))
        position = _SEPARATOR.match(text, match.end()).end()  # type: ignore[union-attr]
    return items


def _check_characters(text: str) -> None:
    if not text:
        raise RequirementProblem("is empty")
    if len(text) > MAX_LENGTH or text.count("(") > MAX_NESTING:
        raise RequirementProblem(f"is longer than {MAX_LENGTH} characters, or nested too deeply")
    for character in text:
        if not " " <= character <= "~":
            raise RequirementProblem(
                f"has the character U+{ord(character):04X}, which no requirement may have",
                "Type it again: only plain letters, digits and signs can stand in it.",
            )
    found = _EXPANDED_BY_UV.search(text)
    if found:
        raise RequirementProblem(f"has the character {found[0]}, which no requirement may have")


def _check_shape(text: str) -> None:
    """Refuse what a requirements file may say and PEP 508 does not, with a hint that helps."""
    if text.startswith("-"):
        raise RequirementProblem(
            "is an option of pip or uv", "A header names packages only; list each by its name."
        )
    if _PATH.match(text) and " @ " not in text:
        raise RequirementProblem("is a path", "Name a package that the package index has.")
    if _URL.match(text):
        raise RequirementProblem("is a URL", "Name a package that the package index has.")


def _check_meaning(text: str, requirement: Requirement) -> None:
    versions = [specifier.version for specifier in requirement.specifier]
    if not all(map(_VERSION.fullmatch, versions)):
        raise RequirementProblem("has a version that no package can have")
    if "#" in text and not requirement.url:
        raise RequirementProblem("has the character #, which no requirement may have")
    if canonicalize_name(requirement.name) == "python":
        specifier = str(requirement.specifier) or ">=3.11"
        raise RequirementProblem(
            "asks for Python itself", f'Write requires-python = "{specifier}" instead.'
        )


def _hint(text: str) -> str:
    """What would be right in place of a text that is no requirement."""
    if re.match(_OPERATOR, text):
        return 'Write a comma between two bounds: "pandas>=2,<3".'
    single = re.match(rf"({_NAME})\s*=\s*([A-Za-z0-9][\w.*]*)\s*$", text)
    spaced = re.match(rf"({_NAME})\s+v?(\d[\w.*]*)\s*$", text)
    for match in filter(None, (single, spaced)):
        return f'For exactly that version write "{match[1]}=={match[2]}".'
    bounds = re.findall(rf"{_OPERATOR}\s*[A-Za-z0-9][\w.*]*", text)
    name = re.match(_NAME, text)
    if name and len(bounds) > 1 and ";" not in text:
        return f'Write a comma between the bounds: "{name[0]}{",".join(bounds)}".'
    if _OPTION.search(text):
        return "Of options only --hash is read, in a requirements file or a string like one."
    words = [item.text for item in split_requirements(text)]
    if 1 < len(words) <= 5 and ";" not in text and all(map(_ITEM.fullmatch, words)):
        return "Name each package in an item of its own: {}.".format(
            ", ".join(f'"{word}"' for word in words)
        )
    return _EXAMPLES
