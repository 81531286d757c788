from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from headstart.core.store.accounting import Amount, Share, total
from headstart.core.store.retention import (
    CACHES,
    DAY,
    ENVIRONMENTS,
    Item,
    ItemKind,
    Limits,
    Pruning,
    Reason,
    Stay,
    plan_pruning,
)

NOW = 1e9
WIDE = Limits(quota=Amount(10**12, 10**9))


def environment(key: str, days: float, **fields) -> Item:
    return Item(ItemKind.ENVIRONMENT, key, NOW - days * DAY, **fields)


def wheel(key: str, days: float, kind: ItemKind = ItemKind.WHEEL) -> Item:
    return Item(kind, key, NOW - days * DAY)


def share(size: int, *holders: Item) -> Share:
    return Share(frozenset(item.name for item in holders), Amount(size, 1))


def plan(items, shares=(), limits: Limits = WIDE, **options) -> Pruning:
    return plan_pruning(items, shares, limits, **{"free": 10**12, "now": NOW, **options})


def removed(pruning: Pruning) -> list[tuple[str, Reason]]:
    return [(removal.item.key, removal.reason) for removal in pruning.removals]


def quota(size: int) -> Limits:
    return replace(WIDE, quota=Amount(size, 10**9))


def staying(pruning: Pruning) -> dict[str, tuple[Stay, int, int]]:
    return {it.item.key: (it.reason, it.own.size, it.shared.size) for it in pruning.staying}


# -- examples -------------------------------------------------------------------------------------


def test_a_store_within_its_limits_keeps_everything() -> None:
    old = environment("old", 10_000)
    assert removed(plan([old], [share(10**9, old)])) == []


def test_it_is_said_why_what_stays_stays_and_which_limit_is_not_kept() -> None:
    part, lock = wheel("part", 9), wheel("lock", 0, ItemKind.LOCK)
    used = environment("used", 3, in_use=True, needs=frozenset({part.name}))
    kept, recent = environment("kept", 3, kept=True), environment("recent", 0)
    old = environment("old", 3)
    shares = [share(7, used, part), share(3, used), share(5, kept), share(2, recent), share(1, old)]
    pruning = plan([part, used, kept, recent, old, lock], shares, quota(16))
    assert removed(pruning) == [("old", Reason.QUOTA_BYTES)]
    assert pruning.pressure is Reason.QUOTA_BYTES
    assert staying(pruning) == {
        "used": (Stay.USED, 3, 7),
        "part": (Stay.NEEDED, 0, 7),
        "kept": (Stay.KEPT, 5, 0),
        "recent": (Stay.RECENT, 2, 0),
    }
    assert plan([used, kept, part], shares, quota(99)).pressure is None


def test_the_least_recently_used_go_until_the_quota_is_kept() -> None:
    items = [environment("new", 1), environment("oldest", 3), environment("old", 2)]
    pruning = plan(items, [share(10, item) for item in items], quota(15))
    assert removed(pruning) == [("oldest", Reason.QUOTA_BYTES), ("old", Reason.QUOTA_BYTES)]
    assert (pruning.before.size, pruning.after.size) == (30, 10)


def test_inodes_and_free_space_press_too() -> None:
    items = [environment("a", 2), environment("b", 1)]
    shares = [share(10, item) for item in items]
    inodes = replace(WIDE, quota=Amount(10**9, 1))
    assert removed(plan(items, shares, inodes)) == [("a", Reason.QUOTA_INODES)]
    reserve = replace(WIDE, reserve=15)
    assert removed(plan(items, shares, reserve, free=6)) == [("a", Reason.RESERVE)]


def test_what_is_used_pinned_or_new_stays_whatever_presses() -> None:
    items = [
        environment("used", 9, in_use=True),
        environment("kept", 9, kept=True),
        environment("new", 0.001),
    ]
    shares = [share(10, item) for item in items]
    assert removed(plan(items, shares, replace(quota(1), max_age=DAY))) == []
    assert removed(plan(items, shares, everything=True)) == [("new", Reason.ASKED)]


def test_what_is_damaged_goes_even_if_it_is_pinned_but_not_while_it_is_used() -> None:
    items = [
        environment("kept", 0, damaged=True, kept=True),
        environment("used", 9, damaged=True, in_use=True),
    ]
    assert removed(plan(items)) == [("kept", Reason.DAMAGED)]


def test_age_is_a_limit_only_if_there_is_one() -> None:
    items = [environment("a", 31), environment("b", 29)]
    assert removed(plan(items, limits=replace(WIDE, max_age=30 * DAY))) == [("a", Reason.AGE)]


def test_an_environment_is_followed_by_what_it_alone_was_made_of() -> None:
    wheels = [wheel("mine", 100), wheel("common", 100), wheel("mine", 100, ItemKind.DOWNLOAD)]
    needs = {"old": {wheels[0].name, wheels[1].name, wheels[2].name}, "new": {wheels[1].name}}
    old, new = (
        environment(key, days, needs=frozenset(needs[key]))
        for key, days in (("old", 3), ("new", 0))
    )
    shares = [share(50, old, wheels[0], wheels[2]), share(40, old, new, wheels[1]), share(1, old)]
    pruning = plan([*wheels, new, old], shares, quota(45))
    assert [removal.item.name for removal in pruning.removals] == [
        "environment/old",
        "wheel/mine",
        "download/mine",
    ]
    assert [removal.frees.size for removal in pruning.removals] == [1, 0, 50]


def test_caches_and_locks_that_no_environment_needs_go_in_time() -> None:
    items = [
        wheel("old", 31),
        wheel("new", 29),
        wheel("old", 31, ItemKind.DOWNLOAD),
        wheel("forgotten", 181, ItemKind.LOCK),
        wheel("kept", 181, ItemKind.LOCK),
        environment("it", 181, needs=frozenset({"lock/kept"})),
    ]
    unneeded = [("forgotten", Reason.UNNEEDED), *[("old", Reason.UNNEEDED)] * 2]
    assert removed(plan(items)) == unneeded


def test_downloads_of_what_is_used_go_only_where_that_makes_room() -> None:
    linked, copied = (wheel(key, 50, ItemKind.DOWNLOAD) for key in ("linked", "copied"))
    used = environment("it", 50, in_use=True, needs=frozenset({linked.name, copied.name}))
    shares = [share(10, used, linked), share(10, used), share(10, copied)]
    assert removed(plan([linked, copied, used], shares, quota(1))) == [
        ("copied", Reason.QUOTA_BYTES)
    ]


def test_downloads_go_before_environments() -> None:
    old, download = environment("old", 9), wheel("new", 1, ItemKind.DOWNLOAD)
    shares = [share(10, old), share(10, download)]
    assert removed(plan([old, download], shares, quota(15))) == [("new", Reason.QUOTA_BYTES)]


def test_a_clock_that_was_wrong_keeps_nothing_for_good() -> None:
    future = environment("future", -400)
    assert removed(plan([future], [share(9, future)], quota(1))) == [("future", Reason.QUOTA_BYTES)]


# -- properties -----------------------------------------------------------------------------------

KEYS = st.sampled_from("abcdef")


@st.composite
def stores(draw):
    """Items with what they are made of, and shares of them."""
    caches = [wheel(key, 0, kind) for key in "xy" for kind in (ItemKind.WHEEL, ItemKind.DOWNLOAD)]
    names = [cache.name for cache in caches]
    items = [
        Item(
            draw(st.sampled_from([ItemKind.ENVIRONMENT, ItemKind.LAYER])),
            key,
            NOW - draw(st.floats(-100, 100)) * DAY,
            *[draw(st.booleans()) and draw(st.booleans()) for _ in range(3)],
            needs=frozenset(draw(st.sets(st.sampled_from(names)))),
        )
        for key in draw(st.sets(KEYS))
    ]
    items += [
        replace(cache, last_used=NOW - draw(st.floats(0, 100)) * DAY)
        for cache in caches
        if draw(st.booleans())
    ]
    every = [item.name for item in items] + ["the rest"]
    shares = [
        Share(frozenset(holders), Amount(draw(st.integers(1, 50)), draw(st.integers(1, 5))))
        for holders in draw(st.sets(st.frozensets(st.sampled_from(every), min_size=1), max_size=9))
    ]
    return items, shares


@st.composite
def limits(draw) -> Limits:
    return Limits(
        quota=Amount(draw(st.integers(0, 300)), draw(st.integers(0, 40))),
        reserve=draw(st.integers(0, 200)),
        max_age=draw(st.sampled_from([0.0, 30 * DAY])),
    )


@given(stores(), limits(), st.integers(0, 100), st.booleans())
def test_nothing_goes_that_has_to_stay(store, limits, free, everything) -> None:
    items, shares = store
    pruning = plan(items, shares, limits, free=free, everything=everything)
    left = {item.name for item in items} - {removal.item.name for removal in pruning.removals}
    needed = {name for item in items if item.name in left for name in item.needs}
    for removal in pruning.removals:
        item = removal.item
        assert not item.in_use
        assert item.damaged or not item.kept
        assert item.kind is not ItemKind.WHEEL or item.name not in needed


@given(stores(), limits(), st.integers(0, 100))
def test_what_is_left_after_it_is_counted_right(store, limits, free) -> None:
    items, shares = store
    pruning = plan(items, shares, limits, free=free)
    removed_names = {removal.item.name for removal in pruning.removals}
    assert pruning.before == total(shares)
    assert pruning.after == total(it for it in shares if it.holders - removed_names)
    assert total(Share(frozenset(), it.frees) for it in pruning.removals) == (
        pruning.before - pruning.after
    )


@given(stores(), limits(), st.integers(0, 100))
def test_a_limit_that_is_not_kept_has_nothing_left_to_take(store, limits, free) -> None:
    items, shares = store
    pruning = plan(items, shares, limits, free=free)
    removed_names = {removal.item.name for removal in pruning.removals}
    kept = (
        pruning.after.size <= limits.quota.size
        and pruning.after.inodes <= limits.quota.inodes
        and free + pruning.before.size - pruning.after.size >= limits.reserve
    )
    idle = [
        item
        for item in items
        if item.kind in ENVIRONMENTS and not (item.in_use or item.kept)
        if abs(NOW - item.last_used) >= limits.recent
    ]
    assert kept or all(item.name in removed_names for item in idle)


@given(stores(), limits(), st.integers(0, 100))
def test_nothing_goes_for_room_that_need_not(store, limits, free) -> None:
    items, shares = store
    pruning = plan(items, shares, limits, free=free)
    pressed = {Reason.QUOTA_BYTES, Reason.QUOTA_INODES, Reason.RESERVE}
    for_room = [removal for removal in pruning.removals if removal.reason in pressed]
    if for_room:
        but_one = {it.item.name for it in pruning.removals} - {for_room[-1].item.name}
        left = total(it for it in shares if it.holders - but_one)
        assert (
            left.size > limits.quota.size
            or left.inodes > limits.quota.inodes
            or free + pruning.before.size - left.size < limits.reserve
        )
    used = [it.item.last_used for it in for_room if it.item.kind in ENVIRONMENTS]
    assert used == sorted(used), "the least recently used first"


@given(stores(), limits(), st.integers(0, 100))
def test_what_was_pruned_need_not_be_pruned_again(store, limits, free) -> None:
    items, shares = store
    pruning = plan(items, shares, limits, free=free)
    removed_names = {removal.item.name for removal in pruning.removals}
    left = [
        Share(it.holders - removed_names, it.amount) for it in shares if it.holders - removed_names
    ]
    again = plan(
        [item for item in items if item.name not in removed_names],
        left,
        limits,
        free=free + pruning.before.size - pruning.after.size,
    )
    # What an environment was made of was used when it was; that is not known any more.
    assert {removal.item.kind for removal in again.removals} <= CACHES
