"""Change the requirements of a notebook's header: add, remove, pin, upgrade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packaging.utils import canonicalize_name

from ..core.requirements.edits import added, loosened, name_of, pinned, removed, upgraded
from ..environments.context import Context
from ..environments.resolve.interpreters import find_interpreter
from ..environments.resolve.resolve import resolve
from .draft import Draft, Edited, Resolved, check_pylock, resolve_draft, save

__all__ = [
    "add_requirements",
    "pin_requirements",
    "remove_requirements",
    "upgrade_requirements",
]


def add_requirements(
    draft: Draft,
    requirements: Sequence[str],
    context: Context,
    *,
    pin: bool = False,
    frozen: bool = False,
) -> Edited:
    """Add requirements to the header, or give the notebook a header with them.

    They are resolved first, together with the present ones: what cannot be had is not written.

    :param pin: with the versions that they have in the lock.
    :param frozen: resolve nothing, write them as they are.
    :raises HeadstartError: if they cannot be had; the notebook is then as it was.
    """
    after = draft.with_texts(added(draft.texts, requirements))
    check_pylock(after)
    resolved = None if frozen else resolve_draft(after, context)
    if pin and resolved is not None:
        names = {name_of(text) for text in requirements}
        after = after.with_texts(pinned(after.texts, resolved.versions, names))
        resolved = resolve_draft(after, context)
    return save(Edited(draft, after, resolved), context, frozen=frozen)


def remove_requirements(
    draft: Draft, names: Sequence[str], context: Context, *, frozen: bool = False
) -> Edited:
    """Remove the requirements of these names from the header's dependencies.

    :param frozen: leave the notebook's lock as it is.
    :raises HeaderError: if there is none of a name; the notebook is then as it was.
    """
    after = draft.with_texts(removed(draft.texts, names))
    return save(Edited(draft, after), context, frozen=frozen)


def pin_requirements(draft: Draft, names: Iterable[str], context: Context) -> Edited:
    """Make the requirements say exactly which versions the notebook runs with.

    :param names: of packages; all if there are none.
    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock.
    """
    only = {canonicalize_name(name) for name in names}
    # First without versions: an error about a wrong name need not wait for a lock.
    pinned(draft.texts, {}, only)
    resolved = resolve_draft(draft, context, locked=True)
    after = draft.with_texts(pinned(draft.texts, resolved.versions, only))
    return save(Edited(draft, after, resolved), context, frozen=False)


def upgrade_requirements(draft: Draft, names: Iterable[str], context: Context) -> Edited:
    """Write the newest versions that fit together in place of those that are pinned.

    :param names: of packages; all that is pinned if there are none. A range of one of these which
        excludes the newest version begins with it.
    :raises HeaderError: if there is no requirement of one of these names.
    :raises HeadstartError: if there is no lock; the notebook is then as it was.
    """
    only = {canonicalize_name(name) for name in names}
    loose = draft.with_texts(loosened(draft.texts, only))
    if loose is draft and not only:
        note = (
            "The header pins no version. To renew the versions in a lock: "
            f"headstart lock {draft.path} --upgrade"
        )
        return Edited(draft, draft, notes=(note,))
    newest = _newest(loose, context)
    after = draft.with_texts(upgraded(draft.texts, newest.versions, only))
    check_pylock(after)
    # What is written is resolved now, so that the next kernel gets these versions without a wait
    # for the index, which may have newer ones by then.
    spec = after.request(locked=False).spec
    resolve(spec, newest.interpreter, context, preferences=newest.lock.render())
    return save(Edited(draft, after, newest), context, frozen=False, upgrade=only)


def _newest(loose: Draft, context: Context) -> Resolved:
    """What the index has today, whatever is cached."""
    spec = loose.request(locked=False).spec
    interpreter = find_interpreter(spec.requires_python, context)
    return Resolved(resolve(spec, interpreter, context, refresh=True), interpreter)
