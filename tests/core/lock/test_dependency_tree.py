"""The tree of what asks for what."""

from __future__ import annotations

from itertools import pairwise

from headstart.core.lock.dependency_tree import Tree


def shown(versions: str, required_by: dict[str, tuple[str, ...]], *direct: str) -> list[str]:
    return list(Tree.of(dict.fromkeys(versions, "1"), required_by, frozenset(direct)).lines())


def test_what_is_required_stands_below_what_requires_it() -> None:
    by = {"b": ("a",), "c": ("a",), "d": ("b",)}
    assert shown("abcde", by, "a", "e") == [
        "a 1", "├── b 1", "│   └── d 1", "└── c 1", "e 1"
    ]  # fmt: skip


def test_what_was_shown_is_not_shown_again() -> None:
    by = {"c": ("a", "b"), "d": ("c",)}
    assert shown("abcd", by, "a", "b") == [
        "a 1", "└── c 1", "    └── d 1", "b 1", "└── c 1 (*)"
    ]  # fmt: skip


def test_a_circle_ends() -> None:
    assert shown("ab", {"a": ("b",), "b": ("a",)}, "a") == ["a 1", "└── b 1", "    └── a 1 (*)"]


def test_nothing_is_left_out() -> None:
    assert shown("abc", {"c": ("b",)}, "a") == ["a 1", "b 1", "└── c 1"]
    assert shown("ab", {"a": ("b", "x"), "b": ("a",)}) == ["a 1", "└── b 1", "    └── a 1 (*)"]


def test_a_long_chain_is_no_obstacle() -> None:
    names = [f"p{number:04}" for number in range(3000)]
    by = {name: (parent,) for parent, name in pairwise(names)}
    tree = Tree.of(dict.fromkeys(names, "1"), by, frozenset(names[:1]))
    assert len(list(tree.lines())) == 3000
