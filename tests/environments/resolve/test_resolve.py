import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headstart import envvars
from headstart.environments.resolve.resolve import recall_lock, resolve, resolve_uncached
from headstart.errors import PolicyError, SettingsError, UvError
from headstart.store.gc.caches import list_locks
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import UvCommand
from headstart.uv.configuration import read_configuration
from headstart.uv.runner import UvRunner
from tests.local_uv import Counted, bare_environ, runner, spec, this_python


def versions(lock):
    return dict(lock.versions)


def limit_of(command: UvCommand):
    return command.argv[command.argv.index("--exclude-newer") + 1]


def with_variables(context, home, **variables):
    """The context with these variables of uv's, and no others."""
    settings = replace(context.settings, environ=bare_environ(home, **variables))
    uv = runner(settings) if isinstance(context.uv, UvRunner) else context.uv
    return context._replace(settings=settings, uv=uv)


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
    lock = resolve_uncached(asked, this_python(), context, universal_from="3.11")
    found = {(p.name, p.version): p for p in lock.packages}
    assert found["windows-only", "1.0"].marker.endswith("sys_platform == 'win32'")
    assert {("forked", "1.0"), ("forked", "2.0")} < found.keys()
    assert {package.index for package in lock.packages} == {index.url}
    assert recall_lock(asked, this_python(), context) is None


@pytest.mark.parametrize(
    "users, limit",
    [
        ("2020-01-01", "2020-01-02T00:00:00Z"),
        ("2024-01-01", "2022-01-02T00:00:00Z"),
        ("", "2022-01-02T00:00:00Z"),
    ],
)
def test_a_header_does_not_loosen_the_users_own_limit(fake_context, fake, tmp_path, users, limit):
    asked = spec("alpha", exclude_newer="2022-01-01")
    context = with_variables(fake_context, tmp_path, UV_EXCLUDE_NEWER=users)
    resolve(asked, this_python(), context)
    assert limit_of(fake.commands[0]) == limit


@pytest.mark.parametrize(
    "users, limit",
    [
        ("P7D", "2026-11-13T12:00:00Z"),
        ("PT24H", "2026-11-19T12:00:00Z"),
        ("1 day 2 hours", "2026-11-19T10:00:00Z"),
        ("2026-11-18T05:00Z", "2026-11-18T05:00:00Z"),
        ("false", "2026-11-20T00:00:00Z"),
        ("P0D", "2026-11-20T00:00:00Z"),
        ("2026-11-19", "2026-11-20T00:00:00Z"),
    ],
)
def test_of_two_limits_the_earlier_holds_however_the_users_is_written(
    fake_context, fake, tmp_path, users, limit
):
    context = with_variables(fake_context, tmp_path, UV_EXCLUDE_NEWER=users)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    asked = spec("alpha", exclude_newer="2026-11-19")
    resolve(asked, this_python(), context._replace(now=lambda: noon))
    assert limit_of(fake.commands[0]) == limit


@pytest.mark.parametrize("users", ["soon", "P1M", "1 month"])
def test_a_limit_that_is_not_understood_is_named_and_nothing_is_resolved(
    fake_context, fake, tmp_path, users
):
    context = with_variables(fake_context, tmp_path, UV_EXCLUDE_NEWER=users)
    with pytest.raises(SettingsError, match=f'UV_EXCLUDE_NEWER is "{users}"'):
        resolve(spec("alpha", exclude_newer="2026-11-19"), this_python(), context)
    file = tmp_path / "uv.toml"
    file.write_text(f"[pip]\nexclude-newer = '{users}'\n")
    context = with_variables(fake_context, tmp_path, UV_CONFIG_FILE=str(file))
    with pytest.raises(SettingsError, match=re.escape(f'in {file} is "{users}"')):
        resolve(spec("alpha"), this_python(), context)
    assert fake.commands == []


def test_the_users_span_holds_in_the_real_uv_too(context, index, tmp_path):
    index.uploaded["alpha-2.0-py3-none-any.whl"] = "2026-11-19T00:00:00Z"
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    context = with_variables(context, tmp_path, UV_EXCLUDE_NEWER="P7D")._replace(now=lambda: noon)
    lock = resolve(spec("alpha", exclude_newer="2026-11-30"), this_python(), context)
    assert versions(lock) == {"alpha": "1.0"}


def test_a_span_of_the_users_keeps_its_lock(fake_context, tmp_path):
    first, noon = spec("alpha"), datetime(2026, 11, 20, 12, tzinfo=UTC)
    context = with_variables(fake_context, tmp_path, UV_EXCLUDE_NEWER="P7D")
    days = [context._replace(now=lambda day=day: noon + timedelta(days=day)) for day in (0, 9)]
    resolve(first, this_python(), days[0])
    assert recall_lock(first, this_python(), days[1]) is not None


class Forgetful(Counted):
    """A uv that takes what it likes, whatever the limit."""

    def _run(self, command, *rest):
        at = command.argv.index("--exclude-newer") if "--exclude-newer" in command.argv else None
        kept = command.argv if at is None else command.argv[:at] + command.argv[at + 2 :]
        return super()._run(replace(command, argv=kept), *rest)


def test_a_lock_that_breaks_the_limit_is_not_used(context, index):
    index.uploaded["alpha-2.0-py3-none-any.whl"] = "2026-11-19T00:00:00Z"
    asked, careless = spec("alpha", exclude_newer="2026-01-31"), Forgetful(context.uv)
    with pytest.raises(UvError, match=r"alpha-2\.0.*at 2026-11-19T00:00:00Z") as caught:
        resolve(asked, this_python(), context._replace(uv=careless))
    assert "since 2026-02-01T00:00:00Z" in caught.value.message
    assert recall_lock(asked, this_python(), context) is None


def test_files_of_a_version_that_came_later_are_not_in_its_lock(context, index, tmp_path):
    for tag in ("py3-none-any", "py2.py3-none-any"):
        make_wheel(tmp_path / "wheels", "grown", "1.0", tag=tag)
    with LocalIndex(
        tmp_path / "wheels", uploaded={"grown-1.0-py3-none-any.whl": "2026-11-19T00:00:00Z"}
    ) as grown:
        settings = replace(context.settings, default_index=grown.url)
        context = context._replace(settings=settings, uv=runner(settings))
        asked = spec("grown", exclude_newer="2026-01-31")
        [package] = resolve(asked, this_python(), context).packages
        assert [w.filename for w in package.wheels] == ["grown-1.0-py2.py3-none-any.whl"]


PASSED_ON = {
    **dict.fromkeys((*envvars.SYSTEM_PASSED_ON, *envvars.UV_PASSED_ON, *envvars.UV_OPTIONS), "x"),
    "PATH": "/x",
    "UV_DEFAULT_INDEX": "https://x.invalid/simple",
    "UV_EXCLUDE_NEWER": "7 days",
    "UV_EXTRA_INDEX_URL": "https://x.invalid/simple",
    "UV_FIND_LINKS": "/x",
    "UV_INDEX": "https://x.invalid/simple",
    "UV_INDEX_A_PASSWORD": "x",
    "UV_INDEX_A_USERNAME": "x",
    "UV_INDEX_URL": "https://x.invalid/simple",
    "UV_NO_INDEX": "1",
    "UV_OFFLINE": "1",
}
"""Every variable of which uv may get something, and a value that it may have."""


@pytest.mark.parametrize("name", PASSED_ON)
def test_a_lock_is_remembered_under_every_variable_that_may_choose_a_version(
    fake_context, tmp_path, name
):
    plain = with_variables(fake_context, tmp_path)
    resolve(spec("alpha"), this_python(), plain)
    other = with_variables(fake_context, tmp_path, **{name: PASSED_ON[name]})
    same = recall_lock(spec("alpha"), this_python(), other) is not None
    secret = re.fullmatch(envvars.UV_INDEX_CREDENTIALS, name) is not None
    assert same == (secret or name in envvars.UV_CHOOSE_NOTHING)


@pytest.mark.parametrize("name, option", envvars.UV_OPTIONS.items())
def test_an_option_of_a_file_counts_as_its_variable_does(fake_context, tmp_path, name, option):
    resolve(spec("alpha"), this_python(), with_variables(fake_context, tmp_path))
    file = tmp_path / "uv.toml"
    file.write_text(f'{option} = "x"\n')
    other = with_variables(fake_context, tmp_path, UV_CONFIG_FILE=str(file))
    same = recall_lock(spec("alpha"), this_python(), other) is not None
    assert same == (name in envvars.UV_CHOOSE_NOTHING)


def test_everything_that_uv_gets_is_known_to_these_tests(fake_context, tmp_path):
    context = with_variables(fake_context, tmp_path, **PASSED_ON)
    configuration = read_configuration(context.settings)
    gets = {*configuration.environ, *envvars.UV_CHOOSE_NOTHING}
    assert gets <= {*PASSED_ON, envvars.UV_PYTHON_DOWNLOADS}
    assert all(envvars.UV_CHOOSE_NOTHING.values())


def test_no_secret_is_part_of_a_digest(fake_context, tmp_path):
    url = "https://canary:canary@host.invalid/simple"
    secrets = {"UV_INDEX": url, "UV_DEFAULT_INDEX": url, "UV_FIND_LINKS": url}
    secrets |= {"UV_INDEX_A_PASSWORD": "canary", "UV_INDEX_A_USERNAME": "canary"}
    context = with_variables(fake_context, tmp_path, **secrets)
    assert "canary" not in json.dumps(read_configuration(context.settings).choosing())


def test_a_torch_for_this_machine_is_remembered_for_it(fake_context, tmp_path, monkeypatch):
    context = with_variables(fake_context, tmp_path, UV_TORCH_BACKEND="auto")
    resolve(spec("alpha"), this_python(), context)
    assert recall_lock(spec("alpha"), this_python(), context) is not None
    monkeypatch.setattr("platform.node", lambda: "another-node")
    assert recall_lock(spec("alpha"), this_python(), context) is None


def test_one_try_with_an_option_does_not_pin_what_comes_later(context, tmp_path):
    lowest = with_variables(context, tmp_path, UV_RESOLUTION="lowest")
    assert versions(resolve(spec("alpha"), this_python(), lowest)) == {"alpha": "1.0"}
    assert versions(resolve(spec("alpha"), this_python(), context)) == {"alpha": "2.0"}


def test_the_store_knows_a_lock_with_upload_times_by_its_digest(context):
    lock = resolve(spec("alpha"), this_python(), context)
    assert lock.packages[0].wheels[0].upload_time
    found = [digest for _, digest in list_locks(context.store.layout, math.inf)]
    assert lock.digest in found
