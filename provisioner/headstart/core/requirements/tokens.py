"""Tokens that all readers of requirements share, and the error of a text that is not one."""

from __future__ import annotations

import re
from typing import NamedTuple

FROM_SOURCE = (
    "Build a wheel of it, or get a folder with its source, and name that in the header's "
    "local-extras. A package of the same name on the package index may be another one."
)
"""What to do with a package that comes from a URL, a repository or a path."""

EXAMPLES = 'A requirement looks like "numpy", "pandas>=2,<3" or "plotly[express]==6.*".'
OPERATOR = r"(?:===|==|~=|!=|<=|>=|<|>)"
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_SHA256 = r"sha256:([0-9a-fA-F]{64})"


class RequirementProblem(Exception):
    """Why a text is not a requirement, and what would be right.

    ``hint`` may quote the text; ``discreet`` is the same hint without quotations, for files that
    may contain secrets.
    """

    def __init__(self, reason: str, hint: str = EXAMPLES, discreet: str = ""):
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.discreet = discreet or hint


class Written(NamedTuple):
    """A requirement as it is written in a text: its 1-based line, and its ``--hash`` options."""

    line: int
    text: str
    hashes: tuple[str, ...] = ()

    def sha256(self) -> tuple[str, ...]:
        """The digests in the options, as 64 hex digits each.

        :raises RequirementProblem: if an option has another hash, or none.
        """
        digests = [re.fullmatch(_SHA256, text) for text in self.hashes]
        if not all(digests):
            reason = "has a hash that is not SHA-256"
            raise RequirementProblem(reason, "A hash is --hash=sha256: and 64 hex digits.")
        return tuple(sorted({digest[1].lower() for digest in digests if digest}))
