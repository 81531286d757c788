from __future__ import annotations

from itertools import pairwise

import pytest

from headstart.core.estimate import MOST
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.pylock import Lock, LockedPackage, Wheel
from headstart.core.progress import READY, Phase, Progress
from headstart.core.refresh import RefreshMode
from headstart.environments import build_progress
from headstart.environments.build_progress import INTERVAL, BuildProgress
from headstart.environments.context import Context
from headstart.environments.facts import recall
from headstart.environments.ready import ensure
from headstart.store.store import Store
from tests.local_uv import spec, this_python

MB = 1_000_000


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A build whose events are kept."""

    def __init__(self, context: Context, **known: bool) -> None:
        self.clock, self.seen = Clock(), list[Progress]()
        known = {"resolves": True, "needs_layer": True, **known}
        inner = context._replace(report=self.seen.append)
        self.progress = BuildProgress(inner, **known, clock=self.clock)

    def tell(self, phase: Phase, seconds: float, **facts: int) -> Progress:
        """Report an event, and then let that time pass."""
        self.progress.context.report(Progress(phase, "Something", **facts))
        self.clock.now += seconds
        return self.seen[-1]

    def build(self, *sizes: int) -> None:
        """All of a build of wheels of these sizes; 10 MB and 10 packages a second."""
        self.tell(Phase.RESOLVE, 2.0)
        self.progress.expect(lock_of(*sizes), this_python())
        self.tell(Phase.LAYER, 10.0, bytes_done=0, bytes_total=5 * MB)
        self.tell(Phase.DOWNLOAD, sum(sizes) / (10 * MB), bytes_total=sum(sizes))
        self.tell(Phase.INSTALL, len(sizes) / 10)
        self.progress.finish(built=True)


def lock_of(*sizes: int) -> Lock:
    wheels = [Wheel(f"p{n}-1-py3-none-any.whl", "u", f"{n:064x}", s) for n, s in enumerate(sizes)]
    return Lock(tuple(LockedPackage(f"p{n}", "1", wheels=(w,)) for n, w in enumerate(wheels)))


def records(store: Store) -> list[list[float]]:
    return (recall(store, build_progress._DIGEST) or {"builds": []})["builds"]


def test_the_first_build_has_a_bar_and_later_ones_an_estimate(fake_context: Context) -> None:
    first = Watched(fake_context)
    first.build(40 * MB, 10 * MB)
    assert [it.remaining for it in first.seen[:-1]] == [None] * 4
    assert records(fake_context.store) == [[0.0, 2.0, 10.0, 5.0, 0.2, 50 * MB, 2]]
    second = Watched(fake_context)
    second.build(20 * MB)
    seconds = [it.remaining for it in second.seen]
    assert seconds == [pytest.approx(17.2), *map(pytest.approx, (12.2, 2.2, 0.2, 0.0))]
    assert [it.fraction for it in second.seen][::2] == [
        0.0,
        pytest.approx(12 / 14.2, abs=1e-3),
        1.0,
    ]


def test_the_bar_never_goes_back(fake_context: Context) -> None:
    Watched(fake_context).build(40 * MB, 10 * MB)
    build = Watched(fake_context, needs_layer=False, resolves=False)
    build.tell(Phase.RESOLVE, 5.0)
    build.tell(Phase.LAYER, 1.0)
    build.tell(Phase.RESOLVE, 1.0)
    build.progress.expect(lock_of(900 * MB, 10 * MB), this_python())
    build.tell(Phase.LAYER, 50.0)
    build.tell(Phase.DOWNLOAD, 5.0, bytes_done=800 * MB, bytes_total=910 * MB)
    build.tell(Phase.DOWNLOAD, 5.0, bytes_done=10 * MB, bytes_total=910 * MB)
    build.tell(Phase.INTERPRETER, 5.0)
    build.tell(Phase.INSTALL, 5.0)
    build.progress.finish(built=True)
    fractions = [it.fraction for it in build.seen]
    assert all(0 <= one <= other for one, other in pairwise(fractions))
    assert fractions[-2] < 1
    assert build.seen[-1] == READY


def test_the_bytes_are_those_of_all_of_it(fake_context: Context) -> None:
    build = Watched(fake_context)
    assert build.tell(Phase.RESOLVE, 1.0).bytes_total == 0
    build.progress.expect(lock_of(30 * MB, 10 * MB), this_python())
    seen = [
        build.tell(Phase.LAYER, 1.0),
        build.tell(Phase.LAYER, 1.0, bytes_done=2 * MB, bytes_total=5 * MB),
        build.tell(Phase.DOWNLOAD, 1.0, bytes_done=30 * MB, bytes_total=40 * MB),
        build.tell(Phase.INSTALL, 1.0),
    ]
    assert [(it.bytes_done, it.bytes_total) for it in seen] == [
        (0, 40 * MB),
        (2 * MB, 45 * MB),
        (35 * MB, 45 * MB),
        (45 * MB, 45 * MB),
    ]


def test_what_tells_nothing_for_a_while_still_moves(fake_context: Context) -> None:
    Watched(fake_context).build(40 * MB)
    build = Watched(fake_context)
    first = build.tell(Phase.RESOLVE, INTERVAL / 2)
    assert not build.progress.context.cancelled()
    assert len(build.seen) == 1
    build.clock.now += INTERVAL
    build.progress.context.cancelled()
    build.progress.context.cancelled()
    assert len(build.seen) == 2
    assert build.seen[-1].message == first.message
    assert build.seen[-1].fraction > first.fraction
    assert build.seen[-1].remaining < first.remaining


def test_nothing_is_told_before_the_first_event_or_after_the_last(fake_context: Context) -> None:
    build = Watched(fake_context)
    build.clock.now += 10
    build.progress.context.cancelled()
    assert build.seen == []
    build.build(MB)
    told = len(build.seen)
    build.clock.now += 10
    build.progress.context.cancelled()
    assert len(build.seen) == told


def test_a_cancelled_build_is_one(fake_context: Context) -> None:
    build = BuildProgress(
        fake_context._replace(cancelled=lambda: True), resolves=True, needs_layer=True
    )
    assert build.context.cancelled()


def test_a_local_extra_is_part_of_finding_out(fake_context: Context) -> None:
    build = Watched(fake_context, resolves=False)
    build.tell(Phase.INSTALL, 5.0)
    build.tell(Phase.DOWNLOAD, 5.0, bytes_total=MB)
    build.progress.expect(lock_of(MB), this_python())
    assert build.tell(Phase.LAYER, 5.0).fraction < 0.5
    build.tell(Phase.DOWNLOAD, 1.0)
    build.tell(Phase.INSTALL, 1.0)
    build.progress.finish(built=True)
    assert records(fake_context.store) == [[0.0, 10.0, 5.0, 1.0, 1.0, MB, 1]]


def test_who_waits_for_another_or_builds_nothing_remembers_nothing(fake_context: Context) -> None:
    waits = Watched(fake_context)
    waits.tell(Phase.WAIT, 20.0)
    waits.progress.finish(built=True)
    reuses = Watched(fake_context)
    reuses.tell(Phase.RESOLVE, 20.0)
    reuses.progress.finish(built=False)
    quick = Watched(fake_context)
    quick.tell(Phase.RESOLVE, 0.5)
    quick.progress.finish(built=True)
    assert records(fake_context.store) == []


def test_only_so_many_builds_are_remembered(fake_context: Context) -> None:
    for number in range(MOST + 3):
        Watched(fake_context).build(*[MB] * (number + 1))
    assert [it[-1] for it in records(fake_context.store)] == list(range(4, MOST + 4))


@pytest.mark.parametrize("asked", [spec("beta"), spec("alpha", refresh=RefreshMode.EPHEMERAL)])
def test_a_real_build_tells_of_the_whole(context: Context, asked: EnvironmentSpec) -> None:
    seen: list[Progress] = []
    ensure(asked, context._replace(report=seen.append)).release()
    assert all(it.fraction is not None for it in seen)
    assert [it.fraction for it in seen] == sorted(it.fraction for it in seen)
    assert seen[-1] == READY
    python = this_python().short_version
    layer = {it.message for it in seen if it.phase is Phase.LAYER}
    assert layer == {f"Preparing Python {python}, once"}
    assert Phase.COMPILE not in {it.phase for it in seen}, "that is the layer's"
    totals = [it.bytes_total for it in seen if it.bytes_total]
    sizes = [
        wheel.size for package in ensure(asked, context).lock.packages for wheel in package.wheels
    ]
    assert totals[-1] > sum(sizes) > 0, "the layer's too"
    assert seen[-2].bytes_done == seen[-2].bytes_total


def test_in_a_public_store_compiling_is_named(context: Context, house) -> None:
    seen: list[Progress] = []
    public = context._replace(store=Store(context.store.root, public=True), report=seen.append)
    ensure(spec("alpha"), public).close()
    assert (Phase.COMPILE, "Compiling bytecode") in {(it.phase, it.message) for it in seen}


def test_what_is_there_is_ready_at_once(context: Context) -> None:
    ensure(spec("alpha"), context).close()
    seen: list[Progress] = []
    ensure(spec("alpha"), context._replace(report=seen.append)).close()
    assert seen == [READY]
