from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.environment import EnvironmentKind
from headstart.core.lock import Lock
from headstart.environments.layers import layer_for, layer_lock_for
from headstart.environments.resolve import resolve
from headstart.errors import BuildError, KernelConflict
from headstart.testing.wheels import make_wheel
from tests.local_uv import spec, this_python


def lock_of(context, *requirements):
    return resolve(spec(*requirements), this_python(), context)


def test_locks_that_agree_with_the_layer_share_it(fake_context, fake):
    first = layer_for(Lock(), this_python(), fake_context)
    second = layer_for(lock_of(fake_context, "shared==2.1"), this_python(), fake_context)
    assert first.environment.key == second.environment.key
    assert fake.verbs.count("sync") == 1


def test_a_lock_that_disagrees_gets_a_layer_with_its_versions(context):
    common = layer_lock_for(Lock(), this_python(), context)
    own = layer_lock_for(lock_of(context, "shared==2.0"), this_python(), context)
    assert common.versions["shared"] == "2.1"
    assert own.versions["shared"] == "2.0"
    assert own.versions["ipykernel"] == common.versions["ipykernel"]


def test_an_older_kernel_is_taken_where_the_newest_does_not_fit(context):
    own = layer_lock_for(lock_of(context, "shared<2"), this_python(), context)
    assert dict(own.versions) == {"helper": "1.0", "ipykernel": "6.30", "shared": "1.5"}


def test_a_lock_that_has_ipykernel_decides_on_it(context):
    own = layer_lock_for(lock_of(context, "ipykernel<7"), this_python(), context)
    assert own.versions["ipykernel"] == "6.30"


def test_what_keeps_every_ipykernel_out_is_named(context):
    with pytest.raises(KernelConflict) as caught:
        layer_lock_for(lock_of(context, "shared<1"), this_python(), context)
    assert "does not run with shared==0.9: it needs shared" in caught.value.message
    assert caught.value.hint.startswith("Ask for another version of shared in the header")
    assert caught.value.details["requirements"] == ["shared==0.9"]


def test_a_lock_with_another_file_than_the_index_serves_is_said(context):
    lock = lock_of(context, "shared==2.1")
    wheels = [wheel._replace(sha256="00" * 32) for wheel in lock.packages[0].wheels]
    other = lock._replace(packages=(replace(lock.packages[0], wheels=tuple(wheels)),))
    with pytest.raises(KernelConflict, match=r"another file of shared==2\.1 than") as caught:
        layer_lock_for(other, this_python(), context)
    assert caught.value.hint.startswith("Make the lock again.")


def test_a_layer_holds_our_package_and_its_bytecode(context):
    with layer_for(Lock(), this_python(), context) as layer:
        folder = Path(layer.environment.site_packages, "headstart_kernel")
        assert (folder / "launcher.py").exists()
        assert list(folder.glob("__pycache__/app.*.pyc"))
        assert layer.environment.manifest.kind is EnvironmentKind.LAYER
        assert "ipykernel" in layer.environment.manifest.loaded


def test_a_layer_that_cannot_load_a_kernel_is_not_published(fake_context, fake, tmp_path):
    make_wheel(tmp_path, "ipykernel", "7.0", {"ipykernel/__init__.py": "import nothing_there"})
    fake.wheelhouse.folder = tmp_path
    with pytest.raises(BuildError, match="nothing_there"):
        layer_for(Lock(), this_python(), fake_context)
    assert fake_context.store.entries() == []


def test_a_known_layer_is_found_again_without_a_resolution(fake_context, fake):
    layer_for(Lock(), this_python(), fake_context).close()
    fake.commands.clear()
    layer_for(Lock(), this_python(), fake_context).close()
    assert fake.commands == []


def test_a_layer_that_was_removed_is_built_again(fake_context, fake):
    layer = layer_for(Lock(), this_python(), fake_context)
    layer.close()
    assert fake_context.store.remove(EnvironmentKind.LAYER, layer.environment.key)
    again = layer_for(Lock(), this_python(), fake_context)
    assert again.environment.key == layer.environment.key
