import errno
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.progress import Phase
from headstart.core.refresh import RefreshMode
from headstart.core.store.manifest import EnvironmentKind
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure, look, recall
from headstart.errors import (
    BuildCancelled,
    DiskFull,
    HashMismatch,
    IndexUnreachable,
    PolicyError,
    StoreError,
    UvError,
)
from headstart.uv.runner import UvRunner
from tests.local_uv import spec

EPHEMERAL = RefreshMode.EPHEMERAL


def kinds(context: Context):
    return sorted(entry.kind.value for entry in context.store.entries())


def test_a_spec_becomes_an_environment_and_a_layer(context):
    with ensure(spec("beta"), context) as ready:
        assert not ready.reused
        assert dict(ready.lock.versions) == {"alpha": "1.0", "beta": "1.0", "shared": "2.1"}
        assert ready.timings.keys() == {"interpreter", "resolve", "layer", "environment"}
    assert kinds(context) == ["environment", "layer"]


def test_what_is_known_needs_no_uv_and_no_connection(context, index, fake):
    first = ensure(spec("beta"), context)
    index.requests.clear()
    with ensure(spec("beta"), context._replace(uv=fake)) as ready:
        assert ready.reused
        assert ready.environment.environment == first.environment.environment
    assert (index.requests, fake.commands) == ([], [])
    first.close()


REUSE = """
import sys
from dataclasses import replace
from pathlib import Path
from pathlib import Path
from headstart.core.header.spec import EnvironmentSpec
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.settings import read_settings
settings = replace(read_settings(), store=Path(sys.argv[1]), default_index=sys.argv[2])
assert ensure(EnvironmentSpec(("alpha",)), open_context(settings)).reused
print([name for name in sys.modules if name.startswith("headstart.uv.")])
"""


def test_what_is_known_needs_nothing_that_runs_uv(context):
    ensure(spec("alpha"), context).close()
    settings = context.settings
    command = [sys.executable, "-c", REUSE, str(settings.store), settings.default_index]
    done = subprocess.run(command, env=dict(settings.environ), capture_output=True, text=True)
    expected = ["headstart.uv.configuration", "headstart.uv.runner"]
    assert (done.stdout, done.stderr) == (f"{expected}\n", "")


@pytest.mark.parametrize("field", ["requirements", "constraints"])
def test_a_spec_that_is_not_allowed_is_refused_before_anything_is_done(fake_context, fake, field):
    refused = spec()._replace(**{field: ("a @ https://example.org/a.whl",)})
    with pytest.raises(PolicyError, match="comes from a URL"):
        ensure(refused, fake_context)
    assert (fake.commands, list(fake_context.store.root.iterdir())) == ([], [])


def test_nothing_is_built_to_recall_and_nothing_is_there(fake_context, fake):
    assert recall(spec("alpha"), fake_context) is None
    assert recall(spec("alpha", requires_python=">=3.99"), fake_context) is None
    assert fake.commands == []
    assert kinds(fake_context) == []


def test_what_is_there_is_recalled_with_both_leases(fake_context, fake):
    ensure(spec("alpha"), fake_context).close()
    fake.commands.clear()
    ready = recall(spec("alpha"), fake_context)
    again = ensure(spec("alpha"), fake_context)
    assert ready._replace(timings={}, environment=0, layer=0) == again._replace(
        timings={}, environment=0, layer=0
    )
    again.close()
    assert ready.reused
    for kind, leased in (("environment", ready.environment), ("layer", ready.layer)):
        assert not fake_context.store.remove(EnvironmentKind(kind), leased.environment.key)
    ready.close()
    assert fake.commands == []


@pytest.mark.parametrize("kind", ["environment", "layer"])
def test_if_one_of_the_two_is_missing_nothing_is_recalled_or_kept(fake_context, fake, kind):
    with ensure(spec("alpha"), fake_context) as ready:
        leased = {"environment": ready.environment, "layer": ready.layer}
        keys = {name: item.environment.key for name, item in leased.items()}
    assert fake_context.store.remove(EnvironmentKind(kind), keys.pop(kind))
    fake.commands.clear()
    assert recall(spec("alpha"), fake_context) is None
    assert fake.commands == []
    [(other, key)] = keys.items()
    assert fake_context.store.remove(EnvironmentKind(other), key)


def test_an_ephemeral_spec_is_not_recalled(fake_context):
    asked = spec("alpha", refresh=EPHEMERAL)
    ensure(asked, fake_context).release()
    ensure(spec("alpha"), fake_context).close()
    assert recall(asked, fake_context) is None


def test_what_is_not_allowed_is_not_recalled(fake_context):
    with pytest.raises(PolicyError, match="comes from a URL"):
        recall(spec("a @ https://example.org/a.whl"), fake_context)


def test_environments_prefer_the_versions_of_the_layer(context, house):
    with ensure(spec("shared"), context) as plain, ensure(spec("alpha"), context) as other:
        assert plain.layer.environment.key == other.layer.environment.key


def test_an_ephemeral_spec_gets_an_environment_of_its_own_each_time(fake_context, fake):
    asked = spec("alpha", refresh=EPHEMERAL)
    first, second = ensure(asked, fake_context), ensure(asked, fake_context)
    assert first.environment.environment.prefix != second.environment.environment.prefix
    assert first.environment.environment.manifest.kind is EnvironmentKind.EPHEMERAL
    assert not second.reused
    refreshed = [command for command in fake.commands if "--refresh" in command.argv]
    assert [command.verb for command in refreshed] == ["compile", "compile"]
    first.release()
    second.release()
    assert kinds(fake_context) == ["layer"]


def test_offline_an_ephemeral_environment_is_built_from_uvs_cache(context, index):
    asked = spec("alpha", refresh=EPHEMERAL)
    ensure(asked, context).release()
    index.requests.clear()
    settings = replace(context.settings, offline=True)
    offline = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    ready = ensure(asked, offline)
    assert (ready.lock.versions, ready.reused, index.requests) == ({"alpha": "2.0"}, False, [])
    ready.release()
    with pytest.raises(IndexUnreachable, match="offline, and beta is not in uv's cache"):
        ensure(spec("beta", refresh=EPHEMERAL), offline)


def test_an_empty_spec_gets_an_empty_environment(context):
    with ensure(spec(), context) as ready:
        assert ready.environment.environment.manifest.distributions == ()


def test_many_who_ask_at_once_get_one_build(fake_context, fake):
    found = []

    def ask():
        with ensure(spec("alpha"), fake_context) as ready:
            found.append(ready.environment.environment.prefix)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert fake.verbs.count("sync") == 2  # the layer, and the environment


def test_a_build_that_fails_leaves_nothing_to_be_found(fake_context, fake):
    fake.failures["sync"] = HashMismatch("It is another file.")
    with pytest.raises(HashMismatch):
        ensure(spec("alpha"), fake_context)
    assert kinds(fake_context) == []
    assert look(spec("alpha"), fake_context) is None
    fake.failures.clear()
    ensure(spec("alpha"), fake_context).close()


def test_a_build_can_be_cancelled(fake_context, fake):
    cancelled = threading.Event()
    fake.gate.clear()
    threading.Timer(0.1, cancelled.set).start()
    with pytest.raises(BuildCancelled):
        ensure(spec("alpha"), fake_context._replace(cancelled=cancelled.is_set))
    assert kinds(fake_context) == []


def test_progress_goes_through_all_phases(context):
    seen = []
    ensure(spec("alpha"), context._replace(report=seen.append)).close()
    phases = list(dict.fromkeys(event.phase for event in seen))
    # The layer's lock comes first: its versions are preferred.
    expected = [Phase.LAYER, Phase.RESOLVE, Phase.DOWNLOAD, Phase.INSTALL, Phase.READY]
    assert phases == expected


def test_nothing_is_built_by_looking(fake_context, fake):
    assert look(spec("alpha"), fake_context) is None
    assert fake.commands == []
    ready = ensure(spec("alpha"), fake_context)
    ready.close()
    found = look(spec("alpha"), fake_context)
    assert found == ready.environment.environment
    # Looking keeps no lease.
    assert fake_context.store.remove(EnvironmentKind.ENVIRONMENT, found.key)


@pytest.mark.parametrize("number, kind", [(errno.EACCES, StoreError), (errno.ENOSPC, DiskFull)])
def test_errors_of_the_system_become_ours(fake_context, fake, number, kind):
    class Broken(type(fake)):
        def run(self, command, **options):
            raise OSError(number, "It does not work")

    broken = fake_context._replace(uv=Broken(fake.wheelhouse.folder))
    with pytest.raises(kind):
        ensure(spec("alpha"), broken)


def test_uvs_cache_is_private(context):
    ensure(spec("alpha"), context).close()
    cache = context.store.uv_cache
    assert cache.is_dir()
    assert [parent.stat().st_mode & 0o077 for parent in (cache.parent, cache.parent.parent)] == [
        0,
        0,
    ]


def test_leases_are_given_back_when_the_environment_fails(fake_context, fake):
    ensure(spec(), fake_context).close()
    fake.failures["sync"] = UvError("It failed.")
    with pytest.raises(UvError):
        ensure(spec("alpha"), fake_context)
    [layer] = [entry for entry in fake_context.store.entries() if entry.kind.value == "layer"]
    assert not layer.in_use


@pytest.mark.real_index
def test_real_packages_run_in_their_environment(shared_settings):
    from headstart.environments.context import open_context

    with ensure(spec("python-dateutil"), open_context(shared_settings)) as ready:
        command = [ready.environment.environment.python, "-c", "import dateutil"]
        subprocess.run(command, check=True)
        command = [ready.layer.environment.python, "-I", "-c", "import ipykernel.kernelapp"]
        subprocess.run(command, check=True)


def test_a_damaged_environment_is_built_again_with_one_line(context):
    ensure(spec("alpha"), context).close()
    told = []
    again = open_context(context.settings, told.append)
    with ensure(spec("alpha"), again) as ready:
        environment = ready.environment.environment
        module = Path(environment.site_packages, "alpha.py")
    module.chmod(0o600)
    module.write_text("changed")
    told.clear()
    assert again.store.verify(EnvironmentKind.ENVIRONMENT, environment.key)
    with ensure(spec("alpha"), again) as ready:
        assert not ready.reused
        assert module.read_text() != "changed"
    lines = [event.message for event in told if event.phase is Phase.CHECK]
    assert len(lines) == 1
    assert "is built again: " in lines[0]
    assert "alpha.py has 7 bytes, and not" in lines[0]
