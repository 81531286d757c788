"""What is installed in a prefix, read from METADATA in its ``*.dist-info`` folders.

That is the core metadata (PEP 566 and later): headers, a blank line, and a description that may be
long and is of no use here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from ..core.lock.closure import applies, parsed, required_with
from ..core.store.manifest import Distribution
from ..errors import EnvironmentDamaged

__all__ = ["Source", "parse_metadata", "read_distributions"]

_HOMEPAGES = ("homepage", "home-page", "home page", "repository", "source", "documentation")
_LONGEST_LICENSE = 80
"""Characters; some distributions have the whole text of their licence in the field."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a distribution came from: the wheel's SHA-256, and the bytes of what it brought."""

    wheel: str
    size: int


@dataclass(frozen=True, slots=True)
class _Installed:
    name: NormalizedName
    metadata: Message


def parse_metadata(text: str) -> Message:
    """The fields of a METADATA file, without its description."""
    # importlib.metadata parses the description, too, raises for bytes that are no UTF-8, which
    # installers let pass, and takes a missing file for an empty one on some Pythons.
    return HeaderParser().parsestr(text.partition("\n\n")[0])


def read_distributions(
    site_packages: Path,
    markers: Mapping[str, str],
    direct: Iterable[str],
    sources: Mapping[str, Source],
) -> tuple[Distribution, ...]:
    """The distributions in a site-packages folder, sorted by name.

    :param markers: environment markers of the interpreter, for ``Requires-Dist``.
    :param direct: requirements of the header.
    :param sources: by normalised name.
    :raises EnvironmentDamaged: if metadata cannot be read.
    """
    installed = {item.name: item for item in map(_read, sorted(site_packages.glob("*.dist-info")))}
    requested = [requirement for line in direct if (requirement := parsed(line)) is not None]
    requirers = _requirers(installed, requested, markers)
    names = {canonicalize_name(requirement.name) for requirement in requested}
    return tuple(
        _distribution(item, item.name in names, sorted(requirers[item.name]), sources)
        for _, item in sorted(installed.items())
    )


def _read(folder: Path) -> _Installed:
    try:
        metadata = parse_metadata((folder / "METADATA").read_text("utf-8", errors="replace"))
    except OSError as error:
        raise EnvironmentDamaged(f"{folder.name} was not installed completely: {error}.") from error
    return _Installed(canonicalize_name(str(metadata["Name"])), metadata)


def _requirers(
    installed: Mapping[NormalizedName, _Installed],
    requested: Iterable[Requirement],
    markers: Mapping[str, str],
) -> dict[NormalizedName, set[str]]:
    """Which distributions require each one, with the extras that are requested.

    An extra may request extras of others, so a distribution is visited again for each new extra.
    """
    requirers: dict[NormalizedName, set[str]] = defaultdict(set)
    waiting = [(name, "") for name in installed]
    for requirement in requested:
        name = canonicalize_name(requirement.name)
        waiting += [(name, canonicalize_name(extra)) for extra in requirement.extras]
    # Requirements go in circles, with and without extras.
    seen: set[tuple[NormalizedName, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in installed:
            continue
        seen.add((name, extra))
        lines = map(str, installed[name].metadata.get_all("Requires-Dist", []))
        for requirement in required_with(lines, extra):
            if not applies(requirement, extra, markers):
                continue
            needed = canonicalize_name(requirement.name)
            if needed != name:
                requirers[needed].add(name)
            waiting += [(needed, canonicalize_name(other)) for other in requirement.extras]
    return requirers


def _distribution(
    item: _Installed, direct: bool, required_by: Iterable[str], sources: Mapping[str, Source]
) -> Distribution:
    metadata, source = item.metadata, sources.get(item.name, Source("", 0))
    return Distribution(
        name=item.name,
        version=str(metadata["Version"]),
        size=source.size,
        direct=direct,
        required_by=tuple(required_by),
        summary=" ".join(str(metadata["Summary"] or "").split()),
        license=_license(metadata),
        homepage=_homepage(metadata),
        wheel=source.wheel,
    )


def _license(metadata: Message) -> str:
    """The SPDX expression, else a short ``License`` field, else what the classifiers say."""
    expression = metadata["License-Expression"]
    if expression:
        return str(expression)
    text = " ".join(str(metadata["License"] or "").split())
    if 0 < len(text) <= _LONGEST_LICENSE and text.upper() != "UNKNOWN":
        return text
    classifiers = [str(line) for line in metadata.get_all("Classifier", [])]
    licenses = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::")]
    return ", ".join(line for line in licenses if line != "OSI Approved")


def _homepage(metadata: Message) -> str:
    """The distribution's page, if it is an https or http link."""
    links = {}
    for line in metadata.get_all("Project-URL", []):
        label, _, url = str(line).partition(",")
        links[label.strip().lower()] = url.strip()
    candidates = [*(links.get(label, "") for label in _HOMEPAGES), str(metadata["Home-page"] or "")]
    # A stranger's text, and a link in the panel: `javascript:` and the like are left out.
    return next((url for url in candidates if url.startswith(("https://", "http://"))), "")
