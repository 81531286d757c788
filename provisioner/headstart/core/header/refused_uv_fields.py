"""Which fields of a header's ``[tool.uv]`` are allowed, and a hint for each that is refused.

uv itself never sees this table. Fields that only limit are obeyed, and fields that name a default
have no effect; the others would change how uv works, which is not for a notebook to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..requirements.tokens import FROM_SOURCE

__all__ = ["has_no_effect", "hint_for_uv"]

_NO_EFFECT: Mapping[str, tuple[object, ...]] = {
    "index-strategy": ("first-index",),
    "no-build": (True,),
    "no-sources": (True,),
    "prerelease": ("if-necessary-or-explicit",),
    "resolution": ("highest",),
}
"""Fields, with the values that name what Headstart does in any case."""

_INDEXES = "Package indexes are set in Jupyter's configuration; remove it."
_WHEELS = "Only wheels are installed, and nothing is built; remove it."
_PLATFORMS = "`headstart lock` locks for all platforms where there is a lock for all; remove it."
_PYTHONS = "requires-python says which Python; the rest is set in Jupyter's settings."
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


def has_no_effect(name: str, value: Any) -> bool:
    """Whether a field may be kept, because nothing would be different without it."""
    if name == "no-build-package":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if name == "required-version":  # uv's, which may run the same file as a script
        return isinstance(value, str)
    return isinstance(value, bool | str) and value in _NO_EFFECT.get(name, ())


def hint_for_uv(name: str) -> str:
    """What to do about a field that is refused."""
    return _HINTS.get(name) or "Remove it: uv's own settings are Jupyter's, or those of uv.toml."
