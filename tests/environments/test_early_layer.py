from __future__ import annotations

from dataclasses import replace

from headstart.core.header.spec import ProvidedLock
from headstart.core.lock.pylock import Lock
from headstart.core.refresh import RefreshMode
from headstart.core.store.manifest import EnvironmentKind
from headstart.environments.build.layers import layer_for
from headstart.environments.context import Context
from headstart.environments.early_layer import layer_at_hand, suits
from headstart.environments.ready import Ready, ensure
from headstart.testing.fake_uv import FakeUv
from tests.local_uv import local_settings, spec, this_python


def key_at_hand(asked, context: Context) -> str | None:
    layer = layer_at_hand(asked, context)
    if layer is None:
        return None
    with layer:
        return layer.environment.key


def test_an_empty_store_has_none(fake_context: Context, fake: FakeUv) -> None:
    assert key_at_hand(spec("alpha"), fake_context) is None
    assert fake.commands == []


def test_the_shared_layer_serves_what_is_not_known_yet(fake_context: Context, fake) -> None:
    with layer_for(Lock(), this_python(), fake_context) as common:
        key = common.environment.key
    fake.commands.clear()
    assert key_at_hand(spec("alpha"), fake_context) == key
    assert key_at_hand(spec(), fake_context) == key
    assert key_at_hand(spec("alpha", refresh=RefreshMode.EPHEMERAL), fake_context) == key
    assert fake.commands == []


def test_the_layer_of_the_remembered_lock_comes_first(context: Context, fake: FakeUv) -> None:
    with ensure(spec("alpha"), context) as common, ensure(spec("shared==2.0"), context) as own:
        keys = [ready.layer.environment.key for ready in (common, own)]
        environment = own.environment.environment.key
    assert keys[0] != keys[1]
    assert context.store.remove(EnvironmentKind.ENVIRONMENT, environment)
    silent = context._replace(uv=fake)
    assert key_at_hand(spec("shared==2.0"), silent) == keys[1]
    assert key_at_hand(spec("alpha"), silent) == keys[0]
    assert context.store.remove(EnvironmentKind.LAYER, keys[1])
    assert key_at_hand(spec("shared==2.0"), silent) == keys[0]
    assert fake.commands == []


def test_the_shared_layer_is_known_after_the_index_was_changed(
    context: Context, index, tmp_path
) -> None:
    with layer_for(Lock(), this_python(), context) as common:
        key = common.environment.key
    other = replace(local_settings(context.settings, tmp_path, index), find_links=(str(tmp_path),))
    assert key_at_hand(spec("alpha"), context._replace(settings=other)) == key


def test_a_python_that_is_not_known_has_no_layer(fake_context: Context, fake: FakeUv) -> None:
    layer_for(Lock(), this_python(), fake_context).close()
    fake.commands.clear()
    assert key_at_hand(spec("alpha", requires_python=">=3.99"), fake_context) is None
    assert key_at_hand(spec("alpha", requires_python="<3"), fake_context) is None
    assert fake.commands == []


def test_a_lock_that_cannot_be_read_is_no_error_here(fake_context: Context) -> None:
    layer_for(Lock(), this_python(), fake_context).close()
    broken = spec("alpha", lock=ProvidedLock("no lock", "pylock.toml"))
    assert key_at_hand(broken, fake_context) is None


def test_the_lease_is_held_until_it_is_closed(fake_context: Context) -> None:
    layer_for(Lock(), this_python(), fake_context).close()
    layer = layer_at_hand(spec("alpha"), fake_context)
    assert layer is not None
    assert not fake_context.store.remove(EnvironmentKind.LAYER, layer.environment.key)
    layer.close()
    assert fake_context.store.remove(EnvironmentKind.LAYER, layer.environment.key)


def changed(ready: Ready, **fields: object) -> Ready:
    """The same, with another manifest of its environment."""
    environment = ready.environment.environment
    manifest = environment.manifest._replace(**fields)
    other = environment._replace(manifest=manifest)
    return ready._replace(environment=ready.environment._replace(environment=other))


def test_a_layer_suits_what_has_nothing_of_it_as_another_wheel(context: Context) -> None:
    with ensure(spec("alpha"), context) as common, ensure(spec("shared==2.0"), context) as own:
        layer = common.layer.environment
        assert suits(layer, common)
        assert suits(own.layer.environment, own)
        assert suits(own.layer.environment, common), "alpha is in no layer"
        # Not loaded yet; but an idle kernel may load it before it attaches.
        assert "shared" not in layer.manifest.loaded
        assert not suits(layer, own)
        same_version = [
            item._replace(version="2.1", wheel="ab" * 32) if item.name == "shared" else item
            for item in own.environment.environment.manifest.distributions
        ]
        assert not suits(layer, changed(own, distributions=tuple(same_version)))


def test_a_layer_of_another_python_does_not_suit(context: Context) -> None:
    with ensure(spec("alpha"), context) as common, ensure(spec("shared==2.0"), context) as own:
        layer = own.layer.environment
        assert not suits(layer, changed(common, python_path="/other/python"))
        assert not suits(layer, changed(common, python_version="3.99.0"))
