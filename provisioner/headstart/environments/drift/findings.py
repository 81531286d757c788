"""What a check has found out of one thing, for people and as JSON."""

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
"""Problems that a message names; the facts have all."""


class State(StrEnum):
    """What was found of one thing: in order, not there, not to be checked here, not in order."""

    OK = "ok"
    NONE = "none"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: its state, what there is to say, a hint or ``""``, and its facts as JSON."""

    state: State
    message: str
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        said = {"state": self.state.value, "message": self.message, "hint": self.hint}
        return {**said, **self.facts}


def wrong(error: HeadstartError) -> Finding:
    """A finding that an error says all of."""
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

    :param fine: what is said if there is neither.
    :param problems: sentences; ``unchecked`` as well.
    :param hint: the way out of both.
    """
    said = {**(facts or {}), "problems": list(problems), "unchecked": list(unchecked)}
    if problems:
        return Finding(State.WRONG, _together(problems), hint, said)
    if unchecked:
        return Finding(State.UNKNOWN, _together([*filter(None, [fine]), *unchecked]), hint, said)
    return Finding(State.OK, fine, facts=said)


def to_know(path: str) -> str:
    """The hint for what is known once the environment of the notebook at ``path`` is there."""
    name = shlex.quote(path) if path else "NOTEBOOK"
    return f"To know it, make its environment ready: headstart ensure {name}"


def _together(sentences: Sequence[str]) -> str:
    more = len(sentences) - _NAMED
    return " ".join([*sentences[:_NAMED], *([f"And {more} more."] if more > 0 else [])])
