"""Without a network: what is known works, and the error for what is not says what is missing."""

from dataclasses import replace

import pytest

from headstart.core.header.spec import ProvidedLock
from headstart.core.refresh import RefreshMode
from headstart.core.store.manifest import EnvironmentKind
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure
from headstart.environments.resolve.locking import lock_spec
from headstart.errors import IndexUnreachable
from headstart.testing.package_index import LocalIndex
from headstart.uv.runner import UvRunner
from tests.local_uv import local_settings, spec


def offline(context: Context) -> Context:
    settings = replace(context.settings, offline=True)
    return context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))


def locked(line: str, context: Context):
    """A spec with a lock; no wheel was downloaded for it."""
    lock = lock_spec(spec(line), context).lock
    return spec(line)._replace(
        lock=ProvidedLock(lock.render(), "the lock in the notebook's metadata")
    )


@pytest.mark.parametrize("with_lock", [False, True])
def test_a_filled_cache_is_enough(context, index, with_lock):
    asked = locked("beta", context) if with_lock else spec("beta")
    with ensure(asked, context) as ready:
        key = ready.environment.environment.key
    index.requests.clear()
    assert context.store.remove(EnvironmentKind.ENVIRONMENT, key)
    for name in context.store.parts.names():
        context.store.parts.discard(name)
    with ensure(asked, offline(context)) as ready:
        assert (ready.reused, ready.environment.environment.key) == (False, key)
    assert index.requests == []


def test_a_lock_whose_wheel_is_not_cached_names_the_package(context):
    ensure(spec("shared"), context).close()
    asked = locked("beta", context)
    with pytest.raises(IndexUnreachable) as raised:
        ensure(asked, offline(context))
    assert "offline" in raised.value.message
    assert any(f"{name}==1.0" in raised.value.message for name in ("alpha", "beta"))


def test_a_header_whose_package_is_not_known_names_it(context):
    ensure(spec("shared"), context).close()
    with pytest.raises(IndexUnreachable, match="offline, and alpha is not in uv's cache"):
        ensure(spec("alpha"), offline(context))


def test_a_package_that_another_one_needs_is_named(context):
    for line in ("shared", "forked"):
        ensure(spec(line), context).close()
    with pytest.raises(IndexUnreachable, match="offline, and beta is not in uv's cache"):
        ensure(spec("forked", "beta"), offline(context))


def test_without_anything_the_kernels_own_packages_are_what_is_missing(context):
    with pytest.raises(IndexUnreachable, match="offline, and ipykernel is not in uv's cache"):
        ensure(spec("alpha"), offline(context))


def test_an_ephemeral_environment_of_a_lock_needs_no_network_either(context, index):
    asked = locked("beta", context)._replace(refresh=RefreshMode.EPHEMERAL)
    ensure(asked, context).release()
    index.requests.clear()
    ensure(asked, offline(context)).release()
    assert index.requests == []


def test_an_index_that_is_away_is_named(settings, tmp_path, house):
    with LocalIndex(house) as index:
        context = open_context(local_settings(settings, tmp_path, index))
        ensure(spec("shared"), context).close()
        asked = locked("beta", context)
    with pytest.raises(IndexUnreachable) as raised:
        ensure(asked, context)
    assert index.url.removesuffix("/simple") in raised.value.message
