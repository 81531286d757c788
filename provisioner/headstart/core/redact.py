"""Redact secrets in text: in what is passed to uv, in its output, and in headers.

A mistyped URL contains a secret all the same: a password with a space, a slash or an ``@``, no
host, no scheme. What may be an address or a secret is redacted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["redact", "redact_users", "redact_value", "secrets_in", "without_secrets"]

REDACTED = "****"

SHORTEST = 4
"""Characters of the shortest secret that is searched for: shorter ones occur in many words."""

# Patterns as strings: `re` compiles them at first use, for most kernels start without a URL.
_USER = r"(?<=://)[^/\s]*@"
_AUTHORITY = r"[^\s/?#]*"
# A host is followed by a path, or the end of a sentence; its colon by nothing but a port.
_HOST = (
    r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?"
    r"(?=[/?#\"'`<>()\[\]{},;!|]|:?(?:\s|$))"
)
_TOKEN = r"(?<!\S)\S*@\S*|(?<!\S)\S*%\S*"
_ENCODED_START = r"(?i)%(?:25)*3a(?:%(?:25)*2f){2}"
_ENCODED_AT = r"(?i)%(?:25)*40"
# The length of a name is bounded, so that the time is linear in the text.
_NAME = r"[\w.%~-]{1,64}="
_PARAMETER = rf"([?&;#]{_NAME})[^\s&]+?(?=[&\s]|[;#?]{_NAME}|[\"'`<>()]{{1,4}}[.,:;]?(?:\s|$)|$)"
_SECRET = r"access|auth|bearer|cred|jwt|key|pass|pwd?|secret|session|sig|token"


def redact(text: str) -> str:
    """The text, with each secret in its URLs replaced by ``****``: for people to read.

    Secrets are users and passwords (a user name may be the token of an index), and query parameters
    whose names tell so, as in signed URLs.
    """
    return "\n".join(map(_redact_line, text.split("\n")))


def redact_value(text: str) -> str:
    """As `redact`, for a text that is one value: what precedes its last ``@`` belongs together."""
    before, at, after = text.rpartition("@")
    if at and ":" in before and "://" not in text:
        return f"{REDACTED}@{after}"
    return _redact_line(text)


def redact_users(text: str) -> str:
    """The text, with user and password of each URL replaced by ``****``: for programs to read.

    uv adds them again where it needs them. A signature stays, for its URL is useless without it.
    """
    return re.sub(_USER, f"{REDACTED}@", text)


def secrets_in(addresses: Iterable[str]) -> set[str]:
    """The passwords in URLs; of one without a password, its user, which then is a token."""
    secrets = set()
    for address in addresses:
        user, at, _ = address.partition("://")[2].rpartition("@")
        name, colon, password = user.partition(":")
        if at:
            secrets.add(password if colon else name)
    return secrets


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, also where they are percent-encoded."""
    from urllib.parse import quote, unquote  # imported here: most kernels start without a URL

    for secret in secrets:
        for written in {secret, quote(secret, ""), unquote(secret)}:
            if len(written) >= SHORTEST:
                text = text.replace(written, REDACTED)
    return text


def _redact_line(line: str) -> str:
    first, *rest = line.split("://")
    parts = [first]
    for part in rest:
        # file:///a@b has no host, so its path may have an @.
        of_file = parts[-1][-4:].lower() == "file" and part.startswith("/")
        parts.append(part if of_file else _without_user(part))
    line = "://".join(parts)
    if "@" in line or "%" in line:
        line = re.sub(_TOKEN, _without_bare_user, line)
    return re.sub(_PARAMETER, _without_secret, line)


def _without_user(part: str) -> str:
    """The text after a URL's ``://``, up to the next URL, without user and password."""
    authority = re.match(_AUTHORITY, part)
    user, at, _ = authority[0].rpartition("@") if authority else ("", "", "")
    rest = part[len(user) + 1 :] if at else part
    hidden = f"{REDACTED}@" if at else ""
    host = re.match(_HOST, rest)
    if not rest:
        return hidden
    if host is None:
        _, at, address = rest.rpartition("@")
        return f"{REDACTED}@{address}" if at else f"{hidden}{REDACTED}"
    # The path of a repository may have an @; anything else after a host is part of a password.
    has_path = "." in host["name"] and rest.startswith("/", host.end())
    before, at, _ = (rest.split(maxsplit=1)[0] if has_path else rest).rpartition("@")
    if not at or (has_path and ":" not in before):
        return hidden + rest
    return f"{REDACTED}@{rest[len(before) + 1 :]}"


def _without_bare_user(token: re.Match[str]) -> str:
    """A word without user and password: perhaps a URL without its scheme, or an encoded one."""
    text = token[0]
    start, ends = (
        re.search(_ENCODED_START, text),
        [m.start() for m in re.finditer(_ENCODED_AT, text)],
    )
    if start and ends and start.end() < ends[-1]:
        text = f"{text[: start.end()]}{REDACTED}{text[ends[-1] :]}"
    bare, scheme, rest = text.partition("://")
    before, at, after = bare.rpartition("@")
    return f"{REDACTED}@{after}{scheme}{rest}" if at and ":" in before else text


def _without_secret(parameter: re.Match[str]) -> str:
    from urllib.parse import unquote  # imported here, as above

    is_secret = re.search(_SECRET, unquote(parameter[1]), re.IGNORECASE)
    return f"{parameter[1]}{REDACTED}" if is_secret else parameter[0]
