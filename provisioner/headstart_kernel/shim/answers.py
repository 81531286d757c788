"""One answer for each command of pip and uv."""

import json
import os
import re
import sys
from typing import Any, Callable, Dict, Iterator, List, Set

from . import shim_packages
from .advice import advice_to_add, advice_to_remove, unchanged
from .arguments import Arguments, Kind, kind_of, read_arguments

__all__ = ["main"]

USAGE = """\
This {program} answers for the notebook's environment, and changes nothing:

    {program} list [--format columns|freeze|json]
    {program} freeze
    {program} show [--files] PACKAGE ...
    {program} check
    {program} inspect
    {program} install REQUIREMENT ...    succeeds for what is installed, and says how to add more
    {program} --version
"""

_USAGE_ERROR = 2
"""Exit status for a command that is not understood, as pip and uv have it."""

_STAND_INS = frozenset({"pip", "uv"})
"""What this is a shim for: there is nothing to install or to upgrade."""

_MOST_FILES = 50
"""Requirements files that include one another."""

_LONGEST = 1024 * 1024
"""Characters of a requirements file."""


Tell = Callable[[str], None]
"""Prints a line, unless the command is to be quiet."""


def _say_nothing(text: str) -> None:
    """Nothing is said."""


def main(words: List[str]) -> int:
    """Answer ``(pip|uv) ARGUMENT...``.

    :return: 0; 1 for what is not true, not installed or not done here; 2 for wrong usage.
    """
    program, *rest = words
    arguments = read_arguments(program, rest)
    if program == "uv":
        if arguments.command == "pip":
            program = "uv pip"
            arguments = arguments._replace(
                command=arguments.words[0] if arguments.words else "", words=arguments.words[1:]
            )
        elif arguments.command in _COMMANDS_OF_PIP:
            return _not_done(program, arguments)
    if "--version" in arguments.flags and not arguments.command:
        print("%s of Headstart" % program)
        return 0
    if arguments.command in ("", "help") or "--help" in arguments.flags:
        print(USAGE.format(program=program))
        return 0
    if arguments.unknown:
        print("%s: no such option: %s" % (program, arguments.unknown[0]), file=sys.stderr)
        return _USAGE_ERROR
    return _COMMANDS.get(arguments.command, _not_done)(program, arguments)


def _not_done(program: str, arguments: Arguments) -> int:
    message = "%s %s is not done here. %s" % (program, arguments.command, unchanged(program))
    print(message, file=sys.stderr)
    return 1


def _list(program: str, arguments: Arguments) -> int:
    if {"--outdated", "--uptodate", "--editable"}.intersection(arguments.flags):
        print("%s asks no package index here." % program, file=sys.stderr)
        return 1
    installed = shim_packages.distributions()
    if "--not-required" in arguments.flags:
        needed = shim_packages.required(installed)
        installed = [
            item for item in installed if shim_packages.normal(item.metadata["Name"]) not in needed
        ]
    rows = [(item.metadata["Name"], item.version) for item in installed]
    form = (arguments.values("--format") or ["columns"])[-1]
    print(shim_packages.listing("freeze" if arguments.command == "freeze" else form, rows))
    return 0


def _by_name() -> Dict[str, Any]:
    return {
        shim_packages.normal(item.metadata["Name"]): item for item in shim_packages.distributions()
    }


def _show(program: str, arguments: Arguments) -> int:
    installed = _by_name()
    names = [(name, shim_packages.normal(name)) for name in arguments.words]
    files = "--files" in arguments.flags
    shown = [installed[normal] for _, normal in names if normal in installed]
    print("\n---\n".join(shim_packages.description(item, installed, files) for item in shown))
    missing = [name for name, normal in names if normal not in installed]
    if missing:
        print("Not in this environment: %s" % ", ".join(missing), file=sys.stderr)
    return 1 if missing or not names else 0


def _check(program: str, arguments: Arguments) -> int:
    try:
        problems = shim_packages.broken(shim_packages.distributions())
    except ImportError:
        print(
            "%s cannot check here: it needs packaging, which is missing." % program, file=sys.stderr
        )
        return 1
    print("\n".join(problems) or "No broken requirements found.")
    return 1 if problems else 0


def _inspect(program: str, arguments: Arguments) -> int:
    print(json.dumps(shim_packages.inspection(), indent=2))
    return 0


def _install(program: str, arguments: Arguments) -> int:
    """Succeed if all of it is installed; else say how to add what is not."""
    words, missing = list(_words_to_install(arguments)), []
    # `uv add --group` names where something is to be written.
    groups = [] if program == "uv" else arguments.values("--group")
    if not words and not groups:
        print("%s: name at least one requirement to install." % program, file=sys.stderr)
        return _USAGE_ERROR
    tell = _say_nothing if "--quiet" in arguments.flags else print
    for word in words:
        if shim_packages.normal(word) in _STAND_INS and kind_of(word) == Kind.REQUIREMENT:
            tell("%s is Headstart's here: there is nothing to install." % word)
        elif word.startswith("-r "):
            missing += [] if _file_is_satisfied(word[len("-r ") :], set(), tell) else [word]
        elif kind_of(word) != Kind.REQUIREMENT or not _is_satisfied(word, tell):
            missing.append(word)
    elsewhere = arguments.values("--target", "--prefix", "--root")
    if elsewhere:
        print("%s installs nowhere else either: --target, --prefix, --root." % program)
    if not missing and not groups and not elsewhere:
        if {"--upgrade", "--reinstall", "--force-reinstall"}.intersection(arguments.flags):
            tell("Versions are those of the notebook's lock: headstart upgrade NOTEBOOK")
        return 0
    if missing or groups:
        print(advice_to_add(program, arguments, missing, groups), file=sys.stderr)
    return 1


def _words_to_install(arguments: Arguments) -> Iterator[str]:
    yield from arguments.words
    yield from arguments.values("--editable")
    yield from ("-r " + name for name in arguments.values("--requirement", "--requirements"))


def _is_satisfied(requirement: str, tell: Tell) -> bool:
    match = shim_packages.satisfied(requirement)
    if match is None:
        return False
    name, version, folder = match
    if name:
        message = "Requirement already satisfied: %s in %s (%s)" % (requirement, folder, version)
    else:
        message = "Ignoring %s: it is for another Python or platform" % requirement
    tell(message)
    return True


def _file_is_satisfied(path: str, seen: Set[str], tell: Tell) -> bool:
    """Whether all that a requirements file asks for is installed; False if it cannot be read."""
    if path in seen or len(seen) > _MOST_FILES:
        return True
    seen.add(path)
    try:
        if not os.path.isfile(path):
            return False
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(_LONGEST)
    except (OSError, ValueError):
        return False
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        named = re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)$", line)
        if named:
            other = os.path.join(os.path.dirname(path), named.group(1))
            if not _file_is_satisfied(other, seen, tell):
                return False
        elif line and not line.startswith(("-c", "--constraint", "--hash")):
            requirement = re.sub(r"\s--hash[= ]\S+", "", line)
            if kind_of(requirement) != Kind.REQUIREMENT or not _is_satisfied(requirement, tell):
                return False
    return True


def _uninstall(program: str, arguments: Arguments) -> int:
    installed = _by_name()
    names = [name for name in arguments.words if shim_packages.normal(name) in installed]
    for name in set(arguments.words).difference(names):
        print("Skipping %s as it is not installed." % name, file=sys.stderr)
    if names:
        print(advice_to_remove(program, names), file=sys.stderr)
    return 1 if names else 0


_COMMANDS: Dict[str, Callable[[str, Arguments], int]] = {
    "list": _list,
    "freeze": _list,
    "show": _show,
    "check": _check,
    "inspect": _inspect,
    "install": _install,
    "add": _install,
    "uninstall": _uninstall,
    "remove": _uninstall,
}

_COMMANDS_OF_PIP = frozenset(_COMMANDS) - {"add", "remove"}
"""What ``uv`` has after ``uv pip`` only."""
