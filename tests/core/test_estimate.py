from __future__ import annotations

import json

import pytest

from headstart.core.estimate import MOST, Step, Timing, Work, estimate, read_timings

ALL = frozenset(Step)
PAST = [
    Timing(0.0, 1.0, 0.0, 4.0, 2.0, 40_000_000, 20),
    Timing(0.0, 3.0, 10.0, 2.0, 1.0, 20_000_000, 10),
    Timing(0.0, 2.0, 0.0, 1.0, 0.5, 10_000_000, 5),
]
"""10 MB a second, 10 packages a second, 2 s to resolve, 10 s for a layer."""


def without(*steps: Step) -> frozenset[Step]:
    return ALL - {Step.INTERPRETER, *steps}


def test_what_earlier_builds_took_says_what_this_one_takes() -> None:
    work = Work(without(), bytes=50_000_000, packages=30)
    assert estimate(work, PAST, {}, {}) == (0.0, pytest.approx(2 + 10 + 5 + 3))
    small = Work(without(Step.LAYER, Step.RESOLVE), bytes=50_000_000, packages=30)
    assert estimate(small, PAST, {}, {}) == (0.0, pytest.approx(5 + 3))


def test_a_step_has_the_share_that_it_has_in_the_time() -> None:
    work = Work(without(), bytes=50_000_000, packages=30)
    done = {Step.RESOLVE: 1.0, Step.LAYER: 1.0, Step.DOWNLOAD: 0.4}
    fraction, remaining = estimate(work, PAST, {}, done)
    assert fraction == pytest.approx(14 / 20)
    assert remaining == pytest.approx(6)


def test_time_counts_where_nothing_is_told_but_a_step_ends_by_its_end_alone() -> None:
    work = Work(frozenset({Step.RESOLVE, Step.INSTALL}), packages=20)
    assert estimate(work, PAST, {Step.RESOLVE: 1.0}, {})[0] == pytest.approx(1 / 4)
    fraction, remaining = estimate(work, PAST, {Step.RESOLVE: 100.0}, {})
    assert fraction == pytest.approx(1.9 / 4)
    assert remaining == pytest.approx(2.1)
    assert estimate(work, PAST, {}, {Step.RESOLVE: 1.0, Step.INSTALL: 1.0}) == (1.0, 0.0)


def test_without_earlier_builds_there_is_a_bar_and_no_time() -> None:
    fraction, remaining = estimate(Work(ALL), [], {}, {Step.INTERPRETER: 1.0, Step.RESOLVE: 1.0})
    assert 0.1 < fraction < 0.9
    assert remaining is None


def test_the_time_is_not_known_while_one_step_is_not() -> None:
    never = [timing._replace(layer=0.0) for timing in PAST]
    work = Work(without(), bytes=1, packages=1)
    assert estimate(work, never, {}, {})[1] is None
    assert estimate(work, never, {}, {Step.LAYER: 1.0})[1] is not None


def test_what_is_not_known_yet_is_as_it_mostly_was() -> None:
    work = Work(without(Step.LAYER))
    assert estimate(work, PAST, {}, {})[1] == pytest.approx(2 + 2 + 1)


def test_a_small_download_tells_nothing_of_the_speed() -> None:
    slow = [Timing(download=9.0, bytes=1000, packages=1, install=1.0)]
    work = Work(frozenset({Step.DOWNLOAD}), bytes=80_000_000)
    assert estimate(work, slow, {}, {})[1] is None
    assert estimate(work._replace(bytes=2000), slow, {}, {})[1] == pytest.approx(0.2)


def test_no_step_at_all_is_no_division() -> None:
    assert estimate(Work(frozenset()), PAST, {}, {}) == (0.0, 0.0)


def test_timings_are_read_back() -> None:
    assert read_timings(json.loads(json.dumps(PAST))) == tuple(PAST)


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "x",
        {},
        [1],
        [[1, 2]],
        [["1", 0, 0, 0, 0, 0, 0]],
        [[True, 0, 0, 0, 0, 0, 0]],
        [[-1, 0, 0, 0, 0, 0, 0]],
        [[float("nan"), 0, 0, 0, 0, 0, 0]],
        [[float("inf"), 0, 0, 0, 0, 0, 0]],
        [[1e9, 0, 0, 0, 0, 0, 0]],
    ],
)
def test_what_is_no_timing_is_left_out(damaged: object) -> None:
    assert read_timings(damaged) == ()


def test_only_the_last_ones_count() -> None:
    many = [list(Timing(resolve=float(number))) for number in range(MOST + 5)]
    assert [it.resolve for it in read_timings(many)] == [float(n) for n in range(5, MOST + 5)]
