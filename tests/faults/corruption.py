"""Files of a store, and lock files of notebooks, are changed at random; then all is started again.

What is looked at is every start: it must give the right environment, at the second try at the
latest, never blame the index, and never wait for anybody.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from headstart.core.header.spec import EnvironmentSpec, ProvidedLock
from headstart.core.store.parts import TREE
from headstart.errors import HashMismatch, HeadstartError, LockError, PackageIndexError
from headstart.request.directory import DiskFolder
from headstart.store.disk.trees import delete_tree
from headstart.store.gc.users import User
from headstart.store.upkeep import Upkeep
from headstart.store.verify_all import verify_some
from tests.faults.workshop import SPECS, Workshop

LIMIT = 60
"""Seconds that a start may take; nothing here takes one, unless it waits for ever."""

MODULES = {f"m{number}": f"text = 'leaf {number}'\n" for number in range(3)}

IN_PLACE = ("flip", "digit", "cut a line", "cut a package", "empty", "time", "mode")
SINGLE = (*IN_PLACE, "delete", "folder", "loop", "pipe")
WAYS = (*SINGLE, "copy of another", "swap")

KINDS: dict[str, tuple[str, ...]] = {
    "remembered": ("locks/*",),
    "manifest": ("environments/*/headstart.json", "layers/*/headstart.json"),
    "record in an environment": ("environments/*/.headstart/*", "layers/*/.headstart/*"),
    "record of a part": ("wheels/*/*/files.json",),
    "lease or lock": ("leases/*", "*.lock"),
    "note": ("file-system", "pruned", "verified", "kept/*", "users/*", "notebooks/*"),
    "content": (f"wheels/*/*/{TREE}/**/*", "environments/*/**/*", "layers/*/**/*"),
}
"""Patterns of what the store keeps, by kind. What is content, only the full check can know to be
damaged: a little of it runs every hour, and here before such a start."""

NOTEBOOK = "lock of a notebook"
WEIGHTS = {"remembered": 5, "content": 2, NOTEBOOK: 3}
"""How often a kind comes; others count once."""


def corrupt_rounds(
    folder: str, rounds: int, seed: int, kinds: list[str], enough: int
) -> dict[str, Any]:
    """Change one file a round, and start everything.

    :param kinds: of files; all, if there are none.
    :param enough: stop once that many starts were wrong.
    """
    rng, shop = random.Random(seed), Workshop(Path(folder), modules=MODULES)
    names = kinds or [*KINDS, NOTEBOOK]
    weights = [WEIGHTS.get(name, 1) for name in names]
    locks = _NotebookLocks(shop, Path(folder) / "locks")
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    shop.compile_all()
    while (number := sum(counts[way] for way in WAYS)) < rounds and len(wrong) < enough:
        try:
            _fill(shop)
        except HeadstartError as error:  # what came of a round is not mended by a third start
            wrong.append(f"it stays stuck: {error}")
            break
        [kind] = rng.choices(names, weights)
        # A whole lock in a lock's place is its user's word, as a header is.
        way = rng.choice(SINGLE if kind == NOTEBOOK else WAYS)
        files = locks.files() if kind == NOTEBOOK else sorted(_files(shop.root / "v1", kind))
        done = corrupt(rng, files, way)
        if not done:
            continue
        counts[way] += 1
        found = list(locks.start_all()) if kind == NOTEBOOK else _start_all(shop, kind, counts)
        wrong += [f"round {number}, {kind}, {way} {done}: {line}" for line in found]
    rounds = sum(counts[way] for way in WAYS)
    tried = {"rounds": rounds, "second_tries": counts["second try"], "refused": locks.refused}
    return {**tried, "violations": wrong}


def _files(top: Path, kind: str) -> Iterator[Path]:
    """Files of a kind, none twice."""
    others = {".headstart", "headstart.json", "files.json"}
    for pattern in KINDS[kind]:
        for path in top.glob(pattern):
            known = kind == "content" and not others.isdisjoint(path.parts)
            if path.is_file() and not path.is_symlink() and not known:
                yield path


def _fill(shop: Workshop) -> None:
    """Have everything there that can be changed."""
    for spec in SPECS:
        shop.get(spec).close()
    upkeep, key = Upkeep(shop.root), shop.keys[SPECS[0].requirements]
    upkeep.keep(key)
    upkeep.record_user(User(key, key, os.getpid(), 1, "/a.ipynb", "test"))
    upkeep.note_pruned("nothing")
    verify_some(shop.context.store, 0)


def _start_all(shop: Workshop, kind: str, counts: Counter[str]) -> list[str]:
    """Start each notebook, twice if need be, and prune; all that is wrong with that."""
    if kind == "content":
        verify_some(shop.context.store, 3600)
    wrong = []
    for spec in SPECS:
        found, tries = _twice(lambda: shop.use(spec))  # noqa: B023  (it is called at once)
        wrong += [f"{'+'.join(spec.requirements)}: {line}" for line in found]
        counts["second try"] += tries - 1
    if kind in ("note", "lease or lock"):
        wrong += _twice(lambda: _upkeep(shop))[0]
    return wrong


def _upkeep(shop: Workshop) -> list[str]:
    """What is done behind a kernel's start."""
    upkeep, key = Upkeep(shop.root), shop.keys[SPECS[0].requirements]
    upkeep.is_due(3600)
    turn = upkeep.take_turn()
    if turn is not None:
        turn.release()
    upkeep.note_notebook(key, "/b.ipynb")
    upkeep.tidy()
    return [] if turn is not None else ["nobody can prune"]


def _twice(start: Callable[[], list[str]]) -> tuple[list[str], int]:
    """What is wrong with a start: the first try may fail, with an error that blames no index."""
    for attempt in (1, 2):
        try:
            with _limited():
                return start(), attempt
        except HeadstartError as error:
            if isinstance(error, PackageIndexError | HashMismatch):
                return [f"it blames the index: {error}"], attempt
            last = error
    return [f"it is stuck: {last}"], 2


@contextmanager
def _limited() -> Iterator[None]:
    """An error for what waits for ever."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise HeadstartError(f"It has waited for {LIMIT} seconds.")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)


class _NotebookLocks:
    """Locks that stand beside notebooks, as `pylock.toml`: whose, only their users know."""

    def __init__(self, shop: Workshop, folder: Path) -> None:
        folder.mkdir()
        self._shop, self.refused = shop, 0
        self._texts: dict[EnvironmentSpec, tuple[Path, str]] = {}
        for number, spec in enumerate(SPECS):
            with shop.get(spec) as ready:
                text = ready.lock.render()
            self._texts[spec] = folder / f"pylock.{number}.toml", text
            (folder / f"pylock.{number}.toml").write_text(text)

    def files(self) -> list[Path]:
        """The files."""
        return [path for path, _ in self._texts.values()]

    def start_all(self) -> Iterator[str]:
        """Start with each. One that cannot be used is refused; its user makes it again then."""
        for spec, (path, text) in self._texts.items():
            try:
                with _limited():
                    yield from self._shop.use(self._given(spec, path))
            except HeadstartError as error:
                self.refused += 1
                if isinstance(error, PackageIndexError):
                    yield f"{path.name}: it blames the index: {error}"
            delete_tree(path)
            path.write_text(text)
            found, _ = _twice(lambda: self._shop.use(self._given(spec, path)))  # noqa: B023
            yield from found

    @staticmethod
    def _given(spec: EnvironmentSpec, path: Path) -> EnvironmentSpec:
        try:
            text = DiskFolder(path.parent).read(path.name)
            if text is None:
                raise LockError(f"There is no {path.name}.")
            return spec._replace(lock=ProvidedLock(text.decode(), path.name))
        except UnicodeDecodeError as error:
            raise LockError(f"{path.name} is no text.") from error


def corrupt(rng: random.Random, files: list[Path], way: str) -> str:
    """Change one of some files as root or its owner can; which, or ``""`` if it cannot be."""
    if not files:
        return ""
    path, other = rng.choice(files), rng.choice(files)
    for folder in (path.parent, other.parent):
        folder.chmod(0o700)
    before = path.read_bytes()
    if way in ("copy of another", "swap"):
        return _exchange(path, other, swap=way == "swap")
    if way in CHANGES:
        changed = CHANGES[way](rng, before)
        if changed == before:
            return ""
        path.chmod(0o600)
        path.write_bytes(changed)
    elif way == "time":
        moment = rng.uniform(0, 2e9)
        os.utime(path, (moment, moment))
        os.utime(path.parent, (moment, moment))
    elif way == "mode":
        path.chmod(rng.choice((0, stat.S_IRWXU, stat.S_IWUSR)))
    else:
        path.unlink()
        _put_in_place(path, way)
    return path.name[:40]


def _put_in_place(path: Path, way: str) -> None:
    if way == "folder":
        path.mkdir()
        (path / "something").write_text("somebody's")
    elif way == "loop":
        path.symlink_to(path)
    elif way == "pipe":
        os.mkfifo(path)


def _exchange(path: Path, other: Path, *, swap: bool) -> str:
    if path == other or path.samefile(other) or path.read_bytes() == other.read_bytes():
        return ""
    new, newer = path.with_name("new"), other.with_name("newer")
    shutil.copy2(other, new)
    if swap:
        shutil.copy2(path, newer)
        newer.rename(other)
    new.rename(path)
    return f"{path.name[:20]} {other.name[:20]}"


def _flip(rng: random.Random, content: bytes) -> bytes:
    if not content:
        return b"\0"
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _digit(rng: random.Random, content: bytes) -> bytes:
    places = [place for place, byte in enumerate(content) if byte in b"0123456789abcdef"]
    if not places:
        return content
    place = rng.choice(places)
    digit = rng.choice(b"0123456789abcdef").to_bytes(1, "big")
    return content[:place] + digit + content[place + 1 :]


def _cut(between: bytes) -> Callable[[random.Random, bytes], bytes]:
    def cut(rng: random.Random, content: bytes) -> bytes:
        pieces = content.split(between)
        if len(pieces) < 2:
            return content
        return between.join(pieces[: rng.randrange(1, len(pieces))]) + b"\n"

    return cut


CHANGES: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "flip": _flip,
    "digit": _digit,
    "cut a line": _cut(b"\n"),
    "cut a package": _cut(b"\n\n"),
    "empty": lambda _rng, _content: b"",
}
