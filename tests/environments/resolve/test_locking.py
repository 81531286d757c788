from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headstart.core.lock.pylock import Lock
from headstart.core.lock.selection import select
from headstart.environments.resolve.locking import lock_spec
from headstart.environments.resolve.resolve import resolve
from headstart.errors import (
    IndexUnreachable,
    LockError,
    NoSuchPackage,
    NoSuchVersion,
    PolicyError,
)
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import UvRunner
from tests.local_uv import spec, this_python


def names(lock: Lock):
    return sorted({package.name for package in lock.packages})


def test_a_lock_is_for_all_platforms_where_that_works(context):
    locked = lock_spec(spec("anywhere"), context)
    assert locked.universal
    assert names(locked.lock) == ["anywhere", "forked", "windows-only"]
    selected = [package.name for package, _ in select(locked.lock, this_python())]
    assert selected == ["anywhere", "forked"]


def test_a_lock_for_all_platforms_is_for_all_pythons_that_the_header_allows(context):
    locked = lock_spec(spec("alpha", requires_python=">=3.9,<4"), context)
    assert locked.lock.requires_python == ">=3.9"


def test_without_requires_python_a_lock_is_from_this_python_on(context):
    locked = lock_spec(spec("alpha"), context)
    assert locked.lock.requires_python == f">={this_python().short_version}"


def test_where_old_pythons_have_no_solution_the_lock_is_from_this_python_on(context, house):
    make_wheel(house, "modern", "1.0", requires_python=f">={this_python().short_version}")
    locked = lock_spec(spec("modern", requires_python=">=3.8"), context)
    assert (locked.universal, locked.lock.versions) == (True, {"modern": "1.0"})
    assert locked.lock.requires_python == f">={this_python().short_version}"


def test_where_there_is_no_lock_for_all_platforms_there_is_one_for_this(context, house):
    make_wheel(house, "here-only", "1.0", requires=["nowhere; sys_platform == 'win32'"])
    locked = lock_spec(spec("here-only"), context)
    assert not locked.universal
    assert "nowhere" in locked.reason
    [marker] = locked.lock.environments
    assert f"python_version == '{this_python().short_version}'" in marker
    assert select(locked.lock, this_python())
    other = this_python()._replace(markers={**this_python().markers, "sys_platform": "win32"})
    with pytest.raises(LockError, match="for other machines"):
        select(locked.lock, other)


def test_a_lock_for_all_platforms_that_has_nothing_for_this_one_is_not_taken(context, house):
    tag = f"cp{this_python().short_version.replace('.', '')}"
    make_wheel(house, "elsewhere", "2.0", tag=f"{tag}-{tag}-win_amd64")
    make_wheel(house, "elsewhere", "1.0")
    locked = lock_spec(spec("elsewhere"), context)
    assert select(locked.lock, this_python())[0][0].version == "1.0"


def test_versions_stay_as_they_were_in_the_lock_before(context):
    old = lock_spec(spec("shared<2"), context).lock
    assert old.versions == {"shared": "1.5"}
    assert lock_spec(spec("shared"), context, old=old).lock.versions == {"shared": "1.5"}


def test_the_first_lock_has_the_versions_that_the_notebook_runs_with(context, house):
    make_wheel(house, "growing", "1.0")
    resolve(spec("growing"), this_python(), context)
    make_wheel(house, "growing", "2.0")
    assert lock_spec(spec("growing"), context).lock.versions == {"growing": "1.0"}


def test_an_upgrade_takes_the_newest(context, house):
    make_wheel(house, "rising", "1.0")
    make_wheel(house, "staying", "1.0")
    old = lock_spec(spec("rising", "staying"), context).lock
    make_wheel(house, "rising", "2.0")
    make_wheel(house, "staying", "2.0")
    one = lock_spec(spec("rising", "staying"), context, old=old, upgrade=["Rising"]).lock
    assert one.versions == {"rising": "2.0", "staying": "1.0"}
    everything = lock_spec(spec("rising", "staying"), context, old=old, upgrade=[]).lock
    assert everything.versions == {"rising": "2.0", "staying": "2.0"}


@pytest.mark.parametrize("upgrade", [None, [], ["alpha"]])
def test_an_upgrade_asks_the_index_again(fake_context, fake, upgrade):
    old = lock_spec(spec("alpha"), fake_context).lock
    fake.commands.clear()
    lock_spec(spec("alpha"), fake_context, old=old, upgrade=upgrade)
    [command] = [command for command in fake.commands if command.verb == "compile"]
    assert ("--refresh" in command.argv) is (upgrade is not None)


def test_only_what_is_in_the_lock_can_be_upgraded(context):
    old = lock_spec(spec("alpha"), context).lock
    with pytest.raises(LockError, match="There is no beta or gamma in the lock") as raised:
        lock_spec(spec("alpha"), context, old=old, upgrade=["gamma", "beta", "alpha"])
    assert raised.value.hint == "It has alpha."


def test_uv_sees_no_more_of_an_old_lock_than_versions(fake_context, fake):
    old = lock_spec(spec("alpha"), fake_context).lock
    package = old.packages[0]
    evil = package.wheels[0]._replace(url=f"https://evil.invalid/{package.wheels[0].filename}")
    fake.commands.clear()
    hostile = old._replace(packages=(replace(package, wheels=(evil,)),))
    lock_spec(spec("alpha"), fake_context, old=hostile)
    assert "evil" not in "".join(text for c in fake.commands for text in c.files.values())
    assert 'version = "2.0"' in fake.commands[0].files["pylock.toml"]


def test_a_lock_says_what_its_span_means_today(fake_context):
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    context = fake_context._replace(now=lambda: noon)
    assert lock_spec(spec("alpha", exclude_newer="7 days"), context).until == "2026-11-13T00:00:00Z"
    assert (
        lock_spec(spec("alpha", exclude_newer="2026-01-31"), context).until
        == "2026-02-01T00:00:00Z"
    )
    assert lock_spec(spec("alpha"), context).until == ""


def test_what_is_newer_than_the_limit_is_not_locked(context, index):
    index.uploaded["alpha-2.0-py3-none-any.whl"] = "2026-11-19T00:00:00Z"
    weekly = context._replace(now=lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))
    later = context._replace(now=lambda: datetime(2026, 11, 27, 12, tzinfo=UTC))
    asked = spec("alpha", exclude_newer="7 days")
    assert lock_spec(asked, weekly).lock.versions == {"alpha": "1.0"}
    assert lock_spec(asked, later, upgrade=[]).lock.versions == {"alpha": "2.0"}


@pytest.mark.parametrize("line, kind", [("missing", NoSuchPackage), ("alpha>9", NoSuchVersion)])
def test_what_has_no_lock_at_all_is_an_error_as_ever(context, line, kind):
    with pytest.raises(kind):
        lock_spec(spec(line), context)


def test_what_is_not_allowed_is_refused(fake_context, fake):
    with pytest.raises(PolicyError):
        lock_spec(spec("alpha @ https://host.invalid/alpha-1.0-py3-none-any.whl"), fake_context)


def test_offline_the_error_says_which_package_is_missing(context):
    settings = replace(context.settings, offline=True)
    offline = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    resolve(spec("ipykernel>=6.29"), this_python(), context)
    with pytest.raises(IndexUnreachable, match="offline, and beta is not in uv's cache"):
        lock_spec(spec("beta"), offline)


def test_offline_what_is_cached_can_be_locked(context):
    first = lock_spec(spec("beta"), context)
    settings = replace(context.settings, offline=True)
    offline = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    assert lock_spec(spec("beta"), offline, old=first.lock, upgrade=[]).lock == first.lock
