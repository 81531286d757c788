from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.store.retention import DAY, ItemKind, Reason
from headstart.environments.context import Context
from headstart.environments.ready import Ready, ensure
from headstart.environments.upkeep.gc import Pruned, prune
from headstart.errors import BuildTimeout
from headstart.store.layout import Layout
from headstart.store.upkeep import Upkeep
from headstart.testing.fake_uv import FakeUv
from tests.local_uv import spec


def built(context: Context, requirement: str, days: float) -> Ready:
    """An environment that was last used so many days ago, and its layer; the leases are held."""
    ready = ensure(spec(requirement), context)
    for leased in (ready.environment, ready.layer):
        when = time.time() - days * DAY
        os.utime(Layout(context.store.root).lease(leased.environment.key), (when, when))
    return ready


def key_of(ready: Ready) -> str:
    return ready.environment.environment.key


def with_limits(context: Context, **limits) -> Context:
    return context._replace(settings=replace(context.settings, **{"reserve": 0, **limits}))


def gone(found: Pruned) -> dict[str, Reason]:
    return {removal.item.key: removal.reason for removal in found.pruning.removals}


def cached(context: Context) -> set[str]:
    """The packages that uv's cache holds."""
    archives = context.store.uv_cache.glob("archive-*/*/*.dist-info")
    return {path.name.partition("-")[0] for path in archives}


def works(ready: Ready, module: str) -> bool:
    python = ready.environment.environment.python
    return subprocess.run([python, "-c", f"import {module}"]).returncode == 0


def test_a_store_within_its_limits_is_left_as_it_is(context: Context) -> None:
    built(context, "alpha", days=100).close()
    found = prune(context)
    assert (gone(found), found.leftovers, found.problem) == ({}, (), "")


def test_the_least_recently_used_goes_with_what_was_kept_for_it_alone(context: Context) -> None:
    old, new = built(context, "beta", days=3), built(context, "helper", days=0)
    old.close()
    for archive in context.store.uv_cache.glob("archive-*/*"):
        os.utime(archive, (1, 1))
    everything = prune(with_limits(context, quota_bytes=0), dry_run=True).pruning
    size = everything.before.size - everything.removals[0].frees.size - 1
    assert list(gone(prune(with_limits(context, quota_bytes=size)))) == [key_of(old), "alpha/1.0"]
    assert not Path(old.environment.environment.prefix).exists()
    assert cached(context) == {"beta", "helper", "shared", "ipykernel"}
    assert sum(share.amount.size for share in Upkeep(context.store.root).shares()) <= size
    assert works(new, "helper")


def test_what_a_kernel_uses_stays_and_works(context: Context) -> None:
    used = built(context, "beta", days=900)
    for everything in (False, True):
        found = prune(with_limits(context, quota_bytes=0, max_age=1.0), everything=everything)
        assert not gone(found).keys() & {key_of(used), used.layer.environment.key}
    assert works(used, "beta, alpha")
    used.close()
    assert key_of(used) in gone(prune(context, everything=True))


def test_everything_goes_and_can_be_had_again(context: Context) -> None:
    built(context, "beta", days=0).close()
    found = prune(context, everything=True)
    assert set(gone(found).values()) == {Reason.ASKED}
    assert context.store.entries() == []
    assert cached(context) == set()
    with built(context, "beta", days=0) as again:
        assert not again.reused
        assert works(again, "beta, alpha")


def test_what_is_pinned_stays(context: Context) -> None:
    kept, other = built(context, "alpha", days=9), built(context, "helper", days=9)
    Upkeep(context.store.root).keep(key_of(kept))
    for ready in (kept, other):
        ready.close()
    prune(context, everything=True)
    assert [entry.key for entry in context.store.entries()] == [key_of(kept)]
    assert works(kept, "alpha")


def test_a_dry_run_says_the_same_and_changes_nothing(context: Context) -> None:
    built(context, "alpha", days=9).close()
    limits = with_limits(context, quota_bytes=0)
    before = sorted(context.store.root.rglob("*"))
    told = prune(limits, dry_run=True)
    assert sorted(context.store.root.rglob("*")) == before
    assert gone(told) == gone(prune(limits)) != {}


def test_environments_have_an_age_limit_if_one_is_set(fake_context: Context) -> None:
    old, new = built(fake_context, "alpha", days=31), built(fake_context, "helper", days=29)
    old.close()
    new.close()
    assert gone(prune(with_limits(fake_context, max_age=30.0))) == {key_of(old): Reason.AGE}


def test_a_dead_ephemeral_environment_goes_whatever_the_limits(fake_context: Context) -> None:
    store = fake_context.store
    with built(fake_context, "alpha", days=0) as ready:
        leased = store.build_ephemeral(
            lambda prefix: _copied(Path(ready.environment.environment.prefix), prefix, ready)
        )
    name = f"ephemeral/{leased.environment.key}"
    assert prune(fake_context).leftovers == ()
    leased.close()
    assert prune(fake_context, dry_run=True).leftovers == (name,)
    assert prune(fake_context).leftovers == (name,)


def _copied(source: Path, prefix: Path, ready: Ready):
    subprocess.run(["cp", "-a", source, prefix], check=True)
    (prefix / "headstart.json").unlink()
    return ready.environment.environment.manifest


def test_a_cache_that_uv_cannot_prune_is_no_reason_to_stop(
    fake_context: Context, fake: FakeUv
) -> None:
    built(fake_context, "alpha", days=9).close()
    fake_context.store.uv_cache.mkdir()
    fake.failures["prune-cache"] = BuildTimeout("It took too long.")
    found = prune(fake_context, everything=True)
    assert found.problem == "It took too long."
    assert fake_context.store.entries() == []


def test_who_begins_to_use_it_meanwhile_keeps_it(fake_context: Context) -> None:
    ready = built(fake_context, "alpha", days=9)
    ready.close()
    taken: list[Ready] = []

    def take_it() -> bool:
        if not taken:
            taken.append(ensure(spec("alpha"), fake_context))
        return False

    found = prune(fake_context._replace(cancelled=take_it), everything=True)
    kept = {item.key for item in found.kept if item.kind is not ItemKind.WHEEL}
    assert kept == {key_of(ready), ready.layer.environment.key}
    assert works(taken[0], "alpha")


@pytest.mark.parametrize("everything", [True, False])
def test_a_store_that_is_not_there_has_nothing_to_prune(context: Context, everything) -> None:
    assert gone(prune(context, everything=everything)) == {}
    assert not Layout(context.store.root).version.exists()
