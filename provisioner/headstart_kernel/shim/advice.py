"""What to do in place of installing: sentences, and the header as it would have to be."""

import json
import os
from typing import Iterable, List

from .arguments import Arguments, Kind, kind_of
from .shim_header import Header, name_of, read_header

__all__ = ["advice_to_add", "advice_to_remove", "unchanged"]

_FILE = "requirements"
_SESSION = "JPY_SESSION_NAME"
_INDEXES = ("--index-url", "--pypi-url", "--extra-index-url", "--index", "--default-index",
            "--find-links")  # fmt: skip


def unchanged(program: str) -> str:
    """Why nothing was done."""
    return (
        "%s changes nothing here: this environment is made from the notebook's header and never "
        "changes." % program
    )


def advice_to_add(program: str, arguments: Arguments, missing: List[str], groups: List[str]) -> str:
    """How to add what an install command names and the environment does not have.

    :param missing: words and files (``-r FILE``) of the command that are not installed.
    :param groups: of a ``pyproject.toml`` (PEP 735), as the command names them.
    """
    header, parts = read_header(), [unchanged(program)]
    requirements = [word for word in missing if kind_of(word) == Kind.REQUIREMENT]
    others = [word for word in missing if word not in requirements]
    after, what, remarks = header, list(map(_printable, requirements)), []
    if requirements:
        after = after.with_dependencies(requirements)
    for word in others:
        remark = _of_another_kind(word, after)
        if remark:
            remarks.append(remark)
            continue
        path = _without_option(word)
        what.append(_printable(path) if path == word else "what %s asks for" % _printable(path))
        after = _with_path(after, word)
    if what:
        command = requirements if len(what) == len(requirements) else []
        parts.append(_write(header, "have " + " and ".join(what), after, "add", command))
    parts += remarks
    if groups:
        parts.append(
            "Groups of a pyproject.toml are named in the header: groups, under [tool.headstart]."
        )
    if any(arguments.values(*_INDEXES)):
        parts.append(
            "Package indexes are set in Jupyter's configuration or uv's, not in a notebook: "
            "HEADSTART_EXTRA_INDEXES, for example."
        )
    return "\n\n".join(parts)


def advice_to_remove(program: str, names: List[str]) -> str:
    """How to be without packages that the environment has."""
    header, parts = read_header(), [unchanged(program)]
    named = [name for name in names if not header.text or header.asks_for(name_of(name))]
    if named:
        what = "be without %s" % " and ".join(map(_printable, named))
        parts.append(_write(header, what, header.without(map(name_of, named)), "remove", named))
    others = [name for name in names if name not in named]
    parts += ["%s is here because another package needs it." % name for name in others]
    return "\n\n".join(parts)


def _of_another_kind(word: str, header: Header) -> str:
    """Why a word that is no requirement cannot be written into a header; ``""`` if it can."""
    path, shown = _without_option(word), _printable(word)
    if kind_of(path) == Kind.URL:
        # Not shown: it may have a password in it.
        return (
            "A URL or a repository cannot be asked for in a header. Build a wheel of it, or name a "
            "folder with its source in local-extras, under [tool.headstart]."
            if path == word
            else "A header names no file by a URL: fetch that file, and name it by its path."
        )
    if path == word:
        return "" if kind_of(word) == Kind.PATH else "%s is not a requirement." % shown
    named = header.field(_FILE)
    if not named:
        return ""
    if named == _quoted(path):
        return "Restart the kernel to install what %s asks for." % _printable(path)
    return "A header names one file of requirements: write %s into %s." % (shown, named)


def _with_path(header: Header, word: str) -> Header:
    path = _without_option(word)
    if path == word:
        return header.with_field("local-extras", "[%s]" % _quoted(path))
    return header.with_field(_FILE, _quoted(path))


def _without_option(word: str) -> str:
    return word[len("-r ") :] if word.startswith("-r ") else word


def _write(before: Header, what: str, after: Header, verb: str, words: List[str]) -> str:
    """What to write into the header; and, with words, the command that does it."""
    arguments = " ".join(map(_shell, words))
    command = "headstart %s %s %s" % (verb, _notebook(), arguments) if words else ""
    if not before.shown or not after.text:
        do = "change the header in %s" % (before.where or "the notebook")
        with_command = ", for example with: %s\nThen restart the kernel." % command
        return "To %s, %s%s" % (what, do, with_command if command else ", and restart the kernel.")
    where = before.where or "a cell of the notebook"
    block = "\n".join("    %s" % line for line in _comments(after.text))
    text = "To %s, write so in %s and restart the kernel:\n\n%s" % (what, where, block)
    return "%s\n\nOr in a terminal: %s" % (text, command) if command else text


def _comments(toml: str) -> Iterable[str]:
    yield "# /// script"
    yield from ("# %s" % line if line else "#" for line in toml.rstrip("\n").split("\n"))
    yield "# ///"


def _notebook() -> str:
    name = os.path.basename(os.environ.get(_SESSION, ""))
    return _shell(name) if name.endswith(".ipynb") else "NOTEBOOK"


def _shell(word: str) -> str:
    import shlex  # few answers have words for a shell

    return _printable(shlex.quote(word))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]
