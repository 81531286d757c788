"""Parse requirements: PEP 508 by `packaging`, without much that it accepts.

uv never gets the text of a notebook, only what `canonical` writes.
"""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .tokens import FROM_SOURCE, RequirementProblem

MAX_LENGTH = 1000
"""Characters of one requirement."""

MAX_NESTING = 20
"""Opening parentheses in one requirement; `packaging` recurses on those of markers."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.*+!_-]*")
# uv replaces ${VARIABLE} in a requirements file by its value in the environment.
_EXPANDED_BY_UV = re.compile(r"[$\\`{}]")
_URL = re.compile(r"(?:[A-Za-z]+\+)?[A-Za-z]+:")
_PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|.*(?:\.whl|\.tar\.gz|\.zip)$")
_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]*([\w./-]+)")
_FILE = re.compile(
    r"(?:environment|conda|pixi|poetry|pdm|uv|setup|pylock|pyproject|Pipfile"
    r"|(?:[\w-]+[-_.])?requirements)[\w.-]*\.(?:cfg|in|lock|py|toml|txt|ya?ml)"
)
"""Names of files that list packages. No package has one, for none ends with such a suffix."""
_VERSION_ALONE = re.compile(r"v?\d+(?:\.[\w*]+)+")


def parse_requirement(text: str) -> Requirement:
    """Parse one PEP 508 requirement.

    :raises RequirementProblem: if it is not one, or is one that could mean something else to uv.
    """
    text = text.replace("\t", " ").strip()
    _check_characters(text)
    _check_shape(text)
    try:
        requirement = Requirement(text)
        str(requirement)  # a marker that is nested too deeply is written by recursion
    except (ValueError, RecursionError):
        from .hints import hint_for  # imported here: nearly all texts are valid

        raise RequirementProblem("is not a requirement", *hint_for(text)) from None
    _check_meaning(text, requirement)
    return requirement


def canonical(requirement: Requirement) -> str:
    """The canonical text of a requirement.

    Names are normalised (PEP 503, PEP 685); specifiers and markers are ordered and written by
    `packaging`.
    """
    extras = ",".join(sorted({canonicalize_name(extra) for extra in requirement.extras}))
    # PEP 508: a URL ends at white space; without it a marker would be part of the URL.
    source = f" @ {requirement.url} " if requirement.url else str(requirement.specifier)
    marker = f"; {requirement.marker}" if requirement.marker else ""
    name = canonicalize_name(requirement.name)
    return f"{name}{f'[{extras}]' if extras else ''}{source}{marker}".rstrip()


def _check_characters(text: str) -> None:
    if not text:
        raise RequirementProblem("is empty")
    if len(text) > MAX_LENGTH or text.count("(") > MAX_NESTING:
        raise RequirementProblem(f"is longer than {MAX_LENGTH} characters, or nested too deeply")
    for character in text:
        if not " " <= character <= "~":
            raise RequirementProblem(
                f"has the character U+{ord(character):04X}, which no requirement may have",
                "Type it again: it can have only plain letters, digits and signs.",
            )
    match = _EXPANDED_BY_UV.search(text)
    if match:
        raise RequirementProblem(f"has the character {match[0]}, which no requirement may have")


def _check_shape(text: str) -> None:
    """Refuse lines of a requirements file that are not PEP 508, each with a hint."""
    if text.startswith("-"):
        packages = "A header names packages only; list each by its name."
        file = _INCLUDE.fullmatch(text)
        hint = f'Write requirements = "{file[1]}" under [tool.headstart].' if file else packages
        raise RequirementProblem("is an option of pip or uv", hint, packages)
    if _PATH.match(text) and " @ " not in text:
        raise RequirementProblem("is a path", FROM_SOURCE)
    if _URL.match(text):
        raise RequirementProblem("is a URL", FROM_SOURCE)


def _check_meaning(text: str, requirement: Requirement) -> None:
    versions = [specifier.version for specifier in requirement.specifier]
    if not all(map(_VERSION.fullmatch, versions)):
        raise RequirementProblem("has a version that no package can have")
    if "#" in text and not requirement.url:
        raise RequirementProblem("has the character #, which no requirement may have")
    if _VERSION_ALONE.fullmatch(text):
        hint = 'A version follows its package: "package=={}".'
        version = text.removeprefix("v")
        raise RequirementProblem("is a version", hint.format(version), hint.format("version"))
    if _FILE.fullmatch(text):
        from .foreign_files import hint_for_file  # imported here, as above

        hint = hint_for_file(text, "") or "List its packages, each by its name."
        raise RequirementProblem("is the name of a file", hint, "List the packages by their names.")
    if canonicalize_name(requirement.name) == "python":
        specifier = str(requirement.specifier) or ">=3.11"
        raise RequirementProblem(
            "asks for Python itself",
            f'Write requires-python = "{specifier}" instead.',
            "Write requires-python in the header instead.",
        )
