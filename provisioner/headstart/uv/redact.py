"""Secrets never become text: redaction of what uv is told and what it says."""

from __future__ import annotations

import re

__all__ = ["redact"]

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


def redact(text: str) -> str:
    """The text, with user and password of each URL in it replaced by ``****``.

    The user name goes too: index tokens often stand there.
    """
    return _CREDENTIALS.sub("****@", text)
