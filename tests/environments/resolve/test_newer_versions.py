"""Old versions that uv takes because newer ones have no wheels: said, or refused."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.pylock import Lock, LockedPackage
from headstart.core.refresh import RefreshMode
from headstart.environments.context import Context
from headstart.environments.ready import ensure, lock_for
from headstart.environments.resolve.locking import lock_spec
from headstart.environments.resolve.newer_versions import recall_held_back
from headstart.errors import OnlyOlderVersion, VersionConflict
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import UvRunner
from tests.local_uv import Counted, spec, this_python

UPLOADED = {
    "hydra-2.5-py3-none-any.whl": "2024-05-05T00:00:00Z",
    "alone-2.0.tar.gz": "2024-05-05T00:00:00Z",
}


def make_source(folder: Path, name: str, version: str, ran: Path) -> None:
    """A real source distribution, whose ``setup.py`` leaves a file if it is ever run."""
    texts = {
        "setup.py": f"open({str(ran)!r}, 'w').close()\n"
        f"from setuptools import setup\nsetup(name={name!r}, version={version!r})\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        for path, text in texts.items():
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ran") / "setup"


@pytest.fixture(scope="module")
def sources(house: Path, tmp_path_factory: pytest.TempPathFactory, ran: Path) -> Path:
    """An index's folder: some newest versions have only a source, or need what has only one."""
    folder = tmp_path_factory.mktemp("sources")
    for wheel in house.iterdir():
        (folder / wheel.name).write_bytes(wheel.read_bytes())
    make_wheel(folder, "hydra", "0.11")
    make_wheel(folder, "hydra", "2.5", requires=["antlr==4.9.*"])
    make_wheel(folder, "antlr", "4.13")
    make_source(folder, "antlr", "4.9", ran)
    make_wheel(folder, "alone", "1.0")
    make_source(folder, "alone", "2.0", ran)
    make_wheel(folder, "minor", "1.0")
    make_source(folder, "minor", "1.2", ran)
    make_wheel(folder, "early", "1.0")
    make_wheel(folder, "early", "2.0")
    make_source(folder, "early", "3.0rc1", ran)
    make_wheel(folder, "needs", "1.0", requires=["early<2"])
    make_wheel(folder, "tagged", "1.0")
    make_wheel(folder, "tagged", "1.1", requires=["windows"])
    make_wheel(folder, "windows", "1.0", tag="py3-none-win_amd64")
    return folder


@pytest.fixture(scope="module")
def index(sources: Path) -> Iterator[LocalIndex]:
    with LocalIndex(sources, uploaded=UPLOADED) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_built(ran: Path) -> Iterator[None]:
    yield
    assert not ran.exists()


def had(asked: EnvironmentSpec, context: Context) -> dict[str, str]:
    return dict(lock_for(asked, this_python(), context).versions)


def said(asked: EnvironmentSpec, context: Context) -> list[str]:
    """What is remembered of what a lock lacks."""
    python = this_python()
    versions = lock_for(asked, python, context).versions
    return [f.message for f in recall_held_back(asked, versions, python.version, context.store)]


def test_a_version_a_whole_major_older_for_want_of_a_wheel_is_refused(context):
    with pytest.raises(OnlyOlderVersion) as caught:
        ensure(spec("hydra"), context)
    assert caught.value.message == (
        "hydra allows hydra 2.5, which cannot be had: antlr, which it needs, has no wheel, only "
        "its source, and Headstart installs wheels only. What can be had is 0.11, a whole major "
        "version older."
    )
    assert '"hydra<1"' in caught.value.hint
    with pytest.raises(OnlyOlderVersion):  # it was not remembered either
        ensure(spec("hydra"), context)


def test_a_package_whose_newest_version_is_a_source_is_named_itself(context):
    with pytest.raises(
        OnlyOlderVersion, match=r"alone 2\.0, which cannot be had: that version has no whe"
    ):
        ensure(spec("alone"), context)


@pytest.mark.parametrize("line", ["hydra<1", "hydra==0.11", "hydra<2", "hydra===0.11"])
def test_the_old_version_may_be_asked_for(context, line):
    assert (had(spec(line), context), said(spec(line), context)) == ({"hydra": "0.11"}, [])


@pytest.mark.parametrize("fields", [
    {"constraints": ("hydra<1",)}, {"overrides": ("hydra<1",)}, {"exclude_newer": "2021-01-01"},
])  # fmt: skip
def test_what_else_the_header_says_counts_for_what_it_allows(context, fields):
    assert had(spec("hydra", **fields), context) == {"hydra": "0.11"}


def test_the_users_limit_on_upload_times_counts_too(context):
    environ = {**context.settings.environ, "UV_EXCLUDE_NEWER": "2021-01-01T00:00:00Z"}
    settings = replace(context.settings, environ=environ)
    limited = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    assert had(spec("alone"), limited) == {"alone": "1.0"}


def test_less_than_a_major_version_is_said_and_remembered(context):
    events = []
    listening = context._replace(report=events.append)
    assert had(spec("minor"), listening) == {"minor": "1.0"}
    [message] = said(spec("minor"), context)
    assert message == (
        "minor 1.0 was taken, and not 1.2, the newest that the header allows: that version has no "
        "wheel, only its source, and Headstart installs wheels only."
    )
    assert message in [event.message for event in events]


def test_a_wheel_of_another_platform_is_a_reason_too(context):
    assert had(spec("tagged"), context) == {"tagged": "1.0"}
    [message] = said(spec("tagged"), context)
    assert "windows, which it needs, has no wheel for this Python and platform" in message


def test_prereleases_and_what_other_requirements_exclude_are_no_reason(context):
    asked = spec("early", "needs")
    assert had(asked, context) == {"early": "1.0", "needs": "1.0"}
    assert said(asked, context) == said(spec("early"), context) == []


def test_only_a_new_resolution_looks_and_only_where_there_is_reason_to(context):
    had(spec("shared"), context)
    counted = Counted(context.uv)
    looking = context._replace(uv=counted)
    for asked, verbs in [
        (spec("alpha"), ["compile", "locate", "newest"]),
        (spec("alpha"), []),
        (spec("alpha==1.0"), ["compile", "locate"]),
        (spec("minor"), ["compile", "locate", "newest", "compile"]),
        (spec("minor", refresh=RefreshMode.EPHEMERAL), ["compile"]),
    ]:
        counted.verbs.clear()
        had(asked, looking)
        assert counted.verbs == verbs


def test_a_new_lock_is_judged_in_the_same_way(context):
    with pytest.raises(OnlyOlderVersion, match="antlr"):
        lock_spec(spec("hydra"), context)
    locked = lock_spec(spec("minor"), context)
    assert locked.universal
    assert [(found.taken, found.newest) for found in locked.held_back] == [("1.0", "1.2")]
    kept = Lock((LockedPackage("early", "1.0"),))
    kept_back = lock_spec(spec("early"), context, old=kept)
    assert (dict(kept_back.lock.versions), kept_back.held_back) == ({"early": "1.0"}, ())


def test_a_failure_that_is_one_stays_what_it_is(context):
    with pytest.raises(VersionConflict):
        ensure(spec("needs", "early>=2"), context)


def test_folders_of_wheels_and_sources_are_looked_at_without_running_anything(
    context, sources, tmp_path
):
    settings = replace(
        context.settings,
        find_links=(str(sources),),
        environ={**context.settings.environ, "UV_NO_INDEX": "1"},
    )
    local = context._replace(settings=settings, uv=UvRunner(settings, tmp_path / "cache"))
    with pytest.raises(OnlyOlderVersion, match="that version has no wheel, only its source"):
        ensure(spec("alone"), local)
    assert said(spec("minor"), local)


def test_an_index_with_credentials_is_asked_with_them(context, sources, tmp_path):
    with LocalIndex(sources, credentials=("me", "s3cret")) as index:
        settings = replace(context.settings, default_index=index.url_with_credentials)
        private = context._replace(settings=settings, uv=UvRunner(settings, tmp_path / "cache"))
        with pytest.raises(OnlyOlderVersion) as caught:
            ensure(spec("hydra"), private)
    assert "s3cret" not in str(caught.value.to_json())


def test_offline_nothing_is_said(context):
    had(spec("shared"), context)
    offline_settings = replace(context.settings, offline=True)
    had(spec("minor"), context)
    offline = context._replace(
        settings=offline_settings, uv=UvRunner(offline_settings, context.store.uv_cache)
    )
    assert had(spec("minor>=0.5"), offline) == {"minor": "1.0"}
    assert said(spec("minor>=0.5"), offline) == []


def test_no_source_is_downloaded(context, index):
    index.requests.clear()
    with pytest.raises(OnlyOlderVersion):
        ensure(spec("hydra", "minor"), context)
    assert [path for path in index.requests if ".tar.gz" in path] == []
