"""Stands in for ``pip`` and ``uv`` in an environment: answers questions, changes nothing.

An environment is immutable and may be shared by many notebooks, so packages are added by changing
the notebook's header. Copied into each environment, and run there by file path:
``python shim.py (pip|uv) ARGUMENT...``.
"""

import json
import re
import sys
import sysconfig
from typing import Any, Dict, List, Optional, Set

EXPLANATION = """\
{program} changes nothing here: this environment is made from the notebook's header and never
changes. To have {what}, write so in the header's dependencies and restart the kernel:

    # /// script
    # dependencies = [{dependencies}]
    # ///
"""

USAGE = """\
This {program} answers for the notebook's environment, and changes nothing:

    {program} list [--format columns|freeze|json]
    {program} freeze
    {program} show PACKAGE ...
    {program} --version
"""


def main(arguments: List[str]) -> int:
    """Answer ``(pip|uv) ARGUMENT...``; the exit status is 0, or 1 for what is not done here."""
    program, *rest = arguments
    if program == "uv":
        if rest[:1] == ["pip"]:
            program, rest = "uv pip", rest[1:]
        elif rest and not rest[0].startswith("-"):
            return _explain(program, rest[1:])
    command = next((word for word in rest if not word.startswith("-")), "")
    if command in ("list", "freeze"):
        print(_listing(_format(command, rest)))
        return 0
    if command == "show":
        names = [word for word in rest[rest.index("show") + 1 :] if not word.startswith("-")]
        return _show(names)
    if not command:
        wants_version = any(word in ("--version", "-V") for word in rest)
        print("%s of Headstart" % program if wants_version else USAGE.format(program=program))
        return 0
    return _explain(program, rest[rest.index(command) + 1 :])


def _explain(program: str, rest: List[str]) -> int:
    packages = [word for word in rest if re.match(r"[A-Za-z0-9]", word)]
    print(
        EXPLANATION.format(
            program=program,
            what=" and ".join(packages) or "a package",
            dependencies=", ".join(json.dumps(word) for word in packages) or '"..."',
        ),
        file=sys.stderr,
    )
    return 1


def _distributions() -> List[Any]:
    """What the environment itself holds, by name; the kernel layer is not part of it."""
    # Imported late: at the top it would slow every answer that needs no metadata.
    from importlib.metadata import distributions

    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return sorted(distributions(path=sorted(paths)), key=lambda item: item.metadata["Name"].lower())


def _format(command: str, rest: List[str]) -> str:
    if command == "freeze":
        return "freeze"
    for index, word in enumerate(rest):
        if word.startswith("--format="):
            return word.partition("=")[2]
        if word == "--format" and index + 1 < len(rest):
            return rest[index + 1]
    return "columns"


def _listing(form: str) -> str:
    rows = [(item.metadata["Name"], item.version) for item in _distributions()]
    if form == "json":
        return json.dumps([{"name": name, "version": version} for name, version in rows])
    if form == "freeze":
        return "\n".join("%s==%s" % row for row in rows)
    rows.insert(0, ("Package", "Version"))
    first, second = (max(len(row[index]) for row in rows) for index in (0, 1))
    rows.insert(1, ("-" * first, "-" * second))
    return "\n".join(("%-*s %s" % (first, name, version)).rstrip() for name, version in rows)


def _show(names: List[str]) -> int:
    installed = {_normal(item.metadata["Name"]): item for item in _distributions()}
    missing = [name for name in names if _normal(name) not in installed]
    known = [installed[_normal(name)] for name in names if _normal(name) in installed]
    print("\n---\n".join(_description(item, installed) for item in known))
    if missing:
        print("Not in this environment: %s" % ", ".join(missing), file=sys.stderr)
    return 1 if missing or not names else 0


def _description(item: Any, installed: Dict[str, Any]) -> str:
    needs = sorted(_requirements(item) & set(installed))
    name = _normal(item.metadata["Name"])
    needed_by = sorted(
        other.metadata["Name"] for other in installed.values() if name in _requirements(other)
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
    return "\n".join("%s: %s" % (label, _line(value)) for label, value in fields)


def _line(value: Optional[str]) -> str:
    return (value or "").split("\n")[0]


def _requirements(item: Any) -> Set[str]:
    """Names of what a distribution needs, extras left out, as pip shows them."""
    lines = [line for line in item.requires or () if "extra ==" not in line]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return {_normal(name.group()) for name in names if name}


def _normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
