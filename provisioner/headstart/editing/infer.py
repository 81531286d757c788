"""From a notebook's imports and install commands to the packages that it probably needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..core.messages import shown
from ..core.notebook.find import Cell, Notebook
from ..core.notebook.language import is_python, language_of
from ..core.requirements.edits import added, name_of
from ..core.requirements.from_imports import Install, code_cells, imported_modules, installs
from ..core.requirements.grammar import parse_requirement
from ..core.requirements.module_table import distribution_meant_by, distribution_of, hint_on_module
from ..core.requirements.tokens import RequirementProblem
from ..errors import HeaderError

__all__ = ["Inferred", "infer_requirements"]

_KERNELS_OWN = frozenset({"IPython", "ipykernel", "google.colab", "pyodide", "js"})
"""What a kernel brings itself, and what exists in one service only."""
_REMOVED = frozenset({"asynchat", "asyncore", "distutils", "imp", "smtpd"})
"""Modules that the standard library had in earlier Pythons."""
OLDEST = (3, 8)
"""The oldest Python that a kernel can run on."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a notebook probably needs.

    ``texts`` are requirements; of these ``guessed`` are named after a module, for no table has it.
    ``reasons`` say by name where each comes from. ``python`` is the version that the notebook was
    last run with, ``""`` if it does not say. ``remarks`` are what people should look at.
    """

    texts: tuple[str, ...] = ()
    guessed: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)
    python: str = ""
    remarks: tuple[str, ...] = ()

    def requires_python(self, exactly: bool) -> str:
        """A specifier for the notebook's Python, ``""`` if it does not say or kernels have none.

        :param exactly: no later one: what was uploaded until a day long past supports none.
        """
        try:
            major, minor = map(int, self.python.split(".")[:2])
        except ValueError:
            return ""
        if not OLDEST <= (major, minor) < (4, 0):
            return ""
        return f"=={major}.{minor}.*" if exactly else f">={major}.{minor}"

    def without(self, name: str) -> Inferred:
        """The same without a package that no index has."""
        remark = (
            f"{self.reasons[name]}: no package has the name {name}. Add the one that brings it."
        )
        return replace(
            self,
            texts=tuple(text for text in self.texts if name_of(text) != name),
            guessed=self.guessed - {name},
            remarks=(*self.remarks, remark),
        )

    def names_module(self, name: str) -> bool:
        """Whether a name that was installed is a module's, and no package's."""
        return name in map(name_of, self.texts) and hint_on_module(name) != ""

    def with_package_of(self, name: str) -> Inferred:
        """The same with the package that brings a module in place of the module's name."""
        package = distribution_meant_by(name)
        texts = [text for text in self.texts if name_of(text) != name]
        reasons, where = dict(self.reasons), self.reasons[name]
        remark = f"{where}: {name} is a module of Python itself, and is left out."
        if package is not None:
            texts = added(texts, [package]) if package not in map(name_of, texts) else texts
            reasons.setdefault(package, where)
            remark = (
                f"{where}: {name} is the name of a module, so {package} is taken, which brings it."
            )
        return replace(
            self,
            texts=tuple(texts),
            guessed=self.guessed - {name},
            reasons=reasons,
            remarks=(*self.remarks, remark),
        )

    @property
    def all_remarks(self) -> tuple[str, ...]:
        """With one on the names that are only a guess."""
        if not self.guessed:
            return self.remarks
        names = ", ".join(sorted(self.guessed))
        return (*self.remarks, f"Named after modules: {names}. Look whether these are meant.")

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "reasons": {name_of(text): self.reasons[name_of(text)] for text in self.texts},
            "guessed": sorted(self.guessed),
            "remarks": list(self.all_remarks),
        }


def infer_requirements(path: Path, notebook: Notebook) -> Inferred:
    """What a notebook probably needs.

    :param path: of its file; modules next to it are its own.
    :raises HeaderError: if it is not a notebook of Python's.
    """
    info = notebook.metadata.get("language_info")
    language = language_of(notebook.metadata)
    if not is_python(language):
        raise HeaderError(
            f"{path} is not a notebook of Python's: its language is {shown(language)}."
        )
    version = info.get("version", "") if isinstance(info, Mapping) else ""
    cells = code_cells(notebook)
    inferred = _with_installs(_from_imports(path, cells), cells)
    inferred = replace(inferred, python=version if isinstance(version, str) else "")
    if inferred.python and not inferred.requires_python(False):
        remark = (
            f"It was last run with Python {inferred.python}, on which no kernel starts any more."
        )
        inferred = replace(inferred, remarks=(*inferred.remarks, remark))
    return inferred


def _from_imports(path: Path, cells: tuple[Cell, ...]) -> Inferred:
    reasons: dict[str, str] = {}
    guessed = set()
    for module, cell in imported_modules(cells).items():
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names | _REMOVED or _is_own(path.parent, top):
            continue
        if any(module == name or module.startswith(f"{name}.") for name in _KERNELS_OWN):
            continue
        # Jupyter's environment first: it says what brings a module there, for certain.
        name = _installed(module) or distribution_of(module)
        if name is None:
            # Pointed out to the user, for anybody can publish a package of that name.
            name = canonicalize_name(top)
            guessed.add(name)
        reasons.setdefault(name, f"import {top}, in cell {cell + 1}")
    return Inferred(tuple(sorted(reasons)), frozenset(guessed), reasons)


def _is_own(folder: Path, top: str) -> bool:
    """Whether a module is the notebook's own: a file or a folder next to it."""
    inside = folder / top
    return folder.joinpath(f"{top}.py").is_file() or (
        inside.is_dir() and next(inside.glob("*.py"), None) is not None
    )


@lru_cache(maxsize=1)  # it reads the metadata of everything that is installed
def _distributions() -> Mapping[str, str]:
    """The distributions of Jupyter's own environment, by the modules that they alone bring."""
    names_of = packages_distributions()
    return {top: names[0] for top, names in names_of.items() if len(set(names)) == 1}


def _installed(module: str) -> str | None:
    return distribution_of(module.partition(".")[0], _distributions())


def _with_installs(inferred: Inferred, cells: tuple[Cell, ...]) -> Inferred:
    """The same with what install commands name, which know versions; and remarks on the rest."""
    texts, reasons, remarks = list(inferred.texts), dict(inferred.reasons), list(inferred.remarks)
    for command in installs(cells):
        where = f"{command.tool} install, in cell {command.cell + 1}"
        remarks += [f"{where}: {remark}" for remark in _remarks(command)]
        for text in command.requirements if command.tool == "pip" else ():
            try:
                name = canonicalize_name(parse_requirement(text).name)
            except RequirementProblem as problem:
                remarks.append(f"{where}: {shown(text)} {problem.reason}, and is left out.")
                continue
            texts = added(texts, [text])
            reasons.setdefault(name, where)
    if any(True for _ in installs(cells)):
        remarks.append("Commands that install are not needed any more: remove them from the cells.")
    guessed = frozenset(name for name in inferred.guessed if name in texts)
    return replace(
        inferred, texts=tuple(texts), guessed=guessed, reasons=reasons, remarks=tuple(remarks)
    )


def _remarks(command: Install) -> Iterator[str]:
    if command.tool == "conda":
        yield f"{' '.join(command.requirements)} may have other names on a package index."
        return
    for option in command.options:
        yield f"its option {shown(option)} is not taken over."
