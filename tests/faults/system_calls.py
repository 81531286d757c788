"""Every system call that the store makes fails once, with every error that disks have."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from headstart.core.store.manifest import EnvironmentKind, Manifest
from headstart.errors import BuildError, HeadstartError
from headstart.store.layout import MANIFEST, random_name
from headstart.store.store import Store
from headstart.testing.fake_uv import FakeUv
from headstart.uv.commands import UvCommand, UvResult
from tests.faults.tracing import Traced, count_calls, fail_call
from tests.faults.workshop import SPECS, Workshop

ERRORS = ("ENOSPC", "EIO", "EROFS", "EDQUOT", "EMFILE", "EACCES")
KIND = EnvironmentKind.ENVIRONMENT
SPEC, OTHER = SPECS[0], SPECS[2]
MODULES = {"m0": "text = 'leaf'\n"}
REFUSED = 4
"""How a process ends that was told of the failure, with an error of ours."""

UNCHANGED = frozenset({"find", "ensure", "list"})
"""Actions after which the environment is the one that it was before."""

Action = Callable[[], object]


class ToughUv(FakeUv):
    """Fails as a program does, and not as a function."""

    def run(self, command: UvCommand, **options: Any) -> UvResult:
        try:
            return super().run(command, **options)
        except Exception as error:
            raise BuildError(f"uv failed: {error}.") from error


class Bench:
    """A store with one environment, and what is done with it.

    The installer's own calls are left out: `fill` only renames what was installed before.
    """

    def __init__(self, folder: Path) -> None:
        self.shop = Workshop(folder, modules=MODULES)
        self.shop.uv = ToughUv(self.shop.house)
        self.key = self.shop.keys[SPEC.requirements]
        # The kernel layer stays, whoever prunes: it takes long to build.
        self.other = self.shop.get(OTHER)
        self.shop.get(SPEC).close()
        self.version = self.shop.root / "v1"
        self.prefix = self.version / "environments" / self.key
        self.manifest = Manifest.from_json((self.prefix / MANIFEST).read_text())
        self.kept = folder / "kept"
        self.installed = folder / "installed"
        shutil.copytree(self.prefix, self.kept, symlinks=True)
        (self.kept / MANIFEST).unlink()

    @property
    def store(self) -> Store:
        """A store that has looked at nothing yet."""
        return Store(self.shop.root)

    def actions(self) -> dict[str, tuple[Action, Action]]:
        """By name: what makes everything ready, and what is then done with faults."""
        return {
            "find": (self._publish, self._find),
            "find a damaged one": (self._damage, self._find),
            "build": (self._unpublish, self._build),
            "build an ephemeral one": (self._install, self._build_ephemeral),
            "remove": (self._publish, lambda: self.store.remove(KIND, self.key)),
            "remove leftovers": (self._leave_some, self._remove_leftovers),
            "list": (self._publish, self._list),
            "remember": (self._remember, lambda: self.store.remember_lock(self.key, "new")),
            "recall": (self._remember, lambda: self.store.recall_lock(self.key)),
            "ensure": (self._publish, lambda: self.shop.get(SPEC).close()),
            "ensure a new one": (self._unpublish, lambda: self.shop.get(SPEC).close()),
            "prune": (self._leave_some, self.shop.prune),
        }

    def wrong_at_once(self, name: str, traced: Traced) -> Iterator[str]:
        """What is wrong right after a call has failed."""
        if traced.code not in (0, REFUSED):
            yield f"ended with {traced.code}"
        if "damaged" not in name:
            yield from self.shop.check(imports=False)[1]
        published = "ephemeral" not in name and self.prefix.exists()
        if "syncfs" in traced.failed and (traced.code == 0 or published):
            yield "published though it may not be on disk"
        if "EMFILE" in traced.failed and name in UNCHANGED and self.inode != _inode(self.prefix):
            yield "moved away though it is right"
        if traced.code == 0 and "build" in name and not self._is_there(name):
            yield "there is nothing though all was well"
        if self.store.recall_lock(self.key) not in (None, "old", "new"):
            yield "what was remembered is neither the old nor the new"

    def wrong_later(self) -> Iterator[str]:
        """What is wrong once everything works again."""
        yield from self.shop.use(SPEC)
        self.store.remove_leftovers()
        yield from (f"left behind: {path}" for path in self.shop.leftovers())

    def _is_there(self, name: str) -> bool:
        if "ephemeral" not in name:
            return self.prefix.exists()
        found = list((self.version / "ephemeral").iterdir())
        wrong = [line for path in found for line in self._check(path)]
        return bool(found) and not wrong

    def _check(self, prefix: Path) -> list[str]:
        return self.shop.oracle.check(prefix, self.key, imports=False)

    def _publish(self) -> None:
        self.shop.get(SPEC).close()
        self.inode = _inode(self.prefix)

    def _unpublish(self) -> None:
        self._install()
        assert self.store.remove(KIND, self.key)

    def _install(self) -> None:
        shutil.rmtree(self.installed, ignore_errors=True)
        shutil.copytree(self.kept, self.installed, symlinks=True)

    def _damage(self) -> None:
        self._publish()
        (self.prefix / "pyvenv.cfg").unlink()

    def _leave_some(self) -> None:
        self._publish()
        for name in (f"building/{self.key}.{random_name()}", f"trash/{random_name()}"):
            (self.version / name).mkdir()
        (self.version / "ephemeral" / random_name()).mkdir()

    def _remember(self) -> None:
        self.store.remember_lock(self.key, "old")

    def _fill(self, prefix: Path) -> Manifest:
        self.installed.rename(prefix)
        return self.manifest

    def _find(self) -> None:
        found = self.store.find(KIND, self.key)
        if found is not None:
            found.close()

    def _remove_leftovers(self) -> None:
        self.store.remove_leftovers()

    def _list(self) -> None:
        self.store.entries()

    def _build(self) -> None:
        self.store.build(KIND, self.key, self._fill).close()

    def _build_ephemeral(self) -> None:
        self.store.build_ephemeral(self._fill).close()


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def fail_calls(
    folder: str, every: int, first: int = 0, only: str = "", call: str = ""
) -> dict[str, Any]:
    """Fail each call of each action with each error.

    :param every: only every n-th of these cases, from ``first`` on.
    :param only: the one action to take.
    :param call: the one system call to let fail.
    """
    bench, log = Bench(Path(folder)), Path(folder) / "strace.log"
    cases, failed, refused, wrong = 0, 0, 0, []
    for name, (prepare, action) in bench.actions().items():
        if only not in ("", name):
            continue
        prepare()
        action()  # once before, so that the calls of Python's own imports are not among them
        prepare()
        doing = partial(_do, action)
        for case in _cases(count_calls(doing, log)):
            cases += 1
            if (cases + first) % every or call not in ("", case[0]):
                continue
            prepare()
            traced = fail_call(doing, log, *case)
            failed += bool(traced.failed)
            refused += traced.code == REFUSED
            problems = [*bench.wrong_at_once(name, traced), *bench.wrong_later()]
            wrong += [f"{name}: {line} after {traced.failed}" for line in problems]
    return {
        "cases": cases if first == 0 else 0,
        "failed": failed,
        "refused": refused,
        "violations": wrong,
    }


def _do(action: Action) -> None:
    try:
        action()
    except HeadstartError:
        os._exit(REFUSED)


def _cases(calls: Mapping[str, int]) -> Iterator[tuple[str, int, str]]:
    for name, count in sorted(calls.items()):
        for number in range(1, count + 1):
            for error in ERRORS:
                yield name, number, error
