"""Why there is no lock: uv's proof that no solution exists, for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from ..core.requirements.module_table import hint_on_module
from ..errors import (
    NoCompatibleWheel,
    NoSuchPackage,
    NoSuchVersion,
    ResolutionError,
    VersionConflict,
)

__all__ = [
    "diagnose_resolution",
    "package_without_wheel",
    "requirements_in",
    "without_files",
]

_MISSING = re.compile(r"(\S+) was not found in the (?:package registry|provided package locations)")
_NO_VERSION = re.compile(
    r"there (?:is|are) no versions? of (?P<a>[\w.-]+)"
    r"|only (?P<b>[\w.-]+?)[<>=!~]\S* (?:is|are) available"
    r"|only the following versions of (?P<c>[\w.-]+) are available"
)
_NO_FILES = re.compile(r"there are no versions of ([\w.-]*\w)(?: and|,|$)", re.MULTILINE)
_AVAILABLE = (
    r"only ({0}[<>=!~]\S*) (?:is|are) available"
    r"|following versions of {0} are available: (.*?)(?: and |,? so |$)"
)
_YANKED = re.compile(r"([\w.-]*\w)(?:\[[^\]]*\])?==(\S+) was yanked")
_NO_WHEEL = re.compile(r"([\w.-]+)\S* (?:has|have) no (?:usable )?wheels")
_TAG = re.compile(r"no wheels with a matching (\w[\w ]*?) tag")
_PYTHON = re.compile(r"([\w.-]+)\S* depends on Python([<>=!~][^\s,]*(?:,[<>=!~][^\s,]*)*)")
_REQUIRED = re.compile(r"[Yy]ou require (.*?)(?:, we can conclude|, so |$)")
_NAME = re.compile(r"[\w.-]*\w")
_LIST_ITEM = re.compile(r"[\w.-]+(?:[<>=!~]\S*)?")

_LONGEST_PROOF = 600
"""Characters of a proof in a message; the error's ``chain`` has all of it."""


def diagnose_resolution(
    causes: Sequence[str],
    hints: Sequence[str],
    requirements: Mapping[str, str],
    limits: Mapping[str, str],
) -> ResolutionError:
    """The error for uv's ``No solution found``.

    :param causes: uv's proof; each of its lines is one step.
    :param requirements: normalised names in the header to the requirements as uv saw them.
    :param limits: the same for constraints.
    """
    chain = [_plain(step) for cause in causes for step in _steps(cause)]
    named = requirements_in("\n".join(chain), {**limits, **requirements})
    return _explained(chain, named, hints, requirements).with_proof(named, chain)


def _explained(
    chain: Sequence[str],
    named: Sequence[str],
    hints: Sequence[str],
    requirements: Mapping[str, str],
) -> ResolutionError:
    """The error for a proof, without the proof.

    :param named: the requirements of the header that it names.
    """
    proof = "\n".join(chain)
    if match := _MISSING.search(proof):
        return _no_such_package(match[1], requirements, named)
    # Where several requirements are named, none of them alone is wrong: what a single one lacks is
    # told only if the proof needs no other.
    if (match := _YANKED.search(proof)) and len(named) <= 1:
        return _yanked(match[1], match[2], named)
    if "are incompatible" in proof or len(named) > 1:
        return _conflict(chain, named)
    if match := _PYTHON.search(proof):
        return _other_python(match[1], match[2], named)
    if match := _NO_WHEEL.search(proof):
        return _no_wheel(match[1], proof, hints, named)
    if match := _NO_VERSION.search(proof):
        return _no_such_version(str(match[match.lastgroup or 0]), proof, requirements, named)
    return _conflict(chain, named)


def package_without_wheel(chain: Sequence[str]) -> tuple[str, bool] | None:
    """The package that is missing for want of a wheel, and if it has a source; or None.

    :param chain: the steps of a proof, as `ResolutionError.chain` has them.
    """
    proof = "\n".join(chain)
    match = _NO_WHEEL.search(proof)
    return None if match is None else (canonicalize_name(match[1]), _TAG.search(proof) is None)


def without_files(causes: Sequence[str]) -> str:
    """The package that an index knows and has no file of, if that is what is wrong; or ``""``."""
    match = _NO_FILES.search("\n".join(causes))
    return match[1] if match else ""


def _no_such_package(
    name: str, requirements: Mapping[str, str], named: Sequence[str]
) -> NoSuchPackage:
    if canonicalize_name(name) in requirements:
        # Only here: some names of modules are packages too, and might be meant.
        hint = hint_on_module(name) or f"Check the spelling of {name} in the header."
    else:
        hint = f"{_list(named)} in the header needs it: ask for another version, or leave it out."
    message = f"No package index has a package named {name}."
    return NoSuchPackage(message, hint=hint, package=name)


def _no_such_version(
    name: str, proof: str, requirements: Mapping[str, str], named: Sequence[str]
) -> NoSuchVersion:
    match = re.search(_AVAILABLE.format(re.escape(name)), proof, re.MULTILINE)
    available = f" There is only {match[1] or match[2]}." if match else ""
    needs = _list(named) or name
    message = f"No version of {name} satisfies {needs}.{available}"
    if canonicalize_name(name) not in requirements:
        message = f"{needs} needs a version of {name} that does not exist.{available}"
    hint = f"Change {needs} in the header."
    return NoSuchVersion(message, hint=hint, package=name)


def _yanked(name: str, version: str, named: Sequence[str]) -> NoSuchVersion:
    needs = _list(named) or name
    return NoSuchVersion(
        f"{name} {version} was yanked, and no other version of it satisfies {needs}.",
        hint=f"Change {needs} in the header; {name}=={version} takes it all the same.",
        package=name,
    )


def _no_wheel(
    name: str, proof: str, hints: Sequence[str], named: Sequence[str]
) -> NoCompatibleWheel:
    tag = _TAG.search(proof)
    advice = f"Change {_list(named) or name} in the header"
    if tag is None:
        message = f"{name} has no wheel, only its source, and Headstart installs wheels only."
        hint = hint_on_module(canonicalize_name(name)) or f"{advice}."
    else:
        platform = tag[1] == "platform"
        message = f"{name} has no wheel for this {'platform' if platform else 'Python'}."
        # uv's other hints speak of its own options.
        others = [hint for hint in hints if "--" not in hint]
        hint = " ".join([advice + ("." if platform else ", or requires-python."), *others])
    return NoCompatibleWheel(message, hint=hint, package=name)


def _other_python(name: str, requires_python: str, named: Sequence[str]) -> NoCompatibleWheel:
    return NoCompatibleWheel(
        f"{name} needs Python {requires_python}.",
        hint=f'Write requires-python = "{requires_python}" into the header, '
        f"or change {_list(named) or name}.",
        package=name,
        details={"requires_python": requires_python},
    )


def _conflict(chain: Sequence[str], named: Sequence[str]) -> VersionConflict:
    what = f"The requirements {_list(named)} exclude" if named else "The requirements exclude"
    if len(named) == 1:
        what = f"The requirement {named[0]} and what it needs exclude"
    return VersionConflict(
        f"{what} each other: {_shortened(chain)}.",
        hint=f"Change one of them in the header: {', '.join(named)}." if named else "",
    )


def _shortened(chain: Sequence[str]) -> str:
    text = "; ".join(chain)
    return text if len(text) <= _LONGEST_PROOF else text[:_LONGEST_PROOF].rsplit(" ", 1)[0] + " …"


def requirements_in(proof: str, lines: Mapping[str, str]) -> list[str]:
    """The requirements that the proof says the header makes, in its order.

    :param lines: normalised names to the requirements as the header has them.
    """
    requirements: dict[str, str] = {}
    for line in proof.splitlines():
        for match in _REQUIRED.finditer(line):
            for part in match[1].split(" and "):
                if (name := _NAME.match(part)) is not None:
                    key = canonicalize_name(name[0])
                    requirements.setdefault(key, lines.get(key, part))
    return list(requirements.values())


def _steps(proof: str) -> list[str]:
    """The steps of a proof, each on one line; a list below a colon becomes part of its step."""
    steps: list[str] = []
    item = False
    for line in proof.splitlines():
        if not steps or re.match(r"(Because|And because) ", line):
            steps.append(line)
            continue
        was_item, item = item, _LIST_ITEM.fullmatch(line) is not None
        steps[-1] += (", " if item and was_item else " ") + line
    return steps


def _plain(step: str) -> str:
    """A step of the proof without its scaffolding: ``a depends on b<2, so …``."""
    step = re.sub(r"^(And because|Because) ", "", step.strip())
    step = re.sub(r",? we can conclude that your requirements are unsatisfiable\.?$", "", step)
    return re.sub(r",? we can conclude that ", ", so ", step).rstrip(".")


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
