"""What a notebook's environment holds, from the metadata in it."""

import json
import re
import sys
import sysconfig
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

__all__ = [
    "broken",
    "description",
    "distributions",
    "inspection",
    "listing",
    "normal",
    "required",
    "satisfied",
]


def distributions() -> List[Any]:
    """What the environment itself holds, by name; the kernel layer is not part of it."""
    # Imported late, here and below: at the top it would slow every answer that needs no metadata.
    from importlib.metadata import distributions as all_distributions

    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return sorted(
        all_distributions(path=sorted(paths)), key=lambda item: item.metadata["Name"].lower()
    )


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def satisfied(requirement: str) -> Optional[Tuple[str, str, str]]:
    """Name, version and folder of what satisfies a requirement here; None if nothing does.

    The kernel layer counts: what it has can be imported. The name is ``""`` if the requirement is
    for another Python or platform.
    """
    try:
        from packaging.requirements import InvalidRequirement, Requirement
    except ImportError:  # a child that sees no kernel layer, of an environment without it
        return _plainly_satisfied(requirement)
    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return None
    if parsed.marker is not None and not parsed.marker.evaluate({"extra": ""}):
        return "", "", ""
    item = _find(parsed.name)
    if item is None or not _is_of(parsed.specifier, item):
        return None
    if any(satisfied(line) is None for line in _of_extras(item, parsed.extras)):
        return None
    return item.metadata["Name"], item.version, str(item.locate_file(""))


def _find(name: str) -> Any:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution(name)
    except (PackageNotFoundError, ValueError):
        return None


def _requirements(item: Any) -> Iterator[Any]:
    """What a distribution requires; old ones have lines that mean nothing today."""
    from packaging.requirements import InvalidRequirement, Requirement

    for line in item.requires or ():
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _is_of(specifier: Any, item: Any) -> bool:
    """Whether a distribution's version is one of these; none is that is no version."""
    from packaging.version import InvalidVersion

    try:
        return bool(specifier.contains(item.version, prereleases=True))
    except InvalidVersion:
        return not specifier


def _of_extras(item: Any, extras: Set[str]) -> Iterator[str]:
    """What extras of a distribution require, without their markers, which were looked at."""
    for needed in _requirements(item) if extras else ():
        marker, needed.marker = needed.marker, None
        if marker is None or marker.evaluate({"extra": ""}):
            continue  # whether an extra is asked for or not
        if any(marker.evaluate({"extra": extra}) for extra in extras):
            yield str(needed)


def _plainly_satisfied(requirement: str) -> Optional[Tuple[str, str, str]]:
    """As `satisfied`, of a name alone or with one exact version: more takes ``packaging``."""
    match = re.fullmatch(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:==\s*([\w.!+-]+))?\s*", requirement)
    item = _find(match.group(1)) if match else None
    if match is None or item is None or match.group(2) not in (None, item.version):
        return None
    return item.metadata["Name"], item.version, str(item.locate_file(""))


def listing(form: str, rows: List[Tuple[str, str]]) -> str:
    """Names and versions, as ``columns``, ``freeze`` or ``json``."""
    if form == "json":
        return json.dumps([{"name": name, "version": version} for name, version in rows])
    if form == "freeze":
        return "\n".join("%s==%s" % row for row in rows)
    rows = [("Package", "Version"), *rows]
    first, second = (max(len(row[index]) for row in rows) for index in (0, 1))
    rows.insert(1, ("-" * first, "-" * second))
    return "\n".join(("%-*s %s" % (first, name, version)).rstrip() for name, version in rows)


def description(item: Any, installed: Dict[str, Any], files: bool = False) -> str:
    """A distribution as ``pip show`` shows it.

    :param installed: all of them, by their normalised names.
    """
    needs = sorted(_names_required(item) & set(installed))
    name = normal(item.metadata["Name"])
    needed_by = sorted(
        other.metadata["Name"] for other in installed.values() if name in _names_required(other)
    )
    fields = [
        ("Name", item.metadata["Name"]),
        ("Version", item.version),
        ("Summary", item.metadata["Summary"]),
        ("Home-page", item.metadata["Home-page"]),
        ("License", item.metadata["License-Expression"] or item.metadata["License"]),
        ("Location", str(item.locate_file(""))),
        ("Requires", ", ".join(needs)),
        ("Required-by", ", ".join(needed_by)),
    ]
    lines = ["%s: %s" % (label, (value or "").split("\n")[0]) for label, value in fields]
    if files:
        lines += ["Files:", *("  %s" % path for path in sorted(map(str, item.files or ())))]
    return "\n".join(lines)


def _names_required(item: Any) -> Set[str]:
    """Names of what a distribution needs, extras left out, as pip shows them."""
    lines = [line for line in item.requires or () if "extra ==" not in line]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return {normal(name.group()) for name in names if name}


def required(items: List[Any]) -> Set[str]:
    """Normalised names of what distributions need of one another."""
    return {name for item in items for name in _names_required(item)}


def broken(items: List[Any]) -> List[str]:
    """What distributions require and do not find, a sentence each, as ``pip check`` says it.

    :raises ImportError: without ``packaging``, which a kernel's children find in its layer.
    """
    problems = []
    for item in items:
        for needed in _requirements(item):
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            needed.marker, installed = None, _find(needed.name)
            who = "%s %s " % (item.metadata["Name"], item.version)
            if installed is None:
                problems.append(who + "requires %s, which is not installed." % needed.name)
            elif not _is_of(needed.specifier, installed):
                have = "%s %s" % (installed.metadata["Name"], installed.version)
                problems.append(who + "has requirement %s, but you have %s." % (needed, have))
    return problems


def inspection() -> Dict[str, Any]:
    """The report of ``pip inspect``, version 1, with the metadata's names and versions."""
    try:
        from packaging.markers import default_environment

        environment: Dict[str, Any] = dict(default_environment())
    except ImportError:
        environment = {"python_full_version": sys.version.split()[0], "sys_platform": sys.platform}
    return {
        "version": "1",
        "pip_version": "0",
        "installed": [_inspected(item) for item in distributions()],
        "environment": environment,
    }


def _inspected(item: Any) -> Dict[str, Any]:
    fields = {
        "metadata_version": item.metadata["Metadata-Version"],
        "name": item.metadata["Name"],
        "version": item.version,
        "summary": item.metadata["Summary"],
        "requires_python": item.metadata["Requires-Python"],
        "requires_dist": item.requires,
    }
    return {
        "metadata": {name: value for name, value in fields.items() if value},
        "metadata_location": str(getattr(item, "_path", "")),
        "installer": (item.read_text("INSTALLER") or "").strip(),
        "requested": item.read_text("REQUESTED") is not None,
    }
