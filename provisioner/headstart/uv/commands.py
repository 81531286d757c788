"""What uv can be asked to do, as values. Nothing here runs anything.

Requirements are always in a file of ours, never in the arguments, and always written by
``packaging`` from what it parsed: the text of a notebook does not come through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidName, canonicalize_name

from .. import envvars
from ..core.header.spec import EnvironmentSpec
from ..core.interpreter import Interpreter
from ..core.lock.pylock import LockedPackage
from ..core.messages import shown
from ..core.redact import redact
from ..errors import PolicyError
from .configuration import LOCK, OVERRIDES, REQUIREMENTS, WHEELS_ONLY, compose

__all__ = [
    "UvCommand",
    "UvResult",
    "ask_build",
    "build_wheel",
    "clean_cache",
    "compile_lock",
    "compile_pins",
    "explain_packages",
    "find_python",
    "install_python",
    "install_tools",
    "list_pythons",
    "locate_packages",
    "make_venv",
    "newest_versions",
    "parse_explanation",
    "parse_locations",
    "pin_of",
    "prune_cache",
    "requirement_lines",
    "sync_lock",
]

# 2020-02-02: the same files give the same wheel, and trees that do share an environment. git writes
# nothing into the tree it looks at.
_REPEATABLE = {"SOURCE_DATE_EPOCH": "1580601600", "GIT_OPTIONAL_LOCKS": "0"}

# What the back end prints must not get between: it has standard error in place of the output.
_ASK = """\
import importlib, json, os, sys
with open(os.path.join(sys.path[0], "tree.json")) as file:
    tree = json.load(file)
os.chdir(tree["source"])
sys.path[:1] = [os.path.abspath(path) for path in tree["paths"]]
output = os.dup(1)
os.dup2(2, 1)
module, _, name = tree["back-end"].partition(":")
back_end = importlib.import_module(module)
for part in filter(None, name.split(".")):
    back_end = getattr(back_end, part)
ask = getattr(back_end, "get_requires_for_build_wheel", None)
os.write(output, json.dumps(list(ask({}) if ask else [])).encode())
"""


@dataclass(frozen=True, slots=True)
class UvCommand:
    """One call of uv.

    :param verb: what it does, for messages and for fakes: ``compile``, ``explain``, ``locate``,
        ``newest``, ``venv``, ``sync``, ``install``, ``ask-build``, ``build``, ``list-pythons``,
        ``find-python``, ``install-python``, ``prune-cache`` or ``clean-cache``.
    :param argv: the arguments after the binary and the options that every call gets.
    :param files: names to texts; they are put into the empty folder in which uv runs.
    :param environ: variables for this call only, on top of the composed environment.
    :param omit: variables of the composed environment that this call does not get.
    :param confined: it runs what is neither uv's nor ours: without a network, without the user's
        home, and without any variable that might hold a secret.
    :param largest_file: bytes that no file which it writes may exceed; 0 for no such limit.
    :param sizes: bytes of what it downloads at most, by normalised names; for progress only.
    """

    verb: str
    argv: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    omit: tuple[str, ...] = ()
    confined: bool = False
    largest_file: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class UvResult:
    """The outputs of a successful call, redacted, and how many seconds it took.

    ``stdout`` is data: parameters of its URLs are left as they are.
    """

    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    seconds: float = 0.0


def compile_lock(
    spec: EnvironmentSpec,
    interpreter: Interpreter,
    *,
    preferences: str = "",
    exclude_newer: str = "",
    refresh: bool = False,
    universal_from: str = "",
) -> UvCommand:
    """Resolve a spec for an interpreter; the lock (PEP 751) comes out on stdout.

    :param preferences: text of a lock whose versions are preferred where they are allowed.
    :param exclude_newer: RFC 3339 time; nothing uploaded then or later is chosen.
    :param refresh: ask the index again, whatever the cache has; uv refuses it where it is offline.
    :param universal_from: resolve for all platforms, and for all Pythons from this version on.
    :raises PolicyError: if a requirement is not a plain PEP 508 line.
    """
    composed = compose(spec, exclude_newer=exclude_newer, universal_from=universal_from)
    files = {name: requirement_lines(lines) for name, lines in composed.files.items()}
    # uv prefers the versions of an output file that exists already.
    if preferences:
        files[LOCK] = preferences
    argv = ["pip", "compile", "--python", interpreter.path, *(["--refresh"] if refresh else [])]
    return UvCommand("compile", (*argv, *composed.argv), files)


def newest_versions(
    spec: EnvironmentSpec, interpreter: Interpreter, *, exclude_newer: str = ""
) -> UvCommand:
    """Say the newest versions that a spec's requirements allow, whether or not they have wheels.

    A lock without dependencies comes out on stdout, from what uv's cache has of the indexes after
    a resolution; takes about 20 ms. No file of a package is looked at, so that no source is built.
    """
    command = compile_lock(spec, interpreter, exclude_newer=exclude_newer)
    # Without dependencies uv looks at no file of a package, so that wheels-only, which would hide
    # the newest version, need not keep it from building sources.
    argv = [argument for argument in command.argv[2:] if argument not in WHEELS_ONLY]
    argv = ["pip", "compile", "--no-deps", "--offline", *argv]
    return replace(command, verb="newest", argv=tuple(argv))


def compile_pins(
    packages: Iterable[LockedPackage], interpreter: Interpreter, *, refresh: bool = False
) -> UvCommand:
    """Ask the indexes for the files of packages in given versions; a lock comes out.

    Nothing else is looked at: neither what the packages require, nor other versions.

    :param refresh: as in `compile_lock`.
    """
    argv = ["pip", "compile", "--python", interpreter.path, *WHEELS_ONLY, "--no-deps"]
    argv += ["--format", LOCK, "--output-file", LOCK, "--no-header"]
    argv += ["--refresh", REQUIREMENTS] if refresh else [REQUIREMENTS]
    return UvCommand(
        "compile", tuple(argv), {REQUIREMENTS: requirement_lines(map(pin_of, packages))}
    )


def locate_packages(
    packages: Iterable[LockedPackage], interpreter: Interpreter, *, universal_from: str = ""
) -> UvCommand:
    """Say which index each package of a fresh resolution came from, out of uv's cache.

    uv leaves the index out of the locks it compiles. Annotated requirements come out on stdout;
    see `parse_locations`. Takes about 20 ms, and no connection.

    :param universal_from: as for the resolution.
    """
    argv = ["pip", "compile", "--python", interpreter.path, *WHEELS_ONLY, "--no-deps"]
    # Offline: the resolution has just filled the cache, and its answer is what is asked for.
    argv += ["--no-header", "--emit-index-annotation", "--offline"]
    pins = requirement_lines(map(pin_of, packages))
    return UvCommand(
        "locate", (*argv, *_universal(universal_from), REQUIREMENTS), {REQUIREMENTS: pins}
    )


def _universal(python: str) -> tuple[str, ...]:
    return ("--universal", "--python-version", python) if python else ()


def pin_of(package: LockedPackage) -> str:
    """The requirement that allows exactly this package of a lock."""
    marker = f" ; {package.marker}" if package.marker else ""
    return f"{package.name}=={package.version}{marker}"


def parse_locations(text: str) -> dict[str, str]:
    """Normalised names to index URLs without secrets, from the output of `locate_packages`."""
    indexes: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("    # from "):
            indexes[name] = redact(line.removeprefix("    # from ").strip())
        elif not line.startswith((" ", "#")):
            name = line.partition("==")[0].strip()
    return indexes


def explain_packages(
    packages: Iterable[LockedPackage], spec: EnvironmentSpec, interpreter: Interpreter
) -> UvCommand:
    """Say which packages require which, out of their metadata.

    Annotated requirements come out on stdout; see `parse_explanation`. What the cache does not
    have of the metadata is fetched.

    :param packages: those that the interpreter gets of a lock.
    :param spec: what the lock was made for; its extras decide too.
    :raises PolicyError: if a requirement is not a plain PEP 508 line.
    """
    files = {REQUIREMENTS: requirement_lines([*map(pin_of, packages), *spec.requirements])}
    argv = ["pip", "compile", "--python", interpreter.path, "--only-binary", ":all:"]
    # Split: a line for each package that requires one, which is what `parse_explanation` reads.
    argv += ["--no-header", "--annotation-style", "split", REQUIREMENTS]
    if spec.overrides:
        files[OVERRIDES] = requirement_lines(spec.overrides)
        argv += ["--overrides", OVERRIDES]
    return UvCommand("explain", tuple(argv), files)


def parse_explanation(text: str) -> dict[str, frozenset[str]]:
    """Normalised names to those of the packages that require them."""
    parents: dict[str, set[str]] = {}
    name = ""
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            name = canonicalize_name(line.partition("==")[0].partition("[")[0].strip())
            parents.setdefault(name, set())
        elif line:
            parent = line.removeprefix("#").strip().removeprefix("via").strip()
            # `-r requirements.in` is our own file, which is no package.
            if parent and not parent.startswith("-"):
                parents[name].add(canonicalize_name(parent))
    return {name: frozenset(names) for name, names in parents.items()}


def make_venv(prefix: Path, interpreter: Interpreter) -> UvCommand:
    """Make an empty environment that survives a rename. ``prefix`` must not exist."""
    # It is filled in a build folder and renamed to where it is found: only a relocatable one has
    # scripts that run there.
    argv = ("venv", "--python", interpreter.path, "--relocatable", "--no-project", str(prefix))
    return UvCommand("venv", argv)


def sync_lock(
    prefix: Path,
    lock: str,
    *,
    link_mode: str,
    largest_file: int = 0,
    sizes: Mapping[str, int] = MappingProxyType({}),
) -> UvCommand:
    """Install exactly what a lock says into an environment; each wheel's hash is checked.

    :param lock: text of the lock, as `Lock.render` writes it.
    :param link_mode: ``clone``, ``hardlink`` or ``copy``.
    :param largest_file: bytes that no file may exceed, also while a wheel is unpacked.
    :param sizes: bytes of the lock's wheels by the names of their packages, for progress.
    """
    argv = ["pip", "sync", "--python", str(prefix / "bin" / "python"), *WHEELS_ONLY]
    # No --compile-bytecode: it would run the `.pth` files of what was just installed.
    argv += ["--require-hashes", "--allow-empty-requirements", "--link-mode", link_mode]
    files = {LOCK: lock}
    return UvCommand("sync", (*argv, LOCK), files, largest_file=largest_file, sizes=sizes)


def install_tools(prefix: Path, requirements: Iterable[str]) -> UvCommand:
    """Install into an environment what a build needs, as wheels of the indexes.

    Copies: what builds there may write to them, and uv's cache stays as it is.

    :raises PolicyError: if a requirement is not a plain PEP 508 line.
    """
    argv = ["pip", "install", "--python", str(prefix / "bin" / "python"), *WHEELS_ONLY]
    argv += ["--link-mode", "copy", "--requirements", REQUIREMENTS]
    return UvCommand("install", tuple(argv), {REQUIREMENTS: requirement_lines(requirements)})


def ask_build(source: Path, prefix: Path, back_end: str, paths: Iterable[str]) -> UvCommand:
    """Ask a source tree's build back end what else it needs (PEP 517): a JSON list of strings.

    :param prefix: the environment that has the back end, unless the tree brings it.
    :param back_end: the module, and behind a colon the object in it.
    :param paths: where the tree has the back end, from its top.
    """
    tree = {"source": str(source), "back-end": back_end, "paths": list(paths)}
    # Under `uv run`, and not by that Python alone: so it is confined, bounded and cancelled as
    # every call of uv.
    argv = ["run", "--no-project", "--python", str(prefix / "bin" / "python"), "ask.py"]
    files = {"ask.py": _ASK, "tree.json": json.dumps(tree)}
    return UvCommand("ask-build", tuple(argv), files, _REPEATABLE, confined=True)


def build_wheel(source: Path, folder: Path, prefix: Path) -> UvCommand:
    """Build a source tree into a wheel in a folder.

    What the tree says of uv (its sources, its indexes) does not count. The same files give the
    same wheel, if the build back end lets them.

    :param prefix: the environment that has all that the build needs.
    """
    # uv's own isolation would fetch what the build needs, and so would need the credentials of the
    # indexes; uv gives its environment to the back end, and has no option not to.
    argv = ["build", "--wheel", "--no-build", "--no-build-isolation", "--no-sources"]
    argv += ["--no-create-gitignore", "--python", str(prefix / "bin" / "python")]
    argv += ["--out-dir", str(folder), str(source)]
    return UvCommand("build", tuple(argv), environ=_REPEATABLE, confined=True)


def list_pythons() -> UvCommand:
    """List the Pythons on this machine, as JSON on stdout."""
    # All versions: the newest of a minor version need not be the one that a header allows.
    argv = ("python", "list", "--only-installed", "--all-versions", "--output-format", "json")
    return UvCommand("list-pythons", argv)


def install_python(requires_python: str) -> UvCommand:
    """Download a Python into uv's own folder of Pythons; the user's PATH stays as it is."""
    # Every other call has "never": uv would download a Python wherever none fits.
    argv = ("python", "install", "--no-bin", "--no-registry", str(SpecifierSet(requires_python)))
    return UvCommand("install-python", argv, environ={envvars.UV_PYTHON_DOWNLOADS: "manual"})


def find_python(requires_python: str) -> UvCommand:
    """Print the path of a Python that uv itself installed."""
    argv = ("python", "find", "--managed-python", str(SpecifierSet(requires_python)))
    return UvCommand("find-python", argv)


def prune_cache() -> UvCommand:
    """Remove from uv's cache what uv itself will not use again; waits for others that use it."""
    return UvCommand("prune-cache", ("cache", "prune"))


def clean_cache(names: Iterable[str]) -> UvCommand:
    """Remove packages from uv's cache, in all versions; waits for others that use the cache.

    :raises PolicyError: if something is not a package's name.
    """
    return UvCommand("clean-cache", ("cache", "clean", "--", *map(_checked_name, names)))


def _checked_name(name: str) -> str:
    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise PolicyError(f"{shown(name)} is not the name of a package.") from None


def requirement_lines(requirements: Iterable[str]) -> str:
    """The text of a requirements file.

    :raises PolicyError: if a requirement is not a plain PEP 508 line.
    """
    return "".join(f"{_checked(line)}\n" for line in requirements)


def _checked(line: str) -> str:
    """The requirement, parsed and written out again: uv obeys options, paths and URLs in a line.

    The header's reader has checked it before; this is the last check, and does not rely on that.
    """
    try:
        requirement = Requirement(line)
        text = str(requirement)
    except (InvalidRequirement, RecursionError, ValueError):
        raise PolicyError(f"{shown(line)} is not a requirement that uv may see.") from None
    # A line break would begin a line of its own, and that could be an option.
    if requirement.url is not None or not text.isprintable():
        raise PolicyError(f"{shown(line)} is not a requirement that uv may see.")
    return text
