"""What changed between the header that a kernel started with and the header as it is now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..redact import redact_value
from ..refresh import RefreshMode
from .spec import SPEC_FIELDS, EnvironmentSpec

_NAME = re.compile(r"[a-z0-9-]+")
_IN_DETAIL = ("requirements", "requires-python", "refresh")
"""Fields whose old and new values are shown; the others are only named."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference of two specs, in canonical requirements.

    ``changed`` holds (old, new); several requirements of one name are joined to one text, with
    commas. ``refresh`` and ``requires_python`` are (old, new) or None. ``other`` names the
    other fields that differ, as a header has them; ``lock`` is a lock that the notebook brings.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    refresh: tuple[RefreshMode, RefreshMode] | None = None
    requires_python: tuple[str, str] | None = None
    other: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON."""
        # Redacted: the panel shows it, errors have it, and URLs may have passwords.
        return {
            "added": list(map(redact_value, self.added)),
            "removed": list(map(redact_value, self.removed)),
            "changed": [list(map(redact_value, pair)) for pair in self.changed],
            "refresh": list(self.refresh) if self.refresh else None,
            "requires_python": list(self.requires_python) if self.requires_python else None,
            "other": list(self.other),
        }


def changes(old: EnvironmentSpec, new: EnvironmentSpec) -> Changes | None:
    """What a restart would change; None if the two specs are the same."""
    if old == new:
        return None
    # By name, for most edits change a version: that is one change and not two.
    before, after = _by_name(old.requirements), _by_name(new.requirements)
    both = sorted(before.keys() & after.keys())
    return Changes(
        added=tuple(after[name] for name in sorted(after.keys() - before.keys())),
        removed=tuple(before[name] for name in sorted(before.keys() - after.keys())),
        changed=tuple((before[n], after[n]) for n in both if before[n] != after[n]),
        refresh=(old.refresh, new.refresh) if old.refresh != new.refresh else None,
        requires_python=(
            (old.requires_python, new.requires_python)
            if old.requires_python != new.requires_python
            else None
        ),
        other=tuple(
            field.name
            for field in SPEC_FIELDS
            if field.name not in _IN_DETAIL and field.of(old) != field.of(new)
        ),
    )


def _by_name(requirements: Iterable[str]) -> dict[str, str]:
    """The requirements of each normalised name, in one text."""
    texts: dict[str, list[str]] = {}
    for requirement in requirements:
        name = _NAME.match(requirement)
        texts.setdefault(name[0] if name else requirement, []).append(requirement)
    return {name: ", ".join(lines) for name, lines in texts.items()}
