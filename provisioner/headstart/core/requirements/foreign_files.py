"""Hints for files that a field of a header cannot read, those of other tools, by their names."""

from __future__ import annotations

import re

__all__ = ["hint_for_file"]

_CONDA = (
    "Conda packages are not installed here: write the names that its packages have on a package "
    "index into dependencies."
)
_HINTS = tuple(
    (re.compile(pattern, re.IGNORECASE), hint)
    for pattern, hint in (
        (r"(conda|pixi)[\w.-]*\.\w+|(environment[\w.-]*|meta)\.ya?ml", _CONDA),
        (r"Pipfile(\.lock)?", "`pipenv requirements > requirements.txt` writes one: name that."),
        (r"poetry\.lock", "`poetry export -o requirements.txt` writes one: name that."),
        (r"uv\.lock", "`uv export -o pylock.toml` writes a lock: name that with pylock."),
        (r"pdm\.lock", "`pdm export -f pylock -o pylock.toml` writes a lock: name that."),
        (
            r"setup\.(py|cfg)",
            "Name its folder in local-extras; list in dependencies what it needs.",
        ),
    )
)
_REQUIREMENTS = re.compile(r"(?:[\w.-]*[-_.])?requirements[\w.-]*\.(?:txt|in)", re.IGNORECASE)
_PYLOCK = re.compile(r"pylock(?:\.[^.]+)?\.toml")
_PROJECT = "pyproject.toml"


def hint_for_file(path: str, field: str) -> str:
    """What to do with a file that the field cannot read, by its name; ``""`` if it perhaps can.

    :param field: ``requirements``, ``pylock``, or ``""`` for a list that cannot name files.
    """
    name = path.replace("\\", "/").rpartition("/")[2]
    if field != "pylock" and _PYLOCK.fullmatch(name):
        return f'A lock is named with pylock = "{name}", under [tool.headstart].'
    if field != "requirements" and (_REQUIREMENTS.fullmatch(name) or name == _PROJECT):
        return f'It is named with requirements = "{name}", under [tool.headstart].'
    return next((hint for pattern, hint in _HINTS if pattern.fullmatch(name)), "")
