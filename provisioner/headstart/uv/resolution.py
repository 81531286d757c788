"""Why there is no lock: uv's proof that no solution exists, for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.utils import canonicalize_name

from ..errors import (
    NoCompatibleWheel,
    NoSuchPackage,
    NoSuchVersion,
    ResolutionError,
    VersionConflict,
)

__all__ = ["diagnose_resolution"]

_MISSING = re.compile(r"(\S+) was not found in the (?:package registry|provided package locations)")
_NO_VERSION = re.compile(
    r"there (?:is|are) no versions? of ([\w.-]+)|only ([\w.-]+?)[<>=!~]\S* (?:is|are) available"
)
_NO_WHEEL = re.compile(r"(?:all versions of )?([\w.-]+)\S* (?:has|have) no (?:usable )?wheels")
_PYTHON = re.compile(r"([\w.-]+)\S* depends on Python(\S+?),? ")
_REQUIRED = re.compile(
    r"[Yy]ou require ([^,]*?(?:,[<>=!~][^,]*?)*?)(?:, we can conclude|, and|$| and we can)"
)
_NAME = re.compile(r"^[\w.-]*\w")

Details = dict[str, Any]


def diagnose_resolution(
    causes: Sequence[str],
    hints: Sequence[str],
    asked: Mapping[str, str],
    limits: Mapping[str, str],
    details: Details,
) -> ResolutionError:
    """The error that uv's ``No solution found`` stands for.

    :param causes: uv's proof; each of its lines is one step.
    :param asked: normalised names in the header to the requirements as uv saw them.
    :param limits: the same for constraints.
    :param details: of the error; ``package``, ``requirements`` and ``chain`` are added.
    """
    chain = tuple(step for cause in causes for step in cause.splitlines())
    proof = "\n".join(chain)
    named = _requirements_in(proof, {**limits, **asked})
    details = {**details, "chain": [_plain(step) for step in chain], "requirements": named}
    if match := _MISSING.search(proof):
        return _no_such_package(match[1], asked, named, details)
    if "are incompatible" in proof or len(named) > 1:
        return _conflict(chain, named, details)
    if match := _PYTHON.search(proof + " "):
        return _other_python(match[1], match[2], named, details)
    if match := _NO_WHEEL.search(proof):
        return _no_wheel(match[1], proof, hints, named, details)
    if match := _NO_VERSION.search(proof):
        return _no_such_version(match[1] or match[2], proof, named, details)
    return _conflict(chain, named, details)


def _no_such_package(
    name: str, asked: Mapping[str, str], named: Sequence[str], details: Details
) -> NoSuchPackage:
    if canonicalize_name(name) in asked:
        hint = f"Check how {name} is spelt in the header."
    else:
        hint = f"{_list(named)} in the header needs it: ask for another version, or leave it out."
    message = f"No package index has a package named {name}."
    return NoSuchPackage(message, hint=hint, details={**details, "package": name})


def _no_such_version(
    name: str, proof: str, named: Sequence[str], details: Details
) -> NoSuchVersion:
    match = re.search(rf"only ({re.escape(name)}[<>=!~]\S*) (?:is|are) available", proof)
    available = f" There is only {match[1]}." if match else ""
    wanted = _list(named) or name
    return NoSuchVersion(
        f"No version of {name} satisfies {wanted}.{available}",
        hint=f"Change {wanted} in the header.",
        details={**details, "package": name},
    )


def _no_wheel(
    name: str, proof: str, hints: Sequence[str], named: Sequence[str], details: Details
) -> NoCompatibleWheel:
    tag = re.search(r"no wheels with a matching (\w[\w ]*?) tag", proof)
    if tag is None:
        message = f"{name} has no wheel, only its source, and Headstart installs wheels only."
    else:
        what = "platform" if tag[1] == "platform" else "Python"
        message = f"{name} has no wheel for this {what}."
    said = " ".join(hint for hint in hints if tag is not None)
    advice = f"Change {_list(named) or name} in the header"
    advice += ", or requires-python." if tag is not None and tag[1] != "platform" else "."
    hint = f"{advice} {said}".strip()
    return NoCompatibleWheel(message, hint=hint, details={**details, "package": name})


def _other_python(
    name: str, wanted: str, named: Sequence[str], details: Details
) -> NoCompatibleWheel:
    wanted = wanted.rstrip(",")
    return NoCompatibleWheel(
        f"{name} needs Python {wanted}.",
        hint=f'Write requires-python = "{wanted}" into the header, '
        f"or change {_list(named) or name}.",
        details={**details, "package": name, "requires_python": wanted},
    )


def _conflict(chain: Sequence[str], named: Sequence[str], details: Details) -> VersionConflict:
    reasons = "; ".join(_plain(step) for step in chain)
    what = f"The requirements {_list(named)} exclude" if named else "The requirements exclude"
    if len(named) == 1:
        what = f"The requirement {named[0]} and what it needs exclude"
    return VersionConflict(
        f"{what} each other: {reasons}.",
        hint=f"Change one of them in the header: {', '.join(named)}." if named else "",
        details=details,
    )


def _requirements_in(proof: str, known: Mapping[str, str]) -> list[str]:
    """The requirements that the proof says the header makes, in its order."""
    found: dict[str, str] = {}
    for match in _REQUIRED.finditer(proof):
        for part in match[1].split(" and "):
            if (name := _NAME.match(part.strip())) is not None:
                key = canonicalize_name(name[0])
                found.setdefault(key, known.get(key, part.strip()))
    return list(found.values())


def _plain(step: str) -> str:
    """A step of the proof without its scaffolding: ``a depends on b<2, so …``."""
    step = re.sub(r"^(And because|Because) ", "", step.strip())
    step = re.sub(r",? ?we can conclude that your requirements are unsatisfiable\.?$", "", step)
    return step.replace(", we can conclude that ", ", so ").rstrip(".")


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
