"""What to do in place of installing: sentences, and the header as it would have to be."""

import os
import re
from typing import Iterable, List, Optional

from .arguments import Arguments, Kind, kind_of
from .header import Header, name_of, read_header

__all__ = ["advice_to_add", "advice_to_remove", "unchanged"]

_SESSION = "JPY_SESSION_NAME"
_INDEXES = ("--index-url", "--pypi-url", "--extra-index-url", "--index", "--default-index",
            "--find-links")  # fmt: skip


def unchanged(program: str) -> str:
    """Why nothing was done."""
    return (
        "%s changes nothing here: this environment is made from the notebook's header and never "
        "changes." % program
    )


def advice_to_add(program: str, arguments: Arguments, missing: List[str]) -> str:
    """How to have what an install command names and the environment does not have.

    :param missing: words and files (``-r FILE``) of the command that are not there.
    """
    header, parts = read_header(), [unchanged(program)]
    wanted = [word for word in missing if kind_of(word) == Kind.REQUIREMENT]
    if wanted:
        what = " and ".join(wanted)
        parts.append(_write(header, what, header.with_dependencies(wanted), "add", wanted))
    for word in missing:
        parts += _of_another_kind(word, header)
    if any(arguments.values(*_INDEXES)):
        parts.append(
            "Package indexes are set in Jupyter's configuration or uv's, not in a notebook: "
            "HEADSTART_EXTRA_INDEXES, for example."
        )
    return "\n\n".join(parts)


def advice_to_remove(program: str, names: List[str]) -> str:
    """How to be without packages that the environment has."""
    header, parts = read_header(), [unchanged(program)]
    asked = [name for name in names if not header.text or header.asks_for(name_of(name))]
    if asked:
        what = "be without %s" % " and ".join(asked)
        toml = header.without(map(name_of, asked))
        parts.append(_write(header, what, toml, "remove", asked, have=False))
    others = [name for name in names if name not in asked]
    parts += ["%s is here because another package needs it." % name for name in others]
    return "\n\n".join(parts)


def _of_another_kind(word: str, header: Header) -> Iterable[str]:
    if word.startswith("-r "):
        toml = header.with_field("requirements", _quoted(word[len("-r ") :]))
        yield _write(header, "what that file asks for", toml)
    elif kind_of(word) == Kind.PATH:
        toml = header.with_field("local-extras", "[%s]" % _quoted(word))
        yield _write(header, _printable(word), toml)
    elif kind_of(word) == Kind.URL:
        # Not shown: it may have a password in it.
        yield (
            "A URL or a repository cannot be asked for in a header. Build a wheel of it, or name a "
            "folder with its source in local-extras, under [tool.headstart]."
        )
    elif kind_of(word) == Kind.NOTHING:
        yield "%s is not a requirement." % _printable(word)


def _write(
    header: Header,
    what: str,
    toml: str,
    verb: str = "",
    words: Optional[List[str]] = None,
    have: bool = True,
) -> str:
    """What to write into the header, and the command that does it."""
    to = "To have %s" % what if have else "To %s" % what
    command = ""
    if verb:
        said = " ".join(_shell(word) for word in words or ())
        command = "headstart %s %s %s" % (verb, _notebook(), said)
    if not header.shown:
        do = "change the header in %s" % header.where
        with_command = ", for example with: %s\nThen restart the kernel." % command
        return "%s, %s%s" % (to, do, with_command if command else ", and restart the kernel.")
    where = header.where or "a cell of the notebook"
    block = "\n".join("    %s" % line for line in _comments(toml))
    text = "%s, write so in %s and restart the kernel:\n\n%s" % (to, where, block)
    return "%s\n\nOr in a terminal: %s" % (text, command) if command else text


def _comments(toml: str) -> Iterable[str]:
    yield "# /// script"
    yield from ("# %s" % line if line else "#" for line in toml.rstrip("\n").split("\n"))
    yield "# ///"


def _notebook() -> str:
    name = os.path.basename(os.environ.get(_SESSION, ""))
    return _shell(name) if name.endswith(".ipynb") else "NOTEBOOK"


def _shell(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    return re.sub(r"[^\x20-\x7e\xa0-\uffff]", "?", text)[:200]
