"""What of a header's ``[tool.uv]`` is obeyed, and what is refused, each by its name.

uv itself never sees this table. What only limits is obeyed, and what asks for what is so anyway;
the rest would set how uv works, which is not a notebook's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..requirements.tokens import FROM_SOURCE

__all__ = ["hint_for_uv", "is_so_anyway"]

_SO_ANYWAY: Mapping[str, tuple[object, ...]] = {
    "index-strategy": ("first-index",),
    "no-build": (True,),
    "no-sources": (True,),
    "prerelease": ("if-necessary-or-explicit",),
    "resolution": ("highest",),
}
"""Fields, with the values that ask for what Headstart does whatever they say."""

_INDEXES = "Package indexes are set in Jupyter's configuration; remove it."
_WHEELS = "Only wheels are installed, and nothing is built; remove it."
_PLATFORMS = "`headstart lock` locks for all platforms where there is a lock for all; remove it."
_PYTHONS = "Which Python is wanted says requires-python; the rest is set in Jupyter's settings."
_GROUPS = "Name the packages in dependencies, or groups of a pyproject.toml in [tool.headstart]."

_HINTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("allow-insecure-host", "extra-index-url", "find-links", "index-strategy", "index-url",
         "keyring-provider", "no-index"),
        _INDEXES,
    ),
    **dict.fromkeys(
        ("build-constraint-dependencies", "config-settings", "extra-build-dependencies",
         "no-binary", "no-binary-package", "no-build", "no-build-isolation",
         "no-build-isolation-package", "no-build-package"),
        _WHEELS,
    ),
    **dict.fromkeys(("conflicts", "environments", "fork-strategy", "required-environments"),
                    _PLATFORMS),
    **dict.fromkeys(("python-downloads", "python-install-mirror", "python-preference"), _PYTHONS),
    **dict.fromkeys(("default-groups", "dependency-groups", "dev-dependencies"), _GROUPS),
    "exclude-newer-package": "exclude-newer holds for all packages; name this one's version: "
    '"package==1.2".',
    "prerelease": 'Ask for a pre-release by its version: "package>=2.0rc1".',
    "resolution": 'Name the versions that you want: "package==1.2".',
    "sources": FROM_SOURCE,
    "torch-backend": "The index of those builds is set in Jupyter's configuration; remove it.",
}  # fmt: skip


def is_so_anyway(name: str, value: Any) -> bool:
    """Whether a field may stay, for it asks for nothing that would be otherwise without it."""
    if name == "no-build-package":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if name == "required-version":  # of uv, which others may read this header with
        return isinstance(value, str)
    return isinstance(value, bool | str) and value in _SO_ANYWAY.get(name, ())


def hint_for_uv(name: str) -> str:
    """What to do about a field that is refused."""
    return _HINTS.get(name) or "Remove it: uv's own settings are Jupyter's, or those of uv.toml."
