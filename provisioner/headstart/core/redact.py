"""Secrets never become text: redaction of what uv is told, of what it says, and of headers."""

from __future__ import annotations

import re

__all__ = ["redact", "redact_users"]

_USER = re.compile(r"(?<=://)[^/\s]*@")
# Names are as long as names are: the text is read once, whatever it is.
_PARAMETER = re.compile(r"([?&;#][\w.%~-]{1,64}=)[^&;#\s\"'`<>()]+")
_SECRET = r"auth|cred|jwt|key|pass|pwd|secret|sig|token"


def redact(text: str) -> str:
    """The text, with each secret in its URLs replaced by ``****``: for people to read.

    Secrets are users and passwords (user names too: index tokens often stand there), and the
    parameters whose names say so, as signed URLs and some indexes have them.
    """
    return _PARAMETER.sub(_without_secret, redact_users(text))


def redact_users(text: str) -> str:
    """The text, with user and password of each URL replaced by ``****``: for programs to read.

    uv adds them again where it needs them. A signed URL without its signature is of no use.
    """
    return _USER.sub("****@", text)


def _without_secret(parameter: re.Match[str]) -> str:
    is_secret = re.search(_SECRET, parameter[1], re.IGNORECASE)
    return f"{parameter[1]}****" if is_secret else parameter[0]
