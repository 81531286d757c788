"""Random sequences of all that happens to a store, against a model of what must be so."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.refresh import RefreshMode
from headstart.environments.ready import Ready
from headstart.environments.upkeep.gc import prune
from tests.faults.tampering import KIND, WAYS, tamper
from tests.faults.workshop import SPECS, Workshop, child, kill, wait_for

YEAR = 365 * 86_400.0
MODULES = {"m0": "text = 'leaf'\n", "m1": "text = 'other leaf'\n"}

specs = st.sampled_from(SPECS)


@dataclass(frozen=True)
class User:
    """Who holds an environment: this process, or a child of it."""

    spec: EnvironmentSpec
    prefix: Path
    inode: int
    ready: Ready | None = None
    pid: int = 0


class Machine(RuleBasedStateMachine):
    """Users of four environments, and everything that can go wrong.

    The model: what somebody holds is there, is the folder that it was, and is right, until
    somebody damages it; what nobody holds is gone after everything was pruned; and whatever can
    be found is right.
    """

    shop: ClassVar[Workshop]
    steps: ClassVar[Counter[str]] = Counter()
    time: ClassVar[Callable[[], float]] = staticmethod(time.time)

    def __init__(self) -> None:
        super().__init__()
        self.users: list[User] = []
        self.damaged: set[str] = set()

    # -- get, and end --------------------------------------------------------------------------

    @rule(spec=specs)
    def get(self, spec: EnvironmentSpec) -> None:
        """Find or build, and keep it."""
        ready = self.shop.get(spec)
        self.damaged.discard(self._key(spec))
        self._add(spec, ready)

    @rule(spec=specs)
    def get_ephemeral(self, spec: EnvironmentSpec) -> None:
        """Build for one user, and keep it."""
        self._add(spec, self.shop.get(spec._replace(refresh=RefreshMode.EPHEMERAL)))

    @rule(spec=specs)
    def get_in_a_child(self, spec: EnvironmentSpec) -> None:
        """Let another process find or build it, and keep it."""
        reader, writer = os.pipe()

        def keep() -> None:
            with self.shop.get(spec):
                os.write(writer, b"x")
                time.sleep(600)

        pid = self._child(keep)
        os.close(writer)
        assert os.read(reader, 1) == b"x"
        os.close(reader)
        self.steps["get in a child"] += 1
        self.damaged.discard(self._key(spec))
        prefix = self._prefix(spec)
        self.users.append(User(spec, prefix, prefix.stat().st_ino, pid=pid))

    # No precondition: what is drawn must not depend on what processes did.
    @rule(number=st.integers(0, 100))
    def end_or_kill(self, number: int) -> None:
        """A user ends, if there is one; a child is killed."""
        if not self.users:
            return
        user = self.users.pop(number % len(self.users))
        self.steps["kill" if user.pid else "end"] += 1
        _end(user)

    @rule(spec=specs, delay=st.floats(0, 0.03))
    def kill_somebody_who_builds(self, spec: EnvironmentSpec, delay: float) -> None:
        """Start to get it, and die."""
        key = self._key(spec)
        before = _inode(self._prefix(spec))
        pid = self._child(lambda: self.shop.get(spec).close())
        time.sleep(delay)
        kill(pid)
        wait_for([pid])
        self.steps["kill a builder"] += 1
        if _inode(self._prefix(spec)) != before:
            self.damaged.discard(key)

    # -- prune, and damage ---------------------------------------------------------------------

    @rule(everything=st.booleans())
    def prune(self, everything: bool) -> None:
        """Remove what is old, or all that nobody uses."""
        prune(self.shop.context, everything=everything)
        self.steps["prune"] += 1
        held = {user.prefix for user in self.users}
        for spec in SPECS:
            prefix = self._prefix(spec)
            if everything and prefix not in held:
                assert not prefix.exists(), "it should have been pruned"
            if not prefix.exists():
                self.damaged.discard(prefix.name)

    @rule(spec=specs)
    def remove(self, spec: EnvironmentSpec) -> None:
        """Remove one, if nobody uses it."""
        held = self._prefix(spec) in {user.prefix for user in self.users}
        gone = self.shop.remove(spec)
        assert gone == (not held), f"held: {held}, gone: {gone}"
        self.steps["remove"] += 1
        if not held:
            self.damaged.discard(self._key(spec))

    @rule(spec=specs, way=st.sampled_from(WAYS), seed=st.integers(0, 1000))
    def tamper(self, spec: EnvironmentSpec, way: str, seed: int) -> None:
        """Damage a file; the full check finds it."""
        prefix, key = self._prefix(spec), self._key(spec)
        if key in self.damaged or not prefix.is_dir():
            return
        file = tamper(random.Random(seed), prefix, way)
        self.steps["tamper"] += 1
        # Linked files are damaged wherever they are linked.
        for other in filter(Path.is_dir, map(self._prefix, SPECS)):
            if _same(prefix / file, other / file):
                found = self.shop.context.store.verify(KIND, other.name)
                assert found or other.name in self.damaged, f"{way} {file} was not found"
                self.damaged.add(other.name)
        # Whoever holds one goes on with what is left of it.
        for user in [user for user in self.users if _same(prefix / file, user.prefix / file)]:
            self.users.remove(user)
            _end(user)

    @rule(years=st.sampled_from([-1, 0, 1]))
    def set_the_clock(self, years: int) -> None:
        """From now on it is a year earlier or later than it is."""
        real, offset = self.time, years * YEAR
        time.time = lambda: real() + offset
        self.steps["set the clock"] += 1

    # -- what must be so -----------------------------------------------------------------------

    @invariant()
    def what_is_there_is_right(self) -> None:
        """Environments under their keys, as their wheels say; but for those that were damaged."""
        for spec in SPECS:
            prefix = self._prefix(spec)
            if prefix.name not in self.damaged and prefix.is_dir():
                wrong = self.shop.oracle.check(prefix, imports=False)
                assert not wrong, f"there, and not damaged by us: {wrong}"

    @invariant()
    def what_is_held_is_there(self) -> None:
        """The very folder that its user was given."""
        for user in self.users:
            assert _inode(user.prefix) == user.inode, f"{user.prefix} was removed while it was used"
            key = self._key(user.spec)
            wrong = self.shop.oracle.check(user.prefix, key, imports=False)
            assert not wrong, f"in use: {wrong}"

    def teardown(self) -> None:
        """All end; then all can go."""
        time.time = self.time
        for user in self.users:
            _end(user)
        for spec in SPECS:
            assert self.shop.remove(spec), "all have ended, and it cannot be removed"
        self.shop.context.store.remove_leftovers()
        assert not self.shop.leftovers(), f"left behind: {self.shop.leftovers()}"

    def _add(self, spec: EnvironmentSpec, ready: Ready) -> None:
        prefix = Path(ready.environment.environment.prefix)
        self.users.append(User(spec, prefix, prefix.stat().st_ino, ready=ready))
        self.steps["get"] += 1

    def _child(self, action: Callable[[], object]) -> int:
        """Fork a process that has none of our leases."""

        def run() -> object:
            for user in self.users:
                if user.ready is not None:
                    user.ready.close()
            return action()

        return child(run)

    def _key(self, spec: EnvironmentSpec) -> str:
        return self.shop.keys[spec.requirements]

    def _prefix(self, spec: EnvironmentSpec) -> Path:
        return self.shop.root / "v1" / "environments" / self._key(spec)


def sequences(folder: str, examples: int, length: int) -> dict[str, Any]:
    """Run that many sequences of that many steps in one store."""
    Machine.shop = Workshop(Path(folder), modules=MODULES)
    Machine.shop.settings = replace(Machine.shop.settings, max_age=30)
    Machine.shop.get(SPECS[0]).close()
    quietly = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # kills are not repeated exactly, so nothing can be made smaller
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Machine, settings=quietly)
        wrong: list[str] = []
    except AssertionError as error:
        wrong = ["\n".join([str(error), *getattr(error, "__notes__", [])])]
    return {"sequences": examples, "steps": length, **Machine.steps, "violations": wrong}


def _end(user: User) -> None:
    if user.pid:
        kill(user.pid)
        wait_for([user.pid])
    elif user.ready is not None:
        user.ready.release()


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, or would if it were still there."""
    if not one.exists():
        one, other = one.parent, other.parent
    return one == other or (other.exists() and one.samefile(other))


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0
