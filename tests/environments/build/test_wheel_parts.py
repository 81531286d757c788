"""Wheels are installed by uv once; after that their files come from the store."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.environments.build.build import build_environment
from headstart.environments.context import Context, open_context
from headstart.environments.resolve.resolve import resolve
from headstart.errors import EnvironmentDamaged
from headstart.store.leases import LeasedEnvironment
from headstart.testing.fake_uv import FakeUv
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.local_uv import local_settings, spec, this_python


def build(context: Context, *requirements: str) -> LeasedEnvironment:
    asked = spec(*requirements)
    lock = resolve(asked, this_python(), context)
    return build_environment(lock, this_python(), asked, context)


def site_packages(leased: LeasedEnvironment) -> Path:
    return Path(leased.environment.site_packages)


def test_a_known_wheel_is_not_installed_again(fake_context: Context, fake: FakeUv) -> None:
    build(fake_context, "alpha==1.0").close()
    fake.commands.clear()
    with build(fake_context, "alpha==1.0", "shared") as leased:
        assert fake.verbs.count("sync") == 1
        assert (
            "alpha"
            not in next(command for command in fake.commands if command.verb == "sync").files[
                "pylock.toml"
            ]
        )
        assert (site_packages(leased) / "alpha.py").exists()


def test_known_wheels_need_no_uv_at_all(fake_context: Context, fake: FakeUv) -> None:
    build(fake_context, "alpha==1.0").close()
    build(fake_context, "shared").close()
    lock = resolve(spec("alpha==1.0", "shared"), this_python(), fake_context)
    fake.commands.clear()
    build_environment(lock, this_python(), spec(), fake_context).close()
    assert fake.verbs == []


def test_an_environment_of_known_wheels_is_as_uv_installs_it(context: Context) -> None:
    first = build(context, "beta")
    with first, build(context, "beta", "helper") as second:
        ours = {path.name for path in site_packages(second).iterdir()}
        assert {path.name for path in site_packages(first).iterdir()} < ours
        assert not context.store.verify(second.environment.manifest.kind, second.environment.key)


@pytest.mark.parametrize("name", ["one", "two"])
def test_wheels_with_a_file_in_common_go_together(settings, tmp_path, name: str) -> None:
    house = tmp_path / "house"
    for owner in ("one", "two"):
        make_wheel(house, f"{owner}-x", "1", {"both.py": f"who = '{owner}'\n", f"{owner}.py": ""})
    with LocalIndex(house) as index:
        context = open_context(local_settings(settings, tmp_path, index))
        with build(context, "one-x", "two-x") as leased:
            assert (site_packages(leased) / f"{name}.py").exists()
            assert (site_packages(leased) / "both.py").read_text() == "who = 'two'\n"
            kind, key = leased.environment.manifest.kind, leased.environment.key
            assert context.store.verify(kind, key) == []


def damage(path: Path) -> None:
    """What an accident does to a file that is shared: other bytes, as many, as old."""
    before = path.stat()
    path.chmod(0o600)
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_damage_that_reached_uv_s_cache_is_mended_from_the_index(context: Context) -> None:
    context = context._replace(settings=replace(context.settings, link_mode="hardlink"))
    with build(context, "alpha==1.0") as leased:
        module, environment = site_packages(leased) / "alpha.py", leased.environment
    text = module.read_text()
    damage(module)
    cached = [path for path in context.store.uv_cache.rglob("alpha.py") if path.is_file()]
    assert any(path.read_text() != text for path in cached), "they are the same file"
    assert context.store.verify(environment.manifest.kind, environment.key)
    with build(context, "alpha==1.0") as leased:
        assert (site_packages(leased) / "alpha.py").read_text() == text


def test_damage_to_parts_is_noticed_where_a_size_or_a_time_changed(context: Context) -> None:
    with build(context, "beta") as leased:
        names = [name for name in leased.environment.manifest.parts if "code" not in name]
    for name in names:
        file = next(path for path in context.store.parts.find(name).tree.rglob("*.p*"))
        file.chmod(0o600)
        file.write_text("another\n")
    with build(context, "beta", "helper") as leased:
        assert context.store.verify(leased.environment.manifest.kind, leased.environment.key) == []
        assert "1.0" in (site_packages(leased) / "alpha.py").read_text()


def test_a_wheel_that_is_not_what_it_says_is_refused(settings, tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path / "house", "liar", "1", files={"{dist_info}/RECORD": "liar.py,sha256=AAAA,1\n"}
    )
    assert wheel.exists()
    with LocalIndex(tmp_path / "house") as index:
        context = open_context(local_settings(settings, tmp_path, index))
        with pytest.raises(EnvironmentDamaged, match="liar"):
            build(context, "liar")
        assert context.store.entries() == []
        assert list(context.store.parts.names()) == []


def test_all_unknown_wheels_are_installed_by_one_call(context: Context) -> None:
    seen: list[str] = []
    runner = context.uv

    class Noting:
        def run(self, command, **options):
            seen.append(command.verb)
            return runner.run(command, **options)

    build(context._replace(uv=Noting()), "beta", "helper").close()
    assert seen.count("sync") == 1
