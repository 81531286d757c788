"""What is in a store, for whoever only looks: nothing in it is changed, whatever is found."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from ..core.store.manifest import Environment, EnvironmentKind
from ..core.store.parts import BYTECODE, TREE, Record
from ..errors import EnvironmentDamaged, StoreError
from .disk.file_locks import flock
from .disk.trees import digest_of, read_text
from .layout import NAME, Layout
from .location import Place
from .parts.part_store import RECORD, Parts
from .store import Store
from .verify.compare import Digests, Problem, compare
from .verify.verify_entry import check

__all__ = ["ReadStore", "examine", "examine_part", "stores_of", "wheel_metadata"]


class UntouchedParts(Parts):
    """The parts of a store, of which a damaged one stays where it is."""

    def discard(self, name: str, inode: int | None = None) -> bool:
        """Nothing: that is for whoever builds."""
        return False


def examine(
    layout: Layout, kind: EnvironmentKind, key: str, digests: Digests
) -> list[Problem] | None:
    """The full check of an environment: what is wrong with it; None if there is none."""
    prefix = layout.prefix(kind, key)
    parts = UntouchedParts(Place(layout.root))
    try:
        with _held(layout, key):
            return check(prefix, kind, key, parts, digests)[0]
    except FileNotFoundError:
        return None


@contextmanager
def _held(layout: Layout, key: str) -> Iterator[None]:
    """Keep an environment from being removed meanwhile, as far as there is a lease file."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with ExitStack() as stack:
        with suppress(OSError):
            descriptor = os.open(layout.lease(key), flags)
            stack.callback(os.close, descriptor)
            # In a store of others anybody may hold it for as long as they like.
            flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def examine_part(layout: Layout, name: str, digests: Digests) -> list[Problem]:
    """The full check of a part: what is wrong with it; nothing if it is not there."""
    parts = UntouchedParts(Place(layout.root))
    part = parts.find(name)
    if part is None:
        there = (layout.wheels / name).is_dir()
        return [Problem(RECORD, "cannot be read")] if there else []
    try:
        return list(compare(part.tree, part.record.files, part.record.links, digests))
    except FileNotFoundError:  # it was removed meanwhile
        return []


def wheel_metadata(layout: Layout, name: str, sha256: str) -> str | None:
    """The METADATA of a wheel, as it was installed; None if the store does not have it whole.

    :param name: of the distribution, normalised.
    :param sha256: of the wheel, in hex.
    """
    if NAME.fullmatch(sha256) is None:
        return None
    for folder in sorted((layout.wheels / sha256).glob("*")):
        if not folder.name.endswith(BYTECODE):
            with suppress(OSError, EnvironmentDamaged, UnicodeDecodeError):
                text = read_text(folder / RECORD)
                record = Record.from_json(text, f"{sha256}/{folder.name}")
                if text := _metadata_of(folder / TREE, record, name):
                    return text
    return None


def _metadata_of(tree: Path, record: Record, name: str) -> str:
    for path, (sha256, _, _) in record.files.items():
        if path.endswith(".dist-info/METADATA") and digest_of(f"{tree}/{path}") == sha256:
            text = (tree / path).read_text("utf-8", "replace").partition("\n\n")[0]
            if canonicalize_name(str(HeaderParser().parsestr(text)["Name"])) == name:
                return text
    return ""


class ReadStore(Store):
    """Looks into other stores, and changes nothing in them.

    What has to be remembered meanwhile goes into a folder of its own; nothing can be leased here.

    :param scratch: that folder.
    :param stores: the first that has something counts.
    """

    def __init__(self, scratch: Path, stores: Sequence[Store]) -> None:
        super().__init__(scratch)
        self._stores = stores

    def look(self, kind: EnvironmentKind, key: str) -> Environment | None:
        """See `Store.look`."""
        for store in self._stores:
            found = store.look(kind, key)
            if found is not None:
                return found
        return None

    def examine(self, kind: EnvironmentKind, key: str) -> list[Problem] | None:
        """See `Store.examine`. One that is in order counts before one that is not."""
        found = [store.examine(kind, key) for store in self._stores]
        there = [problems for problems in found if problems is not None]
        return min(there, key=len, default=None)

    def recall_lock(self, digest: str) -> str | None:
        """See `Store.recall_lock`."""
        for store in self._stores:
            with suppress(StoreError):
                if (text := store.read_lock(digest)) is not None:
                    return text
        return super().recall_lock(digest)

    def wheel_metadata(self, name: str, sha256: str) -> str | None:
        """See `Store.wheel_metadata`."""
        found = (store.wheel_metadata(name, sha256) for store in self._stores)
        return next((text for text in found if text is not None), None)


def stores_of(root: Path, system: Path | None) -> list[Store]:
    """The stores that a kernel looks into, in their order. Touches no file."""
    return [Store(path) for path in dict.fromkeys(filter(None, (system, root)))]
