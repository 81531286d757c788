"""The result of one check of a notebook, for people and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ...errors import HeadstartError

__all__ = ["SHORT", "Finding", "State", "judged", "to_know", "wrong"]

SHORT = 12
"""Digits of a digest that people see."""

_NAMED = 5
"""Problems that a message names; the facts name all."""


class State(StrEnum):
    """The result of a check: in order, missing, impossible to check here, not in order."""

    OK = "ok"
    NONE = "none"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing, a message, a hint or ``""``, and facts as JSON."""

    state: State
    message: str
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        text = {"state": self.state.value, "message": self.message, "hint": self.hint}
        return {**text, **self.facts}


def wrong(error: HeadstartError) -> Finding:
    """The finding of an error."""
    return Finding(State.WRONG, error.message, error.hint, {"error": error.to_json()})


def judged(
    fine: str,
    problems: Sequence[str],
    unchecked: Sequence[str] = (),
    *,
    hint: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Finding:
    """A finding by what is wrong and what could not be checked.

    :param fine: the message if neither is the case.
    :param problems: sentences; ``unchecked`` as well.
    :param hint: the way out of both.
    """
    facts = {**(facts or {}), "problems": list(problems), "unchecked": list(unchecked)}
    if problems:
        return Finding(State.WRONG, _together(problems), hint, facts)
    # Not in order either: what was not looked at may be wrong.
    if unchecked:
        return Finding(State.UNKNOWN, _together([*filter(None, [fine]), *unchecked]), hint, facts)
    return Finding(State.OK, fine, facts=facts)


def to_know(path: str) -> str:
    """The hint for what is known once the environment of the notebook at ``path`` exists."""
    name = shlex.quote(path) if path else "NOTEBOOK"
    return f"To know it, make its environment ready: headstart ensure {name}"


def _together(sentences: Sequence[str]) -> str:
    rest = len(sentences) - _NAMED
    return " ".join([*sentences[:_NAMED], *([f"And {rest} more."] if rest > 0 else [])])
