from __future__ import annotations

from headstart.core.store.accounting import Amount, Share, own_and_shared, total


def test_each_share_counts_once() -> None:
    shares = [Share(frozenset("ab"), Amount(10, 1)), Share(frozenset("a"), Amount(5, 2))]
    assert total(shares) == Amount(15, 3)


def test_what_is_shared_is_told_from_what_is_ones_own() -> None:
    shares = [
        Share(frozenset({"a", "b", "cache"}), Amount(100, 1)),
        Share(frozenset({"a", "cache"}), Amount(10, 1)),
        Share(frozenset({"b"}), Amount(1, 1)),
        Share(frozenset({"cache"}), Amount(1000, 1)),
    ]
    assert own_and_shared(shares, frozenset("abc")) == {"a": (10, 100), "b": (1, 100), "c": (0, 0)}
