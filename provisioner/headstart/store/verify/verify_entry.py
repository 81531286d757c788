"""The full check of one environment or part; damaged environments are marked, parts discarded."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ...core.store.manifest import Environment, EnvironmentKind, Manifest
from ...core.store.parts import BYTECODE, Content, is_part
from ...errors import EnvironmentDamaged
from ..disk.file_locks import try_lock
from ..disk.trees import list_tree, read_text
from ..layout import MANIFEST, RECORDS, Layout, record_path, recorded_part
from ..leases import Lease
from ..manifests import Touched, inspect, mark_damaged, recorded_damage
from ..parts.contents import OWN, read_whole
from ..parts.part_store import Parts
from .compare import Digests, Problem, compare

logger = logging.getLogger(__name__)


def verify_environment(
    layout: Layout,
    parts: Parts,
    kind: EnvironmentKind,
    key: str,
    lease: Lease,
    digests: Digests,
) -> list[Problem]:
    """Check every file of an environment; a damaged one is marked, and not used any more.

    The next process that looks for it discards it and builds it again; until then it stays for
    running kernels. Parts with the same damage are discarded.

    :param lease: on the environment; it is closed.
    :return: what is wrong with it; nothing if it is in order, or does not exist.
    """
    prefix = layout.prefix(kind, key)
    with lease:
        try:
            # Which folder was checked: `_mark` must not mark one that was built meanwhile.
            before = os.stat(prefix)
            if recorded_damage(prefix):  # reported when it was marked
                return []
            problems, owners = check(prefix, kind, key, parts, digests)
        except FileNotFoundError:
            return []
    if problems:
        others = f", and {len(problems) - 1} more" if problems[1:] else ""
        reason = f"{problems[0]}{others}"
        logger.warning("The %s %s is damaged: %s.", kind, key[:12], reason)
        for owner in sorted(owners):
            verify_part(parts, owner, digests)
        _mark(layout, kind, key, before, reason)
    return problems


def is_as_built(environment: Environment) -> bool:
    """Whether an environment has all of its files, with their bytes, and nothing else.

    Nor an empty folder, which could be imported, as a namespace.
    """
    prefix = Path(environment.prefix)
    try:
        content = read_whole(prefix, environment.manifest)
        ignored = _records(environment)
        paths = {*content.files, *content.links, *ignored}
        paths.add(f"{environment.manifest.site_packages}/__pycache__/")
        folders = {parent for path in paths for parent in _parents(path)}
        if not folders.issuperset(list_tree(prefix).folders):
            return False
        problems = compare(prefix, content.files, content.links, Digests(), ignored)
        return next(problems, None) is None
    except (OSError, EnvironmentDamaged):
        return False


def _parents(path: str) -> Iterator[str]:
    """The folders above a path."""
    while path := path.rpartition("/")[0]:
        yield path


def verify_part(parts: Parts, name: str, digests: Digests) -> list[Problem]:
    """Check every file of a part; a damaged one is discarded, and made again when needed."""
    part = parts.find(name)
    if part is None:
        return []
    try:
        record = part.record
        problems = list(compare(part.tree, record.files, record.links, digests))
    except FileNotFoundError:  # it was removed meanwhile
        return []
    if problems:
        parts.discard(name, part.inode)
    return problems


def check(
    prefix: Path, kind: EnvironmentKind, key: str, parts: Parts, digests: Digests
) -> tuple[list[Problem], set[str]]:
    """What is wrong, and which parts brought what is wrong.

    :raises FileNotFoundError: if there is nothing.
    """
    try:
        environment = inspect(prefix, kind, key)
        if environment is None:
            raise FileNotFoundError(prefix)
        content = read_whole(prefix, environment.manifest)
    except EnvironmentDamaged as damage:
        if isinstance(damage, Touched) and is_as_built(damage.environment):
            return [], set()
        # Any part may have the same damage.
        problems = [Problem("", damage.message), *_other_problems(prefix, digests)]
        return problems, _parts_of(prefix)
    ignored = _records(environment)
    problems = list(compare(prefix, content.files, content.links, digests, ignored))
    owners = {content.owners[item.path] for item in problems if item.path in content.owners}
    if environment.manifest.shares_bytecode:
        problems += _check_shared(content, parts, digests)
    return problems, owners


def _other_problems(prefix: Path, digests: Digests) -> list[Problem]:
    """What else is wrong, as far as the manifest and the records can be read."""
    try:
        manifest = Manifest.from_json(read_text(prefix / MANIFEST))
        content, ignored = read_whole(prefix, manifest), _records(Environment("", manifest))
        return list(compare(prefix, content.files, content.links, digests, ignored))
    except (OSError, UnicodeDecodeError, EnvironmentDamaged):
        return []


def _parts_of(prefix: Path) -> set[str]:
    """The parts of an environment, by its manifest and its records' names, one of them at least."""
    names: set[str] = set()
    with suppress(OSError, UnicodeDecodeError, EnvironmentDamaged):
        names |= set(Manifest.from_json(read_text(prefix / MANIFEST)).parts)
    with suppress(OSError):
        names |= set(map(recorded_part, os.listdir(prefix / RECORDS)))
    return set(filter(is_part, names))


def _check_shared(content: Content, parts: Parts, digests: Digests) -> Iterator[Problem]:
    """Check the bytecode that is not in the environment, but in the parts that it links to."""
    for name in sorted({content.owners[link] for link in content.links if link in content.owners}):
        if not name.endswith(BYTECODE):
            continue
        if parts.find(name) is None:
            yield Problem(name, "is not in the store any more")
        yield from verify_part(parts, name, digests)


def _records(environment: Environment) -> frozenset[str]:
    """The manifest and the records, which have digests of their own."""
    names = (OWN, *environment.manifest.parts)
    top = Path()
    return frozenset([MANIFEST, *(record_path(top, name).as_posix() for name in names)])


def _mark(
    layout: Layout, kind: EnvironmentKind, key: str, checked: os.stat_result, reason: str
) -> None:
    """Mark what was checked as damaged; not what was built under its key meanwhile."""
    lock = try_lock(layout.build_lock(key))
    if lock is None:  # another process builds it again already
        return
    with lock:
        prefix = layout.prefix(kind, key)
        try:
            if not os.path.samestat(os.stat(prefix), checked):
                return
        except FileNotFoundError:
            return
        mark_damaged(prefix, reason)
