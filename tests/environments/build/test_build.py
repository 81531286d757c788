import os
import subprocess
from pathlib import Path

import pytest

from headstart.environments.build.build import build_environment
from headstart.environments.resolve.resolve import resolve
from headstart.errors import BuildError, EnvironmentDamaged
from headstart.store.disk.trees import delete_tree
from headstart.store.parts.assemble import assemble
from headstart.store.trash import discard
from tests.local_uv import spec, this_python


def build(context, *requirements):
    asked = spec(*requirements)
    lock = resolve(asked, this_python(), context)
    return build_environment(lock, this_python(), asked, context), lock


def test_an_environment_holds_exactly_what_its_lock_says(context):
    leased, lock = build(context, "beta")
    with leased:
        command = [leased.environment.python, "-c", "import beta, alpha, sys; print(sys.prefix)"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == leased.environment.prefix
        found = {item.name: item.version for item in leased.environment.manifest.distributions}
        assert found == dict(lock.versions)


def test_the_manifest_says_who_asked_for_what(context):
    leased, lock = build(context, "beta", "shared")
    found = {item.name: item for item in leased.environment.manifest.distributions}
    assert [name for name, item in found.items() if item.direct] == ["beta", "shared"]
    assert found["alpha"].required_by == ("beta",)
    assert found["alpha"].wheel == lock.packages[0].wheels[0].sha256
    leased.close()


def test_the_manifest_says_how_it_was_built(context):
    leased, lock = build(context, "alpha")
    manifest = leased.environment.manifest
    assert manifest.lock_digest == lock.digest
    assert manifest.python_path == this_python().path
    assert manifest.timings.keys() == {"wheels", "venv", "install", "check", "finish"}
    leased.close()


@pytest.mark.parametrize("name, what", [("evil-home", "pyvenv.cfg"), ("evil-python", "python3")])
def test_a_wheel_that_replaces_the_environments_own_files_is_refused(context, name, what):
    with pytest.raises(BuildError, match=what):
        build(context, name)
    assert context.store.entries() == []


def test_pip_in_an_environment_is_ours(context):
    leased, _ = build(context, "alpha")
    with leased:
        pip = Path(leased.environment.prefix, "bin", "pip")
        listed = subprocess.run([pip, "list"], capture_output=True, text=True, check=True).stdout
        assert "alpha" in listed


def test_the_same_lock_is_built_once(fake_context, fake):
    first, _ = build(fake_context, "alpha")
    second, _ = build(fake_context, "alpha")
    assert first.environment.prefix == second.environment.prefix
    assert fake.verbs.count("sync") == 1


def test_the_environment_is_not_tied_to_where_it_was_built(context):
    leased, _ = build(context, "alpha")
    with leased:
        config = Path(leased.environment.prefix, "pyvenv.cfg").read_text()
        assert "building" not in config
        assert os.path.realpath(leased.environment.python) == os.path.realpath(this_python().path)


@pytest.mark.parametrize("times, works", [(1, True), (5, True), (99, False)])
def test_what_is_pruned_while_it_is_linked_is_made_again(fake_context, monkeypatch, times, works):
    left = iter(range(times))

    def assemble_late(prefix, parts, *arguments, **options):
        if next(left, None) is not None:
            trashed = discard(fake_context.store.layout, parts[0].folder)
            delete_tree(trashed)
        return assemble(prefix, parts, *arguments, **options)

    monkeypatch.setattr("headstart.environments.build.build.assemble", assemble_late)
    if not works:
        with pytest.raises(EnvironmentDamaged):
            build(fake_context, "alpha")
        return
    with build(fake_context, "alpha")[0] as leased:
        assert Path(leased.environment.site_packages, "alpha.py").exists()
