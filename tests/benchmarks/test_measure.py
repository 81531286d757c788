"""The yardstick itself."""

from __future__ import annotations

from tests.benchmarks.measure import Sample, by_turns
from tests.benchmarks.rows import Row


def test_contenders_take_turns_and_the_warm_up_is_not_counted() -> None:
    calls: list[str] = []

    def contender(name: str):
        return lambda: calls.append(name) or float(len(calls))

    samples = by_turns({"a": contender("a"), "b": contender("b")}, rounds=4, warm_up=2)
    assert calls.count("a") == calls.count("b") == 6
    assert calls[:4] == ["b", "a", "a", "b"]
    assert len(samples["a"].figures) == 4
    assert min(samples["a"].figures + samples["b"].figures) == 5.0


def test_what_is_to_be_done_before_each_run_is_done_before_those_of_the_warm_up_too() -> None:
    calls: list[str] = []
    by_turns({"a": lambda: calls.append("run") or 1.0}, 2, 1, before=lambda: calls.append("sync"))
    assert calls == ["sync", "run"] * 3


def test_each_round_has_a_ratio_and_their_median_counts() -> None:
    row = Row("start", Sample((1.0, 2.0, 9.0)), "plain", Sample((2.0, 4.0, 6.0)), budget=0.5)
    assert row.ratio is not None
    assert row.ratio.figures == (0.5, 0.5, 1.5)
    assert row.ratio.median == 0.5
    assert row.ratio.half == (0.5, 1.0)
    assert row.kept


def test_a_row_keeps_its_budget_and_its_limit_or_neither() -> None:
    ours, theirs = Sample((0.012,)), Sample((0.010,))
    assert Row("decision", ours, "few", theirs, budget=1.3, limit=15).kept
    assert Row("decision", ours, "few", theirs, budget=1.3, limit=10).kept is False
    assert Row("decision", ours, "few", theirs, budget=1.1, limit=15).kept is False
    assert Row("decision", ours, "few", theirs).kept is None


def test_one_figure_has_no_spread() -> None:
    assert Sample((0.3,)).half == (0.3, 0.3)
