"""Secrets never become text: redaction of what uv is told, of what it says, and of headers.

A URL that somebody has mistyped has its secret all the same: a password with a space, a slash or
an ``@``, no host, no scheme. Where that cannot be told from an address, it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["redact", "redact_users", "redact_value", "secrets_in", "without_secrets"]

GONE = "****"

SHORTEST = 4
"""Characters of a known secret that is looked for: shorter ones stand in many words."""

# Patterns as text: `re` compiles them where they are used, for most kernels start without a URL.
_USER = r"(?<=://)[^/\s]*@"
_AUTHORITY = r"[^\s/?#]*"
# Behind a host stands a path, or the end of a sentence; behind its colon, nothing but a port.
_HOST = (
    r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?"
    r"(?=[/?#\"'`<>()\[\]{},;!|]|:?(?:\s|$))"
)
_TOKEN = r"(?<!\S)\S*@\S*|(?<!\S)\S*%\S*"
_ENCODED_START = r"(?i)%(?:25)*3a(?:%(?:25)*2f){2}"
_ENCODED_AT = r"(?i)%(?:25)*40"
# Names are as long as names are: the text is read once, whatever it is.
_NAME = r"[\w.%~-]{1,64}="
_PARAMETER = rf"([?&;#]{_NAME})[^\s&]+?(?=[&\s]|[;#?]{_NAME}|[\"'`<>()]{{1,4}}[.,:;]?(?:\s|$)|$)"
_SECRET = r"access|auth|bearer|cred|jwt|key|pass|pwd?|secret|session|sig|token"


def redact(text: str) -> str:
    """The text, with each secret in its URLs replaced by ``****``: for people to read.

    Secrets are users and passwords (user names too: index tokens often stand there), and the
    parameters whose names say so, as signed URLs and some indexes have them.
    """
    return "\n".join(map(_redact_line, text.split("\n")))


def redact_value(text: str) -> str:
    """As `redact`, for a text that is one value: it ends nowhere before its end."""
    before, at, after = text.rpartition("@")
    if at and ":" in before and "://" not in text:
        return f"{GONE}@{after}"
    return _redact_line(text)


def redact_users(text: str) -> str:
    """The text, with user and password of each URL replaced by ``****``: for programs to read.

    uv adds them again where it needs them. A signed URL without its signature is of no use.
    """
    return re.sub(_USER, f"{GONE}@", text)


def secrets_in(addresses: Iterable[str]) -> set[str]:
    """The passwords in addresses; of one without a password, its user, which then is a token."""
    found = set()
    for address in addresses:
        user, at, _ = address.partition("://")[2].rpartition("@")
        name, colon, password = user.partition(":")
        if at:
            found.add(password if colon else name)
    return found


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without secrets that are known, however they are written in a URL."""
    from urllib.parse import quote, unquote  # most kernels start without a URL

    for secret in secrets:
        for written in {secret, quote(secret, ""), unquote(secret)}:
            if len(written) >= SHORTEST:
                text = text.replace(written, GONE)
    return text


def _redact_line(line: str) -> str:
    first, *rest = line.split("://")
    parts = [first]
    for part in rest:
        of_file = parts[-1][-4:].lower() == "file" and part.startswith("/")
        parts.append(part if of_file else _without_user(part))
    line = "://".join(parts)
    if "@" in line or "%" in line:
        line = re.sub(_TOKEN, _without_bare_user, line)
    return re.sub(_PARAMETER, _without_secret, line)


def _without_user(part: str) -> str:
    """What stands behind a URL's ``://``, as far as the next URL."""
    authority = re.match(_AUTHORITY, part)
    user, at, _ = authority[0].rpartition("@") if authority else ("", "", "")
    rest = part[len(user) + 1 :] if at else part
    hidden = f"{GONE}@" if at else ""
    host = re.match(_HOST, rest)
    if not rest:
        return hidden
    if host is None:
        _, at, behind = rest.rpartition("@")
        return f"{GONE}@{behind}" if at else f"{hidden}{GONE}"
    # The path of a repository may have an @; nothing else behind a host has.
    has_path = "." in host["name"] and rest.startswith("/", host.end())
    before, at, _ = (rest.split(maxsplit=1)[0] if has_path else rest).rpartition("@")
    if not at or (has_path and ":" not in before):
        return hidden + rest
    return f"{GONE}@{rest[len(before) + 1 :]}"


def _without_bare_user(token: re.Match[str]) -> str:
    """A word of the text, which may be a URL without its scheme, or one that is encoded."""
    text = token[0]
    start, ends = (
        re.search(_ENCODED_START, text),
        [m.start() for m in re.finditer(_ENCODED_AT, text)],
    )
    if start and ends and start.end() < ends[-1]:
        text = f"{text[: start.end()]}{GONE}{text[ends[-1] :]}"
    bare, scheme, rest = text.partition("://")
    before, at, after = bare.rpartition("@")
    return f"{GONE}@{after}{scheme}{rest}" if at and ":" in before else text


def _without_secret(parameter: re.Match[str]) -> str:
    from urllib.parse import unquote  # as above

    is_secret = re.search(_SECRET, unquote(parameter[1]), re.IGNORECASE)
    return f"{parameter[1]}{GONE}" if is_secret else parameter[0]
