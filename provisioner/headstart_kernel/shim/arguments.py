"""The arguments of an install command, read as pip and uv read them."""

import re
from typing import Dict, List, NamedTuple, Tuple

from .options import PIP, UV, Options

__all__ = ["Arguments", "Kind", "kind_of", "read_arguments"]

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?"
    r"\s*\(?\s*(?:(?:~=|===?|!=|<=?|>=?)[^;@]+)?\)?\s*(?:;.*)?"
)
# What has a colon before an @ may be a mistyped URL with a password in it.
_URL = re.compile(
    r"(?:https?|ftp|file|ssh):|(?:git|hg|svn|bzr)[+@]|[^@:]*:[^@]*@|[\w.\[\], -]+@", re.IGNORECASE
)
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar|tgz|tar\.(?:gz|bz2|xz|zst))$", re.IGNORECASE)


class Arguments(NamedTuple):
    """What an install command says.

    ``command`` is its verb, ``words`` what follows it and is no option; ``options`` are the values
    of those that have one, by their long names, in their order, and ``flags`` the others;
    ``unknown`` are options that are in no table: what follows one may be its value.
    """

    command: str = ""
    words: Tuple[str, ...] = ()
    options: Tuple[Tuple[str, str], ...] = ()
    flags: Tuple[str, ...] = ()
    unknown: Tuple[str, ...] = ()

    def values(self, *names: str) -> List[str]:
        """The values of the options of these long names."""
        return [value for name, value in self.options if name in names]


class Kind:
    """What a word of an install command names."""

    REQUIREMENT = "requirement"
    PATH = "path"
    URL = "url"
    UNKNOWN = "unknown"


def read_arguments(program: str, words: List[str]) -> Arguments:
    """Read the words after the name of a program.

    :param program: ``pip``; else uv's options count.
    """
    return _Reader(PIP if program == "pip" else UV).read(words)


def kind_of(word: str) -> str:
    """The `Kind` of a word: a requirement, a path, a URL or repository, or none of these.

    As pip decides: a direct reference (``name @ URL``) counts as its URL.
    """
    text = word.strip()
    head = text.partition(";")[0].rstrip()
    if "://" in text or _URL.match(head):
        return Kind.URL
    if head.startswith((".", "~")) or "/" in head or "\\" in head or _ARCHIVE.search(head):
        return Kind.PATH
    return Kind.REQUIREMENT if _REQUIREMENT.fullmatch(text) else Kind.UNKNOWN


class _Reader:
    """Reads words one by one; a value may be part of its option's word, or the next one."""

    def __init__(self, options: Options):
        self._options = options
        self._words: List[str] = []
        self._values: List[Tuple[str, str]] = []
        self._flags: Dict[str, None] = {}
        self._unknown: List[str] = []

    def read(self, words: List[str]) -> Arguments:
        rest = list(reversed(words))
        while rest:
            word = rest.pop()
            if word == "--":
                self._words += reversed(rest)
                break
            if word.startswith("--"):
                self._long(word, rest)
            elif word.startswith("-") and len(word) > 1:
                self._short(word, rest)
            else:
                self._words.append(word)
        return Arguments(
            self._words[0] if self._words else "",
            tuple(self._words[1:]),
            tuple(self._values),
            tuple(self._flags),
            tuple(self._unknown),
        )

    def _long(self, word: str, rest: List[str]) -> None:
        given, equals, value = word.partition("=")
        name = self._options.long_name(given)
        if name in self._options.values:
            self._values.append((name, value if equals else _next(rest)))
        elif name:
            self._flags[name] = None
        else:
            self._unknown.append(given)

    def _short(self, word: str, rest: List[str]) -> None:
        """``-qr FILE`` is ``-q -r FILE``, and ``-rFILE`` is ``-r FILE``."""
        for index, letter in enumerate(word[1:], 1):
            own = self._options.show if "show" in self._words else {}
            name = own.get(letter) or self._options.short.get(letter, "")
            if name in self._options.values:
                value = word[index + 1 :]
                self._values.append((name, value.lstrip("=") if value else _next(rest)))
                return
            if not name:
                self._unknown.append("-" + letter)
                return
            self._flags[name] = None


def _next(rest: List[str]) -> str:
    return rest.pop() if rest else ""
