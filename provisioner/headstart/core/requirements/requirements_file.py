"""Read a requirements file of pip and uv: its requirements, and those of the files it includes.

The author of a header can name any file that the user can read, and errors are saved in notebooks.
So an error names the file and the line, and never quotes it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass

from ...error_facts import SourceLocation
from .grammar import parse_requirement
from .header_requirement import HeaderRequirement
from .lines import logical_lines, written_on
from .tokens import RequirementProblem

MAX_REQUIREMENTS = 1000
"""Requirements of a file, with those of the files that it includes."""

MAX_CHARACTERS = 64 * 1024
"""Characters of these requirements, without hashes."""

MAX_FILES = 50
"""Files that a requirements file includes."""

MAX_PATH = 250
"""Characters of the path of an included file, relative to the including one."""

MAX_DEPTH = 10
"""Levels of included files."""

_INCLUDE = re.compile(r"(-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(\S.*)")
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")
_INDEXES = "Package indexes are set in Jupyter's configuration; remove the line."
_WHEELS = "Only wheels are installed, whatever the file says; remove the line."
_OWN = "Name a wheel or a folder of your own in the header's local-extras."
_HINTS = {
    **dict.fromkeys(("-e", "--editable"), _OWN),
    **dict.fromkeys(("-i", "--index-url", "--extra-index-url", "--no-index"), _INDEXES),
    **dict.fromkeys(("-f", "--find-links", "--trusted-host"), _INDEXES),
    **dict.fromkeys(("--only-binary", "--no-binary", "--prefer-binary"), _WHEELS),
    "--pre": 'Ask for a pre-release by its version: "package>=2.0rc1".',
    "--require-hashes": "Every hash in the file is checked; remove the line.",
    "--hash": "It goes on the line of its requirement, or after a backslash at that line's end.",
}


class FileProblem(Exception):
    """Why a file that a header names cannot be included.

    ``line`` is 1-based, 0 if the error is not on one line; ``requirement`` is whether the line is
    not a requirement. Neither ``reason`` nor ``hint`` quotes the file.
    """

    def __init__(
        self, file: str, reason: str, hint: str, *, line: int = 0, requirement: bool = False
    ):
        super().__init__(reason)
        self.file = file
        self.reason = reason
        self.hint = hint
        self.line = line
        self.requirement = requirement

    @property
    def where(self) -> str:
        """The file and the line, for people."""
        return f"{self.file}, line {self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Required:
    """The requirements of a file, and the constraints on others."""

    requirements: tuple[HeaderRequirement, ...] = ()
    constraints: tuple[HeaderRequirement, ...] = ()


def read_requirements_file(name: str, read: Callable[[str], str]) -> Required:
    """The requirements of a file, and of those that it includes by ``-r`` and ``-c``.

    :param name: its path; paths in it are relative to its folder.
    :param read: returns the text of a file, or raises `FileProblem`.
    :raises FileProblem: if a line is no requirement, or an option that is not supported.
    """
    reader = _Reader(read)
    reader.seen.add((posixpath.normpath(name), False))
    reader.include(name, read(name), False, 0)
    return Required(tuple(reader.requirements), tuple(reader.constraints))


class _Reader:
    """Reads the files, each once for its requirements and once for its constraints."""

    def __init__(self, read: Callable[[str], str]):
        self.read = read
        self.requirements: list[HeaderRequirement] = []
        self.constraints: list[HeaderRequirement] = []
        self.seen: set[tuple[str, bool]] = set()
        self.includes = 0
        self.length = 0

    def include(self, name: str, text: str, constrains: bool, depth: int) -> None:
        """Add the requirements of a file with this text."""
        for number, line in logical_lines(text):
            match = _INCLUDE.fullmatch(line)
            if match:
                path = posixpath.join(posixpath.dirname(name), _path(name, number, match[2]))
                only = constrains or "c" in match[1][:3]  # -c or --constraint
                if self._is_new(name, path, only, depth):
                    self.include(path, self._text(name, number, path), only, depth + 1)
            elif line.startswith("-"):
                raise _refused_option(name, number, line)
            else:
                self._add(requirement_on(name, number, line), constrains)

    def _is_new(self, name: str, path: str, constrains: bool, depth: int) -> bool:
        """Whether an included file has to be read."""
        key = (posixpath.normpath(path), constrains)
        # Includes of the same file are counted too, or a file of such lines would have no limit.
        self.includes += 1
        if key in self.seen and self.includes <= MAX_REQUIREMENTS:
            return False
        self.seen.add(key)
        if depth >= MAX_DEPTH or len(self.seen) > MAX_FILES or self.includes > MAX_REQUIREMENTS:
            reason = f"more than {MAX_FILES} files are included, or one in another too often."
            raise FileProblem(name, reason, "Write the requirements into fewer files.")
        return True

    def _text(self, name: str, number: int, path: str) -> str:
        """The text of an included file; its errors name the including line instead of its path."""
        try:
            return self.read(path)
        except FileProblem as problem:
            reason = f"the file that is included here {problem.reason}"
            raise FileProblem(name, reason, problem.hint, line=number) from None

    def _add(self, requirement: HeaderRequirement, constrains: bool) -> None:
        (self.constraints if constrains else self.requirements).append(requirement)
        self.length += len(requirement.text)
        count = len(self.requirements) + len(self.constraints)
        if count > MAX_REQUIREMENTS or self.length > MAX_CHARACTERS:
            reason = f"more than {MAX_REQUIREMENTS} requirements, or 64 KiB of them, are included."
            file = str(requirement.location).rpartition(",")[0]
            raise FileProblem(file, reason, "Name a lock with pylock instead.")


def requirement_on(file: str, number: int, line: str) -> HeaderRequirement:
    """The requirement on a line of a file.

    :param number: 1-based; 0 if unknown.
    :raises FileProblem: if the line is not a requirement.
    """
    written = written_on(number, line)
    location = SourceLocation(
        line=number or None, where=f"{file}, line {number}" if number else file
    )
    try:
        parsed = parse_requirement(written.text)
        return HeaderRequirement(written.text, parsed, location, written.sha256())
    except RequirementProblem as problem:
        reason = f"the text there {problem.reason}."
        raise FileProblem(file, reason, problem.discreet, line=number, requirement=True) from None


def _path(file: str, number: int, text: str) -> str:
    """The path on a line, without the quotes that pip removes."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if "://" in text or not text.isprintable() or not text or len(text) > MAX_PATH:
        reason = "what is included here is not the path of a file."
        raise FileProblem(file, reason, "Put the file next to this one.", line=number)
    return text


def _refused_option(file: str, number: int, line: str) -> FileProblem:
    match = _OPTION.match(line)
    option = match[0] if match else ""
    name = option if option.startswith("--") else option[:2]
    # Only a known option is named: any other text may be a secret.
    subject = f"the option {name}" if name in _HINTS else "an option"
    hint = _HINTS.get(name, "Remove the line.")
    return FileProblem(file, f"{subject} is not supported.", hint, line=number)
