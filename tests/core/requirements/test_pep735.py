"""Dependency groups: the examples of PEP 735, and what it asks of those who read them."""

from __future__ import annotations

import pytest

from headstart.core.requirements.pyproject import Project
from headstart.core.requirements.requirements_file import FileProblem

EXAMPLES = """
[dependency-groups]
test = ["pytest>7", "coverage"]
coverage = ["coverage[toml]"]
docs = ["sphinx", "sphinx-rtd-theme"]
typing = ["mypy", "types-requests"]
typing-test = [{include-group = "typing"}, {include-group = "test"}, "useful-types"]
group-a = ["foo"]
group-b = ["foo>1.0"]
group-c = ["foo<1.0"]
all = ["foo", {include-group = "group-a"}, {include-group = "group-b"}, {include-group="group-c"}]
conflict = [{include-group = "group-b"}, {include-group = "group-c"}]
"""


def requirements_of(group: str, text: str = EXAMPLES) -> list[str]:
    return [item.text for item in Project("pyproject.toml", text).of_groups([group])]


@pytest.mark.parametrize(
    "group, requirements",
    [
        ("test", ["pytest>7", "coverage"]),
        ("coverage", ["coverage[toml]"]),
        ("docs", ["sphinx", "sphinx-rtd-theme"]),
        ("typing-test", ["mypy", "types-requests", "pytest>7", "coverage", "useful-types"]),
        ("all", ["foo", "foo", "foo>1.0", "foo<1.0"]),
        ("conflict", ["foo>1.0", "foo<1.0"]),
    ],
)
def test_the_examples_of_the_standard_are_read(group: str, requirements: list[str]) -> None:
    assert requirements_of(group) == requirements


def test_only_the_groups_that_are_asked_for_have_to_mean_something() -> None:
    text = '[dependency-groups]\na = ["b"]\nbroken = [{set-phasers-to = "stun"}, 1]\n'
    assert requirements_of("a", text) == ["b"]
    with pytest.raises(FileProblem, match="odd item"):
        requirements_of("broken", text)


def test_groups_that_include_each_other_in_many_ways_take_linear_time() -> None:
    lines = [f'g{n} = [{{include-group = "g{n + 1}"}}, {{include-group = "g{n + 1}"}}]\n'
             for n in range(40)]  # fmt: skip
    text = f'[dependency-groups]\n{"".join(lines)}g40 = ["six"]\n'
    assert requirements_of("g0", text) == ["six"]


def test_groups_that_include_each_other_in_a_circle_are_refused() -> None:
    text = '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "A"}]\n'
    with pytest.raises(FileProblem, match='dependency group "a" includes itself'):
        requirements_of("a", text)
