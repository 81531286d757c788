"""What uv warns of although it succeeds, for people."""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.utils import canonicalize_name

from ..core.messages import shown

__all__ = ["Warned", "read_warnings"]

# uv has no other form of them either: one that is worded differently is not passed on.
_PACKAGE = r"`(?P<name>[\w.-]+)==(?P<version>[^`\s]+)`"
_NO_EXTRA = re.compile(rf"warning: The package {_PACKAGE} does not have an extra named `(.+?)`")
_YANKED = re.compile(rf"warning: {_PACKAGE} is yanked(?: \(reason: \"(?P<reason>.*)\"\))?")


class Warned(NamedTuple):
    """A warning about one version of a package: its normalised name, and a sentence for people."""

    name: str
    version: str
    text: str


def read_warnings(log: str) -> tuple[Warned, ...]:
    """The warnings about packages that were chosen, each once.

    :param log: uv's stderr, redacted.
    """
    warnings = []
    for line in log.splitlines():
        if match := _NO_EXTRA.match(line):
            text = f"has no extra named {shown(match[3])}, so nothing was taken for it"
        elif match := _YANKED.match(line):
            reason = f", who say {shown(match['reason'])}" if match["reason"] else ""
            text = f"was yanked by its publishers{reason}: ask for another version"
        else:
            continue
        name = canonicalize_name(match["name"])
        warnings.append(Warned(name, match["version"], f"{name} {match['version']} {text}."))
    return tuple(dict.fromkeys(warnings))
