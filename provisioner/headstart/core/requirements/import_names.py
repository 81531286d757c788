"""Derive from a distribution's metadata and files the names by which it is imported."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

__all__ = ["import_names"]

MAX_NAMES = 20
"""Names of one distribution; one that shares a namespace can have hundreds."""

_SOURCES = (".py",)
_BINARIES = (".so", ".pyd")
_NOT_MEANT = frozenset(
    {"benchmarks", "conftest", "doc", "docs", "example", "examples", "setup", "test", "tests"}
)
"""Modules that some distributions install by mistake, next to their own."""

Name = tuple[str, ...]


def import_names(
    name: str, files: Iterable[str], top_level: str = "", declared: Iterable[str] | None = None
) -> tuple[str, ...]:
    """The dotted names of the modules that a distribution means to be imported, sorted.

    Of a namespace package, which many distributions share, those parts that this one brings. Names
    that begin with an underscore, and tests and the like, count only if there are no others.

    :param name: the distribution's; the name that equals it comes first.
    :param files: paths from its RECORD, relative to site-packages.
    :param top_level: the text of its ``top_level.txt``.
    :param declared: its ``Import-Name`` fields (core metadata 2.5); None if it has none.
    """
    if declared is not None:
        # "Import-Name: x ; private" is not meant for users (PEP 794).
        fields = (field.partition(";") for field in declared)
        public = [name.strip() for name, _, kind in fields if kind.strip() != "private"]
        return tuple(sorted(filter(None, public)))[:MAX_NAMES]
    modules = {module for path in files if (module := _module(path))}
    tops = {module[0] for module in modules}
    tops = (tops & set(top_level.split())) or tops
    children: dict[Name, set[str]] = {}
    for module in modules:
        for length in range(len(module)):
            children.setdefault(module[:length], set()).add(module[length])
    children[()] = tops
    dotted = [".".join(module) for module in _shallowest((), modules, children)]
    own = name.replace("-", "_").lower()
    return tuple(sorted(dotted, key=lambda module: (module.lower() != own, module)))[:MAX_NAMES]


def _module(path: str) -> Name:
    """The parts of the name of a file's module; empty if it is not one that can be imported."""
    *folders, file = path.split("/")
    stem, _, suffix = file.rpartition(".")
    if f".{suffix}" in _BINARIES:
        stem = stem.partition(".")[0]  # of x.cpython-312-x86_64-linux-gnu.so
    elif f".{suffix}" not in _SOURCES:
        return ()
    name = tuple(folders) if stem == "__init__" else (*folders, stem)
    is_valid = all(part.isidentifier() and not keyword.iskeyword(part) for part in name)
    return name if is_valid and stem != "__main__" and "__pycache__" not in name else ()


def _shallowest(above: Name, modules: set[Name], children: dict[Name, set[str]]) -> Iterator[Name]:
    """The modules and packages directly below a namespace, or below namespaces in it."""
    for child in _meant(children.get(above, set())):
        name = (*above, child)
        if name in modules:
            yield name
        elif len(name) < 8:
            yield from _shallowest(name, modules, children)


def _meant(names: set[str]) -> list[str]:
    public = {name for name in names if not name.startswith("_") and name not in _NOT_MEANT}
    return sorted(public or names)
