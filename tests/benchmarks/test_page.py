"""What is written about the figures."""

from __future__ import annotations

from tests.benchmarks.measure import Sample
from tests.benchmarks.page import HOW_MEASURED, HOW_TO_READ, INTRODUCTION, PAGE, page, table
from tests.benchmarks.rows import SHORT, Missing, Plan, Row

SLOW, QUICK = Sample((0.2, 0.3, 0.25)), Sample((0.1, 0.1, 0.1))


def test_a_table_has_ratio_spread_and_budget() -> None:
    text = table([Row("zygote", QUICK, "plain", SLOW, budget=0.2, stretch=0.17)])
    assert "**0.4**" in text
    assert "0.367 to 0.45" in text
    assert "≤ 0.2, hoped for 0.17" in text
    assert text.endswith("| **no** |")


def test_a_table_says_what_was_not_measured_and_why() -> None:
    text = table([Missing("pixi-kernel", "there is no pixi on the PATH")])
    assert text == "Not measured:\n\n- *pixi-kernel*: there is no pixi on the PATH."


def test_a_table_that_does_not_judge_has_no_budgets() -> None:
    text = table([Row("zygote", QUICK, "plain", SLOW, budget=0.2)], judged=SHORT.judges)
    assert "**0.4**" in text
    assert "budget" not in text
    assert "no" not in text


def test_bytes_and_limits_are_shown_in_their_units() -> None:
    text = table([Row("memory", Sample((20e6,)), limit=25, unit="MB")])
    assert "| 20 MB " in text
    assert "| ≤ 25 MB | yes " in text


def test_the_page_has_the_machine_the_results_and_how_they_came_about() -> None:
    results = {"Starts": [Row("zygote", QUICK, "plain", SLOW)]}
    text = page(results, {"processor": "2 × some", "load before": "0.1"}, Plan())
    assert "| processor | 2 × some |" in text
    assert "### Starts" in text
    assert "pandas and matplotlib" in text
    assert "Nothing left to write" in text


def test_the_page_of_a_short_run_says_that_it_was_one() -> None:
    assert "short run" in page({}, {}, SHORT)
    assert "short run" not in page({}, {}, Plan())


def test_the_page_in_the_docs_says_how_it_is_measured_now() -> None:
    text = PAGE.read_text()
    assert all(part in text for part in (INTRODUCTION, HOW_TO_READ, HOW_MEASURED))
