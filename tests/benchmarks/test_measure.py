"""The yardstick itself."""

from __future__ import annotations

from tests.benchmarks.measure import Sample, by_turns, compare


def test_contenders_take_turns_and_the_warm_up_is_not_counted() -> None:
    calls: list[str] = []

    def contender(name: str):
        return lambda: calls.append(name) or float(len(calls))

    samples = by_turns({"a": contender("a"), "b": contender("b")}, rounds=4, warm_up=2)
    assert calls.count("a") == calls.count("b") == 6
    assert calls[:4] == ["b", "a", "a", "b"]
    assert len(samples["a"].seconds) == 4
    assert min(samples["a"].seconds + samples["b"].seconds) == 5.0


def test_a_comparison_names_ratio_budget_and_spread() -> None:
    slow, quick = Sample((0.2, 0.3, 0.25)), Sample((0.1, 0.1, 0.1))
    text = compare("Start", slow, quick, budget=1.2)
    assert "2.50" in text
    assert "budget 1.20: NOT KEPT" in text
    assert "all 200.0 to 300.0, n=3" in text
    assert "budget 1.20: kept" in compare("Start", quick, slow, budget=1.2)
