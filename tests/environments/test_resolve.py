from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headstart.environments.resolve import recall_lock, resolve, resolve_anew
from headstart.errors import PolicyError
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import UvCommand
from tests.local_uv import Counted, bare_environ, runner, spec, this_python


def versions(lock):
    return dict(lock.versions)


def limit_of(command: UvCommand):
    return command.argv[command.argv.index("--exclude-newer") + 1]


def test_a_lock_says_which_index_each_package_came_from(context, index):
    lock = resolve(spec("beta"), this_python(), context)
    assert versions(lock) == {"alpha": "1.0", "beta": "1.0", "shared": "2.1"}
    assert {package.index for package in lock.packages} == {index.url}


def test_a_lock_is_remembered(context, index, fake):
    first = resolve(spec("alpha"), this_python(), context)
    index.requests.clear()
    assert resolve(spec("alpha"), this_python(), context._replace(uv=fake)) == first
    assert recall_lock(spec("alpha"), this_python(), context) == first
    assert (index.requests, fake.commands) == ([], [])


def test_another_index_is_another_resolution(context, fake_context):
    resolve(spec("alpha"), this_python(), fake_context)
    settings = replace(fake_context.settings, default_index="https://other.invalid/simple")
    other = fake_context._replace(settings=settings)
    assert recall_lock(spec("alpha"), this_python(), other) is None


def test_other_credentials_are_the_same_resolution(fake_context):
    for user in ("one", "two"):
        url = f"https://{user}:secret@index.invalid/simple"
        settings = replace(fake_context.settings, default_index=url)
        known = recall_lock(spec("alpha"), this_python(), fake_context._replace(settings=settings))
        assert (known is None) == (user == "one")
        resolve(spec("alpha"), this_python(), fake_context._replace(settings=settings))


def test_a_remembered_lock_that_is_damaged_is_resolved_again(fake_context, store_root):
    resolve(spec("alpha"), this_python(), fake_context)
    for path in store_root.glob("v1/locks/*"):
        path.write_text("lock-version = ")
    assert versions(resolve(spec("alpha"), this_python(), fake_context)) == {"alpha": "2.0"}


def test_a_refresh_does_not_change_what_others_have_kept(fake_context, fake, tmp_path):
    make_wheel(tmp_path, "alpha", "1.0")
    fake.wheelhouse.folder = tmp_path
    resolve(spec("alpha"), this_python(), fake_context)
    make_wheel(tmp_path, "alpha", "2.0")
    fresh = resolve(spec("alpha"), this_python(), fake_context, refresh=True)
    assert versions(fresh) == {"alpha": "2.0"}
    assert fake.verbs[-2:] == ["compile", "locate"]
    assert "--refresh" in fake.commands[-2].argv
    assert versions(resolve(spec("alpha"), this_python(), fake_context)) == {"alpha": "1.0"}


def test_a_refresh_that_finds_the_same_asks_uv_once(context, index):
    first = resolve(spec("beta"), this_python(), context)
    uv = Counted(context.uv)
    again = resolve(spec("beta"), this_python(), context._replace(uv=uv), refresh=True)
    assert again == first
    assert {package.index for package in again.packages} == {index.url}
    assert uv.verbs == ["compile"]


def test_where_packages_are_is_asked_again_for_other_sources(context, index):
    first = resolve(spec("beta"), this_python(), context)
    settings = replace(context.settings, extra_indexes=(f"{index.url}/",))
    moved = context._replace(settings=settings, uv=runner(settings))
    again = resolve(spec("beta"), this_python(), moved, refresh=True)
    assert versions(again) == versions(first)
    assert {package.index for package in again.packages} == {f"{index.url}/"}


@pytest.mark.parametrize(
    "line", ["alpha @ https://host/alpha-1.0-py3-none-any.whl", "alpha @ git+https://host/a"]
)
def test_what_is_not_allowed_is_refused_before_uv_is_asked(fake_context, fake, line):
    with pytest.raises(PolicyError):
        resolve(spec(line), this_python(), fake_context)
    assert fake.commands == []


def test_wheels_of_a_folder_that_the_settings_name_are_allowed(context, tmp_path):
    make_wheel(tmp_path / "links", "lone", "1.0")
    settings = replace(context.settings, find_links=(str(tmp_path / "links"),))
    context = context._replace(settings=settings, uv=type(context.uv)(settings, tmp_path / "cache"))
    lock = resolve(spec("lone"), this_python(), context)
    assert lock.packages[0].wheels[0].url.startswith((tmp_path / "links").as_uri())


def test_an_empty_spec_needs_no_uv(fake_context, fake):
    assert resolve(spec(), this_python(), fake_context).packages == ()
    assert fake.commands == []


def test_a_span_ends_at_midnight_so_that_its_lock_is_remembered(fake_context, fake):
    week = spec("alpha", exclude_newer="7 days")
    resolve(week, this_python(), fake_context)
    assert limit_of(fake.commands[0]).endswith("T00:00:00Z")
    assert recall_lock(week, this_python(), fake_context) is not None


def test_a_span_moves_on_with_the_days(fake_context, fake):
    week, noon = spec("alpha", exclude_newer="7 days"), datetime(2026, 11, 20, 12, tzinfo=UTC)
    days = [fake_context._replace(now=lambda day=day: noon + timedelta(days=day)) for day in (0, 1)]
    resolve(week, this_python(), days[0])
    assert recall_lock(week, this_python(), days[0]) is not None
    assert recall_lock(week, this_python(), days[1]) is None
    resolve(week, this_python(), days[1])
    compiled = [command for command in fake.commands if command.verb == "compile"]
    assert list(map(limit_of, compiled)) == ["2026-11-13T00:00:00Z", "2026-11-14T00:00:00Z"]


def test_locks_are_remembered_for_each_interpreter(fake_context):
    resolve(spec("alpha"), this_python(), fake_context)
    for change in ({"version": "3.99.0"}, {"tags": ("py3-none-any",)}, {"platform": "another"}):
        other = this_python()._replace(**change)
        assert recall_lock(spec("alpha"), other, fake_context) is None
    elsewhere = this_python()._replace(path="/another/python")
    assert recall_lock(spec("alpha"), elsewhere, fake_context) is not None


def test_locks_are_remembered_for_each_set_of_indexes_in_its_order(fake_context):
    sets = [(), ("https://one.invalid/",), ("https://two.invalid/", "https://one.invalid/")]
    sets += [tuple(reversed(sets[-1]))]
    for extra in sets:
        settings = replace(fake_context.settings, extra_indexes=extra)
        context = fake_context._replace(settings=settings)
        assert recall_lock(spec("alpha"), this_python(), context) is None
        resolve(spec("alpha"), this_python(), context)
        assert recall_lock(spec("alpha"), this_python(), context) is not None


def test_a_universal_lock_is_for_all_platforms_and_says_where_each_package_is_from(context, index):
    asked = spec("anywhere")
    lock = resolve_anew(asked, this_python(), context, universal_from="3.11")
    found = {(p.name, p.version): p for p in lock.packages}
    assert found["windows-only", "1.0"].marker.endswith("sys_platform == 'win32'")
    assert {("forked", "1.0"), ("forked", "2.0")} < found.keys()
    assert {package.index for package in lock.packages} == {index.url}
    assert recall_lock(asked, this_python(), context) is None


@pytest.mark.parametrize(
    "users, limit", [("2020-01-01", "2020-01-01"), ("2024-01-01", "2022-01-01"), ("", "2022-01-01")]
)
def test_a_header_does_not_loosen_the_users_own_limit(fake_context, fake, tmp_path, users, limit):
    settings = replace(
        fake_context.settings, environ=bare_environ(tmp_path, UV_EXCLUDE_NEWER=users)
    )
    asked = spec("alpha", exclude_newer="2022-01-01")
    resolve(asked, this_python(), fake_context._replace(settings=settings))
    assert limit_of(fake.commands[0]) == limit
