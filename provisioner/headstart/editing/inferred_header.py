"""The header that an old notebook gets, from what its cells import and install."""

from __future__ import annotations

from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from ..core.header.create import NewHeader, put_header
from ..core.notebook.find import HeaderPlace
from ..environments.context import Context
from ..errors import HeaderError, NoCompatibleWheel, NoSuchPackage, ResolutionError
from .draft import Draft, Edited, Resolved, resolve_draft, save
from .infer import Inferred, infer_requirements

__all__ = ["InferredHeader", "infer_header", "write_header"]


@dataclass(frozen=True, slots=True)
class InferredHeader:
    """A header to be: its requirements, where it goes, and the limit on upload times, or ``""``.

    Without a ``place`` it goes where the notebook's format usually has it.
    """

    inferred: Inferred
    place: HeaderPlace | None = None
    exclude_newer: str = ""

    def draft(self, before: Draft) -> Draft:
        """The notebook with that header."""
        header = NewHeader(
            self.inferred.texts,
            self.inferred.requires_python(bool(self.exclude_newer)),
            self.exclude_newer,
        )
        return replace(before, text=put_header(before.notebook, before.text, header, self.place))


def infer_header(draft: Draft, place: HeaderPlace | None = None) -> InferredHeader:
    """The header that a notebook probably needs.

    :raises HeaderError: if the notebook has a header, or is not one of Python's.
    """
    if draft.header is not None:
        raise HeaderError(
            f"The notebook has a header already: {draft.location}.",
            hint="Change it with headstart add and headstart remove.",
        )
    return InferredHeader(infer_requirements(draft.path, draft.notebook), place)


def write_header(
    header: InferredHeader, before: Draft, context: Context, *, frozen: bool = False
) -> tuple[InferredHeader, Edited]:
    """Resolve a header and write it.

    :param frozen: resolve nothing, write what is inferred.
    :return: also the header as it is written: without names that turned out to be no package's.
    :raises HeadstartError: if the packages cannot be had; the notebook is then as it was.
    """
    resolved = None
    if not frozen:
        header, resolved = _resolve(header, before, context)
    edited = Edited(before, header.draft(before), resolved)
    # Frozen: without a header there was no lock to renew.
    return header, save(edited, context, frozen=True)


def _resolve(
    header: InferredHeader, before: Draft, context: Context
) -> tuple[InferredHeader, Resolved]:
    """Resolve it, without names that no index has, if they are a guess or a module's."""
    # In a loop, for uv names one missing package at a time.
    while True:
        try:
            return header, resolve_draft(header.draft(before), context)
        except ResolutionError as error:
            inferred = _without_missing(header.inferred, error)
            if inferred is None:
                raise
            header = replace(header, inferred=inferred)


def _without_missing(inferred: Inferred, error: ResolutionError) -> Inferred | None:
    """The same without the name that no index has; None if that is not a guess or a module's."""
    # Also without a wheel: indexes have packages of source alone under modules' names (sklearn).
    name = canonicalize_name(error.package or "")
    if isinstance(error, NoSuchPackage | NoCompatibleWheel) and inferred.names_module(name):
        return inferred.with_package_of(name)
    if isinstance(error, NoSuchPackage) and name in inferred.guessed:
        return inferred.without(name)
    return None
