"""Read the files and folders that a header names."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from ..core.header.fields import (
    LOCAL_EXTRAS,
    PREPEND_PATHS,
    REQUIREMENTS,
    location_of,
    refuse_field,
)
from ..core.header.normalise import Included
from ..core.header.spec import Header, LocalExtra, ProvidedLock
from ..core.messages import shown
from ..core.notebook.find import FoundHeader, HeaderPlace
from ..core.requirements.foreign_files import hint_for_file
from ..core.requirements.pyproject import Project
from ..core.requirements.requirements_file import FileProblem, Required, read_requirements_file
from ..errors import HeaderError, NotebookError, RequirementError
from .directory import Folder, NoFolder

__all__ = ["read_included"]

PYPROJECT = "pyproject.toml"

MAX_BYTES = 1024 * 1024
"""Bytes of a requirements file."""

MAX_PROJECT_BYTES = 256 * 1024
"""Bytes of a ``pyproject.toml``."""


def read_included(header: Header, found: FoundHeader, folder: Folder) -> Included:
    """The content of the files and folders that a header names.

    :param folder: to which their paths are relative.
    :raises HeaderError: if one is missing, cannot be read, or is invalid.
    """
    files = _Files(found, folder)
    required, python = files.required(header)
    return Included(
        requirements=required.requirements,
        constraints=required.constraints,
        requires_python=python,
        lock=files.lock(header),
        local_extras=tuple(map(files.local_extra, header.local_extras)),
        prepend_paths=tuple(map(files.folder_on_path, header.prepend_paths)),
    )


class _Files:
    """The files of one header; every error names the field that names the file."""

    def __init__(self, found: FoundHeader, folder: Folder):
        self.found = found
        self.folder = folder

    def required(self, header: Header) -> tuple[Required, str]:
        """The requirements of a requirements file or a project, and its ``requires-python``."""
        file = header.requirements_file
        of_project = bool(file) and Path(file).suffix == ".toml"
        # With a lock, they select from the lock.
        groups = () if header.pylock else header.groups or ()
        extras = () if header.pylock else header.extras
        if extras and not of_project:
            hint = f'Name the file that has them: {REQUIREMENTS} = "{PYPROJECT}", or a pylock.'
            self._refuse("extras", "extras are of a project or a lock, and none is named.", hint)
        required, python = Required(), ""
        self.refuse_other_tools(REQUIREMENTS, file)
        try:
            if file and not of_project:
                required = read_requirements_file(file, partial(self.included_text, file))
            if of_project:
                project = self.project(REQUIREMENTS, file)
                required = Required(tuple(project.dependencies(extras)))
                python = project.requires_python
            if groups:
                project = self.project("groups", file if of_project else PYPROJECT)
                grouped = tuple(project.of_groups(groups))
                required = Required((*required.requirements, *grouped), required.constraints)
        except FileProblem as problem:
            self._refuse_file(REQUIREMENTS if file else "groups", problem)
        return required, python

    def refuse_other_tools(self, field: str, name: str) -> None:
        """Refuse a file of another tool, by its name."""
        if hint := hint_for_file(name, field):
            self._refuse(field, f"{field} names {shown(name)}, which is not read.", hint)

    def project(self, field: str, name: str) -> Project:
        """The ``pyproject.toml`` of that name."""
        return Project(name, self.text(field, name, MAX_PROJECT_BYTES))

    def lock(self, header: Header) -> ProvidedLock | None:
        """The lock that the header names."""
        if not header.pylock:
            return None
        self.refuse_other_tools("pylock", header.pylock)
        text = self.text("pylock", header.pylock, None)
        return ProvidedLock(text, shown(header.pylock), header.extras, header.groups)

    def local_extra(self, name: str) -> LocalExtra:
        """A wheel or a source tree that the header names, with the digest of its content now."""
        from .local_trees import LocalExtraProblem, read_local_extra  # few headers name one

        path = self.on_disk(LOCAL_EXTRAS, name, Path.exists, "wheel or folder")
        try:
            return read_local_extra(path.resolve() if ".." in path.parts else path)
        except LocalExtraProblem as problem:
            self._refuse(LOCAL_EXTRAS, f"{problem.reason}.", problem.hint)

    def folder_on_path(self, name: str) -> str:
        """The absolute path of a folder for ``PATH``."""
        path = self.on_disk(PREPEND_PATHS, name, Path.is_dir, "folder")
        if os.pathsep in str(path):
            hint = f"PATH separates folders by {os.pathsep}, so none can have it in its name."
            self._refuse(PREPEND_PATHS, f"{shown(str(path))} cannot be on PATH.", hint)
        return str(path.resolve() if ".." in path.parts else path)

    def on_disk(self, field: str, name: str, exists: Callable[[Path], bool], what: str) -> Path:
        """The absolute path of a file or folder that must exist on this machine's disk."""
        self._refuse_without_folder(field, name)
        path = self.folder.path(name)
        if path is None:
            problem = f"{field} names {shown(name)}, and the notebook's folder is not on a disk."
            self._refuse(field, problem, "Give an absolute path.")
        try:
            missing = not exists(path)
        except (OSError, ValueError):  # a folder that may not be entered; a NUL in the path
            missing = True
        if missing:
            self._refuse_missing(field, name, what)
        return path

    def text(self, field: str, name: str, longest: int | None = MAX_BYTES) -> str:
        """The text of a file that the field names."""
        self._refuse_without_folder(field, name)
        try:
            content = self.folder.read(name)
            if content is None:
                self._refuse_missing(field, name, "file")
            if longest is not None and len(content) > longest:
                problem = f"{self.folder.where(name)} is longer than {longest // 1024} KiB."
                self._refuse(field, problem, "Name a shorter file.")
            # Editors on Windows may begin a file with a byte order mark.
            return content.decode("utf-8-sig")
        except NotebookError as error:
            self._refuse(field, error.message, error.hint)
        except UnicodeDecodeError as error:
            problem = f"{self.folder.where(name)} is not text in UTF-8: {error.reason}."
            self._refuse(field, problem, "Save it in UTF-8.")

    def _refuse_without_folder(self, field: str, name: str) -> None:
        if isinstance(self.folder, NoFolder) and not Path(name).is_absolute():
            problem = (
                f"{field} names {shown(name)}, which begins at the notebook's folder, and it is "
                "not known where the notebook is."
            )
            hint = (
                "Give an absolute path, run the notebook with `headstart run`, or tell nbclient "
                'the folder: resources={"metadata": {"path": "…"}}.'
            )
            self._refuse(field, problem, hint)

    def included_text(self, first: str, name: str) -> str:
        """The text of the requirements file that the header names, or of one that it includes."""
        try:
            return self.text(REQUIREMENTS, name)
        except HeaderError:
            if name == first:
                raise
        # The other error is about the header, which does not name this file.
        hint = f"It is text in UTF-8, not longer than {MAX_BYTES // 1024} KiB, next to the first."
        raise FileProblem(name, "is missing, or cannot be read.", hint)

    def _refuse_missing(self, field: str, name: str, what: str) -> NoReturn:
        problem = (
            f"{field} names {shown(name)}, and there is no such {what}: it was looked for at "
            f"{self.folder.where(name)}."
        )
        self._refuse(field, problem, "Paths begin at the notebook's folder.")

    def _refuse(self, field: str, problem: str, hint: str) -> NoReturn:
        refuse_field(self.found, field, problem, hint)

    def _refuse_file(self, field: str, problem: FileProblem) -> NoReturn:
        """Raise the error of a file, with the location of the field that names it."""
        named = location_of(self.found, field)
        is_header = self.found.place is HeaderPlace.REQUIREMENTS_TXT
        where = problem.where if is_header else f"{problem.where} (named in {named})"
        kind = RequirementError if problem.requirement else HeaderError
        raise kind.at(
            named._replace(where=where),
            problem.reason,
            problem.hint,
            {"file": problem.file, "file_line": problem.line},
        )
