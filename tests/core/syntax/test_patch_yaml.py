from __future__ import annotations

import pytest

from headstart.core.syntax.patch_yaml import patch_yaml
from headstart.core.syntax.values import REMOVE, Remove, Value
from headstart.core.syntax.yaml_tree import YamlProblem, parse_yaml

REFRESH, DEPENDENCIES = ("headstart", "refresh"), ("headstart", "dependencies")


@pytest.mark.parametrize(
    "before, value, after",
    [
        ("a: 1\nheadstart:\n    dependencies: x # y\nb: 2\n", True,
         "a: 1\nheadstart:\n    dependencies: x # y\n    refresh: true\nb: 2\n"),
        ("headstart:\n  refresh: false  # why\n  dependencies: x\n", True,
         "headstart:\n  refresh: true  # why\n  dependencies: x\n"),
        ("headstart:\n  dependencies: x\n  refresh: yes # why\n\nb: 2\n", REMOVE,
         "headstart:\n  dependencies: x\n\nb: 2\n"),
        ("headstart: {dependencies: x}  # c\n", True,
         "headstart: {dependencies: x, refresh: true}  # c\n"),
        ("headstart: {refresh: true, dependencies: x}\n", REMOVE, "headstart: {dependencies: x}\n"),
        ("headstart: {dependencies: x, refresh: true}\n", REMOVE, "headstart: {dependencies: x}\n"),
        ("headstart: {}\n", True, "headstart: {refresh: true}\n"),
        ("headstart: numpy pandas>=2  # c\nb: 1\n", True,
         "headstart:\n  dependencies: numpy pandas>=2  # c\n  refresh: true\nb: 1\n"),
        ("headstart:\n- numpy # c\n- pandas\nb: 1\n", True,
         "headstart:\n  dependencies:\n  - numpy # c\n  - pandas\n  refresh: true\nb: 1\n"),
        ("headstart: |\n  numpy\n  pandas\n", True,
         "headstart:\n  dependencies: |\n    numpy\n    pandas\n  refresh: true\n"),
        ("x: !a &b [*c]\nheadstart:\n  dependencies:\n    - x\n", True,
         "x: !a &b [*c]\nheadstart:\n  dependencies:\n    - x\n  refresh: true\n"),
    ],
)  # fmt: skip
def test_a_field_is_set_and_taken_away(before: str, value: Value | Remove, after: str) -> None:
    assert patch_yaml(before, REFRESH, value, alone="dependencies") == after


@pytest.mark.parametrize(
    "before, value, after",
    [
        ("headstart:\n  dependencies:\n    - numpy # c\n    - 'x'\nb: 1\n", ["numpy", "y", "x"],
         "headstart:\n  dependencies:\n    - numpy # c\n    - y\n    - 'x'\nb: 1\n"),
        ("headstart:\n  dependencies:\n    - numpy # c\n    - x\n", ["numpy==2", "x"],
         "headstart:\n  dependencies:\n    - numpy==2 # c\n    - x\n"),
        ("headstart:\n  dependencies:\n    - numpy # c\n    - x\n", ["x"],
         "headstart:\n  dependencies:\n    - x\n"),
        ("headstart:\n  dependencies: ['numpy', 'x'] # c\n", ["numpy", "x", "pandas>=2,<3"],
         "headstart:\n  dependencies: ['numpy', 'x', 'pandas>=2,<3'] # c\n"),
        ("headstart:\n  dependencies: [numpy]\n", ["numpy", "pandas>=2,<3"],
         'headstart:\n  dependencies: [numpy, "pandas>=2,<3"]\n'),
        ("headstart:\n  dependencies: []\n", ["numpy"], "headstart:\n  dependencies: [numpy]\n"),
        ("headstart:\n  dependencies: [ # c\n  ]\n", ["numpy"],
         "headstart:\n  dependencies: [ # c\n      numpy,\n  ]\n"),
        ("headstart:\n  dependencies:\n  - numpy\nb: 1\n", [],
         "headstart:\n  dependencies: []\nb: 1\n"),
        ("headstart:\n- numpy\n", [], "headstart: []\n"),
        ("headstart: [ # c\n  ]\n", ["numpy"], "headstart: [ # c\n      numpy,\n  ]\n"),
        ("headstart:\n  dependencies: |\n    # all\n    numpy\n  refresh: no\n",
         "# all\nnumpy\nx\n",
         "headstart:\n  dependencies: |\n    # all\n    numpy\n    x\n  refresh: no\n"),
        ("headstart:\n  dependencies: numpy\n", "numpy x", "headstart:\n  dependencies: numpy x\n"),
        ("headstart:\n  dependencies: 'numpy'\n", "numpy, x",
         "headstart:\n  dependencies: 'numpy, x'\n"),
        ("headstart: [a]\n", ["a", "b"], "headstart: [a, b]\n"),
        ("headstart:\n- a # c\n", ["a", "b"], "headstart:\n- a # c\n- b\n"),
        ("headstart: a # c\n", "a b", "headstart: a b # c\n"),
    ],
)  # fmt: skip
def test_dependencies_are_edited_in_their_layout(before: str, value: Value, after: str) -> None:
    assert patch_yaml(before, DEPENDENCIES, value, alone="dependencies") == after


@pytest.mark.parametrize(
    "text", ["3.10", "true", "2026-01-31", "a: b", "x #y", " x", "é", "*a", ""]
)
def test_a_text_stays_a_text(text: str) -> None:
    after = patch_yaml(
        "headstart:\n  refresh: true\n", ("headstart", "x"), text, alone="dependencies"
    )
    value = parse_yaml(after).member("headstart")
    assert value is not None
    assert value.value()["x"] == text


@pytest.mark.parametrize(
    "text",
    ["headstart: [\n", "a: 1\n", "headstart: {refresh: true, refresh: false}\n"],
)
def test_what_cannot_be_edited_is_refused(text: str) -> None:
    with pytest.raises(YamlProblem):
        patch_yaml(text, REFRESH, REMOVE, alone="dependencies")
