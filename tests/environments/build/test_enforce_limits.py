"""The limits of one build: packages, bytes, files, and room on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core import size_limits as pure
from headstart.core.lock.pylock import Lock
from headstart.core.progress import Reporter
from headstart.core.store.manifest import EnvironmentKind
from headstart.core.store.parts import part_name, python_tag
from headstart.environments.build import enforce_limits
from headstart.environments.build.build import build_environment
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure
from headstart.environments.resolve.resolve import resolve
from headstart.environments.upkeep.gc import prune
from headstart.errors import BuildTooLarge, DiskFull
from headstart.settings import MIB, Settings
from headstart.store.layout import Layout
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import UvCommand, UvResult
from headstart.uv.runner import Cancelled, Uv
from tests.local_uv import local_settings, spec, this_python
from tests.stub_kernel import make_ipykernel

FILES = 6_000
ZEROS = "\0" * MIB


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small packages, and wheels that unpack to far more than they are."""
    folder = tmp_path_factory.mktemp("large")
    make_ipykernel(folder)
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "beta", "1.0", requires=["alpha"], modules={"beta.py": "1\n" * 500})
    make_wheel(folder, "one-file", "1.0", {"one/zeros.py": ZEROS * 8}, compressed=True)
    zeros = {f"several/zeros{number}.py": ZEROS for number in range(16)}
    make_wheel(folder, "several", "1.0", zeros, compressed=True)
    empty = {f"many/n{number}.py": "" for number in range(FILES)}
    make_wheel(folder, "many", "1.0", empty, compressed=True)
    return folder


@pytest.fixture
def within(settings: Settings, tmp_path: Path, index: LocalIndex):
    """A context whose settings have other bounds."""
    local = local_settings(settings, tmp_path, index)

    def within(**limits: int) -> Context:
        return open_context(replace(local, **limits))

    return within


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at every time, for small bombs are unpacked in a moment."""
    monkeypatch.setattr(enforce_limits, "INTERVAL", 0.0)
    monkeypatch.setattr(enforce_limits, "SHARE", 0)


def lock_of(context: Context, *requirements: str) -> Lock:
    return resolve(spec(*requirements), this_python(), context)


def build(context: Context, *requirements: str, kind=EnvironmentKind.ENVIRONMENT) -> None:
    lock = lock_of(context, *requirements)
    build_environment(lock, this_python(), spec(*requirements), context, kind).close()


def refusal(context: Context, *requirements: str, **options) -> BuildTooLarge:
    with pytest.raises(BuildTooLarge) as caught:
        build(context, *requirements, **options)
    return caught.value


def fetched(index: LocalIndex) -> list[str]:
    return [path for path in index.requests if path.endswith(".whl")]


def left(context: Context) -> list[str]:
    """What a stopped build has left, but for what uv keeps of it."""
    layout = Layout(context.store.root)
    folders = (layout.building, *map(layout.folder, EnvironmentKind))
    found = [path.name for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return [*found, *context.store.parts.names()]


def unpacked(context: Context) -> Iterator[Path]:
    return (path for path in context.store.uv_cache.rglob("*.py"))


# -- before anything is fetched -------------------------------------------------------------------


def test_a_lock_with_too_many_packages_is_refused_before_it_is_fetched(within, index) -> None:
    error = refusal(within(max_packages=1), "beta")
    assert error.message.startswith("The environment would have 2 packages, and it may have 1. ")
    assert "beta 1.0 (" in error.message
    assert error.hint == "Ask for less in the header, or raise HEADSTART_MAX_PACKAGES."
    assert error.details["largest"][0]["package"] == "beta 1.0"
    assert (error.details["limit"], error.details["found"]) == (1, 2)
    assert fetched(index) == []


@pytest.mark.parametrize(
    "setting, variable",
    [("max_env_bytes", "HEADSTART_MAX_ENV_BYTES"), ("quota_bytes", "HEADSTART_QUOTA_BYTES")],
)
def test_wheels_that_are_too_large_together_are_not_fetched(within, index, setting, variable):
    error = refusal(within(**{setting: 1000}), "beta")
    assert error.message.startswith("The packages take at least ")
    assert "an environment may take 1.0 kB. Largest: beta 1.0 (" in error.message
    assert variable in error.hint
    assert fetched(index) == []


def test_what_the_disk_has_no_room_for_is_not_fetched(within, index) -> None:
    context = within(max_env_bytes=1 << 62, quota_bytes=1 << 62)
    lock = lock_of(context, "alpha")
    (package,) = lock.packages
    large = replace(package, wheels=(package.wheels[0]._replace(size=1 << 60),))
    with pytest.raises(DiskFull, match=r"need at least 1152922 TB .* free there") as caught:
        build_environment(Lock((large,)), this_python(), spec("alpha"), context)
    assert "HEADSTART_RESERVE" in caught.value.message
    assert "headstart prune --all" in caught.value.hint
    assert fetched(index) == []


def test_known_wheels_need_no_room(within) -> None:
    context = within()
    build(context, "alpha")
    (package,) = lock_of(context, "alpha").packages
    large = replace(package, wheels=(package.wheels[0]._replace(size=1 << 60),))
    ephemeral = EnvironmentKind.EPHEMERAL  # built each time
    build_environment(Lock((large,)), this_python(), spec(), context, ephemeral).close()


def test_known_wheels_that_are_too_much_together_are_refused(within) -> None:
    wide = within()
    build(wide, "alpha")
    build(wide, "several")
    error = refusal(within(max_env_files=25), "alpha", "several")
    assert error.message.startswith("The packages have ")
    assert "files, and an environment may have 25. " in error.message
    assert "HEADSTART_MAX_ENV_FILES" in error.hint


def test_a_known_environment_is_not_measured_again(within) -> None:
    ensure(spec("alpha"), within()).release()
    nothing = within(max_packages=0, max_env_bytes=0, max_env_files=0)
    with ensure(spec("alpha"), nothing) as ready:
        assert ready.reused


# -- while uv unpacks -----------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_not_written_to_its_end(within) -> None:
    context = within(max_env_bytes=2 * MIB)
    error = refusal(context, "one-file")
    assert error.message.startswith("one-file==1.0 cannot be installed: one of its files is larger")
    assert "HEADSTART_MAX_ENV_BYTES" in error.hint
    assert sum(path.stat().st_size for path in unpacked(context)) <= 2 * MIB
    assert left(context) == []


def test_many_files_are_stopped_on_the_way(within, often) -> None:
    context = within(max_env_files=500)
    error = refusal(context, "many")
    assert "had unpacked to " in error.message
    assert "the limit is 500. The largest one is that of " in error.message
    assert "HEADSTART_MAX_ENV_FILES" in error.hint
    assert 500 < sum(1 for _ in unpacked(context)) < FILES
    assert left(context) == []


def test_a_wheel_that_unpacks_to_far_more_than_its_size_is_stopped(
    within, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pure, "LEAST_INFLATED", 2 * MIB)
    context = within()
    error = refusal(context, "several")
    assert "had unpacked to 16.8 MB already" in error.message
    assert left(context) == []


@pytest.mark.parametrize("kind", [EnvironmentKind.ENVIRONMENT, EnvironmentKind.EPHEMERAL])
def test_a_stopped_build_leaves_nothing_but_what_prune_removes(within, often, kind) -> None:
    context = within(max_env_files=500)
    refusal(context, "many", kind=kind)
    prune(context, everything=True)
    assert left(context) == []
    assert list(unpacked(context)) == []


class Beside(Uv):
    """Another uv, while that of another build unpacks a large wheel into the same cache."""

    def __init__(self, context: Context, *, ends: bool) -> None:
        self._context, self._ends = context, ends

    def _run(
        self, command: UvCommand, report: Reporter, cancelled: Cancelled, timeout: float | None
    ) -> UvResult:
        if command.verb == "sync":
            folder = self._context.store.uv_cache / ".tmpbeside"
            folder.mkdir()
            (folder / "large").write_text(ZEROS * 8)
            if self._ends:
                (Layout(self._context.store.root).wheels / "f").mkdir(parents=True)
        uv = self._context.uv
        return uv.run(command, report=report, cancelled=cancelled, timeout=timeout)


def test_what_another_build_unpacks_is_not_held_against_this_one(
    within, often, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pure, "LEAST_INFLATED", MIB)
    context = within()
    beside = context._replace(uv=Beside(context, ends=False))
    with context.store.parts.building():
        build(beside, "alpha")
    assert context.store.parts.builders() == 0


def test_nor_is_what_one_has_unpacked_that_has_ended_meanwhile(
    within, often, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pure, "LEAST_INFLATED", MIB)
    context = within()
    build(context._replace(uv=Beside(context, ends=True)), "alpha")


# -- before it is published -----------------------------------------------------------------------


def forget(context: Context, name: str) -> str:
    """Take out of the store what it keeps of a wheel, so that uv has it in its cache only."""
    (package,) = lock_of(context, name).packages
    part = part_name(package.wheels[0].sha256, python_tag(this_python()))
    assert context.store.parts.discard(part)
    return part


@pytest.mark.parametrize("limits", [{"max_env_bytes": 9 * MIB}, {"max_env_files": 10}])
def test_what_uv_has_unpacked_before_is_measured_as_well(within, limits) -> None:
    context = within()
    build(context, "several")
    part = forget(context, "several")
    error = refusal(within(**limits), "several", kind=EnvironmentKind.EPHEMERAL)
    assert error.message.startswith("The packages ")
    assert "several 1.0 (" in error.message
    assert not context.store.parts.has(part)


def test_so_is_how_much_larger_than_its_wheel_it_is(within, monkeypatch) -> None:
    context = within()
    build(context, "several")
    forget(context, "several")
    monkeypatch.setattr(pure, "LEAST_INFLATED", 0)
    error = refusal(context, "several", kind=EnvironmentKind.EPHEMERAL)
    assert error.message.startswith("several 1.0 unpacks to 16.8 MB, and its wheel has ")


def test_a_kernel_layer_has_the_same_bounds(within, index) -> None:
    with pytest.raises(BuildTooLarge, match=r"kernel cannot .*Largest: ipykernel 7\.0") as caught:
        ensure(spec("alpha"), within(max_env_bytes=100))
    assert caught.value.hint == "No header can change that: raise HEADSTART_MAX_ENV_BYTES."
    assert fetched(index) == []
