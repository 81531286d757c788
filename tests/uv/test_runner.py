import threading
from dataclasses import replace

import psutil
import pytest

from headstart.core.lock.pylock import parse_lock
from headstart.core.progress import Phase
from headstart.errors import BuildCancelled, BuildTimeout
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import (
    compile_lock,
    list_pythons,
    locate_packages,
    make_venv,
    parse_locations,
    sync_lock,
)
from tests.local_uv import runner, spec, this_python


def resolved(settings, *requirements):
    command = compile_lock(spec(*requirements), this_python())
    return parse_lock(runner(settings).run(command).stdout)


def test_a_spec_becomes_a_lock_with_hashes(local):
    lock = resolved(local, "delta")
    assert dict(lock.versions) == {"alpha": "1.0", "beta": "1.0", "delta": "1.0"}
    assert all(len(package.wheels[0].sha256) == 64 for package in lock.packages)


def test_preferred_versions_are_kept_where_they_are_allowed(local):
    old = resolved(local, "alpha<2").render()
    command = compile_lock(spec("alpha"), this_python(), preferences=old)
    assert parse_lock(runner(local).run(command).stdout).versions == {"alpha": "1.0"}
    command = compile_lock(spec("gamma"), this_python(), preferences=old)
    assert parse_lock(runner(local).run(command).stdout).versions["alpha"] == "2.0"


def test_constraints_hold(local):
    command = compile_lock(spec("alpha", constraints=("alpha==1.0",)), this_python())
    assert parse_lock(runner(local).run(command).stdout).versions == {"alpha": "1.0"}


def test_nothing_newer_than_the_limit_is_chosen(local, index):
    index.uploaded["alpha-2.0-py3-none-any.whl"] = "2024-06-01T00:00:00Z"
    command = compile_lock(spec("alpha"), this_python(), exclude_newer="2024-01-01")
    assert parse_lock(runner(local).run(command).stdout).versions == {"alpha": "1.0"}


def test_a_refresh_asks_the_index_again(local, index):
    resolved(local, "alpha")
    index.requests.clear()
    runner(local).run(compile_lock(spec("alpha"), this_python(), refresh=True))
    assert "/simple/alpha/" in index.requests


def test_the_index_of_each_package_is_found_without_a_connection(local, house, tmp_path, index):
    make_wheel(tmp_path / "links", "lone", "1.0", requires=["omega"])
    make_wheel(tmp_path / "other", "omega", "1.0", requires=["alpha"])
    with LocalIndex(tmp_path / "other", credentials=("user", "secret")) as private:
        settings = replace(
            local,
            extra_indexes=(private.url_with_credentials,),
            find_links=(str(tmp_path / "links"),),
        )
        lock = resolved(settings, "lone")
        private.requests.clear()
        found = runner(settings).run(locate_packages(lock.packages, this_python())).stdout
        assert private.requests == []
        expected = {"alpha": index.url, "lone": (tmp_path / "links").as_uri(), "omega": private.url}
        assert parse_locations(found) == expected
        assert "secret" not in lock.render()


def test_a_lock_with_its_index_installs_offline_afterwards(local, index, tmp_path):
    lock = resolved(local, "alpha")
    packages = (replace(package, index=index.url) for package in lock.packages)
    text = lock._replace(packages=tuple(packages)).render()
    for name, settings in (("first", local), ("second", replace(local, offline=True))):
        runner(settings).run(make_venv(tmp_path / name, this_python()))
        runner(settings).run(sync_lock(tmp_path / name, text, link_mode="copy"))
        assert list((tmp_path / name).glob("lib/*/site-packages/alpha.py"))


def test_uvs_output_becomes_progress(local, tmp_path):
    seen = []
    lock = runner(local).run(compile_lock(spec("beta"), this_python()), report=seen.append).stdout
    runner(local).run(make_venv(tmp_path / "prefix", this_python()))
    sync = sync_lock(tmp_path / "prefix", lock, link_mode="copy")
    runner(local).run(sync, report=seen.append)
    counts = [(event.phase, event.done) for event in seen]
    assert counts[0] == (Phase.RESOLVE, 2)
    assert (Phase.INSTALL, 2) in counts


@pytest.fixture
def stuck(local, house):
    """Settings with an index that does not answer."""
    with LocalIndex(house, delay=30) as slow:
        yield replace(local, default_index=slow.url)


def children():
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_call_can_be_cancelled_and_leaves_no_process(stuck):
    cancelled, before = threading.Event(), children()
    threading.Timer(0.3, cancelled.set).start()
    with pytest.raises(BuildCancelled):
        runner(stuck).run(compile_lock(spec("alpha"), this_python()), cancelled=cancelled.is_set)
    assert children() <= before


def test_a_call_that_takes_too_long_is_ended(stuck):
    before = children()
    with pytest.raises(BuildTimeout, match=r"after 0\.3 seconds"):
        runner(replace(stuck, build_timeout=0.3)).run(compile_lock(spec("alpha"), this_python()))
    assert children() <= before


def test_an_interrupt_ends_uv_too(stuck):
    before = children()

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner(stuck).run(compile_lock(spec("alpha"), this_python()), cancelled=interrupt)
    assert children() <= before


def test_a_reporter_that_fails_ends_uv_too(local):
    def fail(_event):
        raise RuntimeError("the listener fails")

    before = children()
    with pytest.raises(RuntimeError):
        runner(local).run(compile_lock(spec("alpha"), this_python()), report=fail)
    assert children() <= before


def test_the_pythons_of_this_machine_are_listed(local):
    assert '"path"' in runner(local).run(list_pythons()).stdout


def test_a_lock_of_uvs_says_when_its_wheels_were_uploaded(local, index):
    index.uploaded["alpha-2.0-py3-none-any.whl"] = "2026-01-31T05:00:00.123456Z"
    lock = parse_lock(runner(local).run(compile_lock(spec("alpha"), this_python())).stdout)
    assert [wheel.upload_time for wheel in lock.packages[0].wheels] == ["2026-01-31T05:00:00Z"]
