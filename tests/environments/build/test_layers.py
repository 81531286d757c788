from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.lock.pylock import Lock
from headstart.core.store.manifest import EnvironmentKind
from headstart.environments.build.layers import layer_for
from headstart.environments.ready import ensure
from headstart.environments.resolve.layer_lock import common_layer_lock, layer_lock_for
from headstart.environments.resolve.resolve import resolve
from headstart.errors import BuildError, HeadstartError, KernelConflict, KernelUnavailable
from headstart.testing.fake_uv import FakeUv
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.local_uv import local_settings, runner, spec, this_python


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


def with_settings(context, index, home, **variables):
    """The context with another index and other variables of uv's, its store as it is."""
    settings = local_settings(context.settings, home, index, **variables)
    return context._replace(settings=settings, uv=runner(settings))


@pytest.mark.parametrize(
    "name, value",
    [
        ("UV_EXCLUDE_NEWER", "1990-01-01"),
        ("UV_RESOLUTION", "lowest"),
        ("UV_PRERELEASE", "allow"),
        ("UV_TORCH_BACKEND", "cpu"),
    ],
)
def test_the_users_choice_among_versions_is_not_the_layers(context, index, tmp_path, name, value):
    theirs = with_settings(context, index, tmp_path, **{name: value})
    lock = common_layer_lock(this_python(), theirs)
    assert dict(lock.versions) == {"ipykernel": "7.0", "shared": "2.1"}
    assert {package.index for package in lock.packages} == {index.url}
    silent = context._replace(uv=FakeUv(tmp_path))
    assert common_layer_lock(this_python(), silent) == lock


def test_a_limit_of_the_users_leaves_the_notebooks_kernel_alone(context, index, tmp_path):
    index.uploaded["ipykernel-7.0-py3-none-any.whl"] = "2026-11-19T00:00:00Z"
    theirs = with_settings(context, index, tmp_path, UV_EXCLUDE_NEWER="2026-01-31")
    with ensure(spec("alpha"), theirs) as ready:
        assert "ipykernel" in ready.layer.environment.manifest.loaded


@pytest.fixture
def without_kernel(tmp_path):
    """An index that has alpha and nothing else."""
    make_wheel(tmp_path / "few", "alpha", "1.0")
    with LocalIndex(tmp_path / "few") as running:
        yield running


@pytest.mark.parametrize("header", ["alpha", "ipykernel"])
def test_an_index_without_a_kernel_is_not_the_headers_fault(
    context, without_kernel, tmp_path, header
):
    bare = with_settings(context, without_kernel, tmp_path)
    with pytest.raises(KernelUnavailable) as caught:
        ensure(spec(header), bare)
    said, hint = caught.value.message, caught.value.hint
    assert said.startswith("Headstart's kernel needs ipykernel>=6.29 for Python 3.")
    assert f"not available from {without_kernel.url}: No package index has" in said
    assert "HEADSTART_EXTRA_INDEXES" in hint
    assert "HEADSTART_SYSTEM_STORE" in hint
    assert "in the header" not in str(caught.value)
    assert not caught.value.details.keys() & {"package", "requirements"}


def test_an_older_kernel_that_is_too_old_is_said_as_such(context, without_kernel, tmp_path):
    make_wheel(tmp_path / "few", "ipykernel", "5.0")
    with pytest.raises(KernelUnavailable, match=r"only ipykernel==5\.0"):
        common_layer_lock(this_python(), with_settings(context, without_kernel, tmp_path))


def test_a_layer_that_is_there_needs_no_index_that_has_it(context, without_kernel, tmp_path):
    first = layer_for(Lock(), this_python(), context)
    bare = with_settings(context, without_kernel, tmp_path)
    with first, ensure(spec("alpha"), bare) as ready:
        assert ready.layer.environment.key == first.environment.key


def test_a_lock_of_a_layer_that_is_gone_is_not_installed_from_elsewhere(
    context, without_kernel, tmp_path
):
    layer = layer_for(Lock(), this_python(), context)
    layer.close()
    assert context.store.remove(EnvironmentKind.LAYER, layer.environment.key)
    with pytest.raises(KernelUnavailable):
        common_layer_lock(this_python(), with_settings(context, without_kernel, tmp_path))


def test_a_file_of_the_kernel_that_is_broken_is_not_the_headers_fault(context, index):
    name = "ipykernel-7.0-py3-none-any.whl"
    index.replaced[name] = b"no wheel"
    with pytest.raises(HeadstartError) as caught:
        layer_for(Lock(), this_python(), context)
    assert "in the header" not in str(caught.value)
