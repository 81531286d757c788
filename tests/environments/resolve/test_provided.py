"""Locks that a notebook brings: with the real uv and local indexes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headstart import envvars
from headstart.core.header.spec import EnvironmentSpec, ProvidedLock
from headstart.core.refresh import RefreshMode
from headstart.environments.context import Context
from headstart.environments.ready import ensure, look, requires_python_of
from headstart.environments.resolve.provided import provided_lock, recall_provided
from headstart.errors import (
    HashMismatch,
    IndexUnreachable,
    InterpreterError,
    LockError,
    PolicyError,
)
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import UvRunner
from tests.core.factory import lock_text, package_lines, wheel_line
from tests.local_uv import Counted, spec, this_python


def package(house: Path, base: str, name: str, version: str = "1.0", extra: str = "") -> str:
    """A package of a lock as uv writes it: its wheel, and no index."""
    wheel = house / f"{name}-{version}-py3-none-any.whl"
    sha = hashlib.sha256(wheel.read_bytes()).hexdigest()
    line = wheel_line(wheel.name, sha=sha, url=f"{base}/files/{wheel.name}")
    return package_lines(name, version, line, extra=extra)


@pytest.fixture
def base(index: LocalIndex) -> str:
    return index.url.removesuffix("/simple")


def with_index(context: Context, index: LocalIndex) -> Context:
    """The context with that index besides its own."""
    settings = replace(context.settings, extra_indexes=(index.url,))
    return context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))


def without_network(context: Context, cache: Path) -> Context:
    """The context where nothing can be reached, and uv's cache knows nothing."""
    settings = replace(context.settings, offline=True)
    return context._replace(settings=settings, uv=UvRunner(settings, cache))


def given(text: str, *requirements: str, **fields: object) -> EnvironmentSpec:
    """A spec with a lock; those of its fields that the lock has are the lock's."""
    lock = ProvidedLock(text, "pylock.toml")
    for name in ("extras", "groups"):
        if name in fields:
            lock = lock._replace(**{name: fields.pop(name)})
    return spec(*requirements, lock=lock, **fields)


@pytest.fixture
def two(house: Path, base: str) -> str:
    """A lock with an old alpha, which no resolution would choose, and helper."""
    return lock_text(package(house, base, "alpha"), package(house, base, "helper"))


def test_exactly_what_a_lock_says_is_installed_and_nothing_is_resolved(context, two):
    with ensure(given(two), context) as ready:
        installed = {
            item.name: item.version for item in ready.environment.environment.manifest.distributions
        }
    assert installed == {"alpha": "1.0", "helper": "1.0"}


def test_a_known_lock_needs_no_uv_and_no_connection(context, two, index, fake):
    first = ensure(given(two), context)
    index.requests.clear()
    bare = context._replace(uv=fake)
    assert look(given(two), bare) == first.environment.environment
    with ensure(given(two), bare) as ready:
        assert ready.reused
    assert (index.requests, fake.commands) == ([], [])
    first.close()


def test_a_lock_asks_the_index_for_its_files_and_for_nothing_else(context, two, index):
    ensure(spec("shared"), context).close()
    index.requests.clear()
    ensure(given(two), context).close()
    assert sorted(index.requests) == [
        "/files/alpha-1.0-py3-none-any.whl",
        "/files/helper-1.0-py3-none-any.whl",
        "/simple/alpha/",
        "/simple/helper/",
    ]


def test_a_lock_and_a_resolution_of_the_same_share_an_environment(context, house, base):
    text = lock_text(*(package(house, base, "shared", "2.1"),))
    with ensure(spec("shared"), context) as one, ensure(given(text), context) as other:
        assert one.environment.environment.key == other.environment.environment.key
        assert other.reused


def test_offline_a_lock_of_uv_is_installed_from_the_cache(context, two, index):
    ensure(given(two), context).close()
    settings = replace(context.settings, offline=True)
    offline = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    index.requests.clear()
    again = given(two)._replace(refresh=RefreshMode.EPHEMERAL)
    for part in list(context.store.parts.names()):
        context.store.parts.discard(part)
    with ensure(again, offline) as ready:
        assert dict(ready.lock.versions) == {"alpha": "1.0", "helper": "1.0"}
    assert index.requests == []


def test_extras_and_groups_of_a_lock_choose_among_its_packages(context, house, base):
    plot, dev = "marker = \"'plot' in extras\"", "marker = \"'dev' in dependency_groups\""
    text = lock_text(
        package(house, base, "alpha", extra=plot), package(house, base, "helper", extra=dev),
        top='extras = ["plot"]\ndependency-groups = ["dev"]\ndefault-groups = ["dev"]',
    )  # fmt: skip
    for fields, names in [({}, {"helper"}), ({"extras": ("plot",)}, {"alpha", "helper"}),
                          ({"groups": ()}, set())]:  # fmt: skip
        with ensure(given(text, **fields), context) as ready:
            assert ready.lock.versions.keys() == names


def test_a_wrong_hash_fails(context, house, base):
    right = hashlib.sha256((house / "alpha-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    text = lock_text(package(house, base, "alpha").replace(right, "ab" * 32))
    with pytest.raises(PolicyError, match=r"alpha-1\.0-.*no configured index lists that file"):
        ensure(given(text), context)


def test_a_wrong_size_fails(context, house, base):
    text = package(house, base, "alpha").replace("hashes =", "size = 7, hashes =")
    with pytest.raises(HashMismatch, match=r"alpha==1\.0 is not the one in the lock"):
        ensure(given(lock_text(text)), context)


def test_a_hash_of_another_package_does_not_bring_that_package(context, two, house, base, tmp_path):
    """The store has parts by the hashes of their wheels: a lie about one must not go unseen."""
    ensure(given(two), context).close()
    alpha, helper = (
        hashlib.sha256((house / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest()
        for name in ("alpha", "helper")
    )
    text = lock_text(package(house, base, "alpha").replace(alpha, helper))
    with pytest.raises(PolicyError, match="no configured index lists that file"):
        ensure(given(text), context)
    offline = without_network(context, tmp_path / "empty-cache")
    with pytest.raises(LockError, match=r"the hash of another file for alpha 1\.0"):
        ensure(given(text), offline)


@pytest.mark.parametrize("hashes", ["{ sha512 = 'ff' }", "{}"])
def test_a_file_without_a_sha256_is_refused(context, house, base, hashes):
    text = package(house, base, "alpha").partition("hashes = ")[0]
    with pytest.raises(PolicyError, match="no SHA-256"):
        ensure(given(lock_text(f"{text}hashes = {hashes} }}]\n")), context)


@pytest.mark.parametrize(
    "source", ['sdist = { name = "x-1.tar.gz", url = "u" }', 'vcs = { type = "git" }',
               'archive = { url = "https://host/x.zip" }', 'directory = { path = "." }']
)  # fmt: skip
def test_what_is_not_a_wheel_is_refused_where_it_would_be_installed(context, two, source):
    table = '\n[[packages]]\nname = "x"\nversion = "1"\nmarker = "os_name == \'{}\'"\n{}\n'
    ensure(given(two + table.format("nt", source)), context).close()
    with pytest.raises(PolicyError, match=r"x==1 is not allowed: the lock has it as"):
        ensure(given(two + table.format("posix", source)), context)


# -- where its files may come from ---------------------------------------------------------------


@pytest.fixture
def other(tmp_path: Path) -> Iterator[LocalIndex]:
    """An index that is not configured."""
    make_wheel(tmp_path / "evil", "alpha", "1.0", {"alpha.py": "EVIL = 1"})
    make_wheel(tmp_path / "evil", "evil", "1.0")
    with LocalIndex(tmp_path / "evil") as running:
        yield running


@pytest.mark.parametrize("name", ["alpha", "evil"])
def test_a_foreign_file_is_refused_and_its_url_is_not_connected_to(context, other, name):
    there = other.url.removesuffix("/simple")
    text = lock_text(package(other.folder, there, name))
    with pytest.raises(PolicyError, match="no configured index") as caught:
        ensure(given(text), context)
    assert caught.value.details["violations"][0]["code"] == "foreign-url"
    assert other.requests == []


def test_a_file_that_no_page_of_the_index_lists_is_not_fetched(context, tmp_path):
    make_wheel(tmp_path / "own", "listed", "1.0")
    make_wheel(tmp_path / "own", "left", "1.0")
    with LocalIndex(tmp_path / "own") as index:
        index.unlisted.add("left-1.0-py3-none-any.whl")
        there = with_index(context, index)
        names = ("listed", "left")
        base = index.url.removesuffix("/simple")
        text = lock_text(*(package(index.folder, base, name) for name in names))
        with pytest.raises(PolicyError, match=r"left-1\.0.*no configured index lists") as caught:
            ensure(given(text), there)
    assert [v["requirement"] for v in caught.value.details["violations"]] == ["left==1.0"]
    assert [path for path in index.requests if path.startswith("/files/")] == []


def test_a_redirect_of_the_indexs_host_is_not_followed(context, house, index, base, other):
    target = f"{other.url.removesuffix('/simple')}/files/evil-1.0-py3-none-any.whl"
    index.redirects["/away/evil-1.0-py3-none-any.whl"] = target
    text = package(other.folder, base, "evil").replace("/files/", "/away/")
    try:
        with pytest.raises(PolicyError, match="no configured index"):
            ensure(given(lock_text(text)), context)
    finally:
        del index.redirects["/away/evil-1.0-py3-none-any.whl"]
    assert other.requests == []
    assert not [path for path in index.requests if path.startswith("/away/")]


def test_another_place_on_the_indexs_host_is_not_asked_for_a_file_that_is_listed(
    context, house, index, base
):
    index.requests.clear()
    text = package(house, base, "alpha").replace("/files/", "/files/../away/")
    plain = package(house, base, "helper").replace("/files/", "/away/")
    with ensure(given(lock_text(text, plain)), context) as ready:
        urls = {package.wheels[0].url for package in ready.lock.packages}
    names = ("alpha-1.0-py3-none-any.whl", "helper-1.0-py3-none-any.whl")
    assert urls == {f"{base}/files/{name}" for name in names}
    assert not [path for path in index.requests if "away" in path]


def test_all_packages_of_a_lock_are_looked_for_in_one_call(context, two):
    ensure(spec("shared"), context).close()
    counted = Counted(context.uv)
    ensure(given(two), context._replace(uv=counted)).close()
    assert counted.verbs == ["compile", "locate", "venv", "sync", "venv"]


def test_a_file_that_was_just_uploaded_is_found(context, tmp_path):
    make_wheel(tmp_path / "own", "early", "1.0")
    with LocalIndex(tmp_path / "own") as index:
        index.max_age = 600
        there = with_index(context, index)
        base = index.url.removesuffix("/simple")
        ensure(given(lock_text(package(index.folder, base, "early"))), there).close()
        make_wheel(index.folder, "early", "2.0")
        with ensure(given(lock_text(package(index.folder, base, "early", "2.0"))), there) as ready:
            assert dict(ready.lock.versions) == {"early": "2.0"}


def test_a_file_that_the_users_limit_leaves_out_is_refused_for_that(context, two):
    limit = "2001-02-03T00:00:00Z"
    environ = {**context.settings.environ, envvars.UV_EXCLUDE_NEWER: limit}
    settings = replace(context.settings, environ=environ)
    limited = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    with pytest.raises(PolicyError, match=rf"exclude-newer of uv's settings \({limit}\)"):
        ensure(given(two), limited)


def test_without_a_network_what_the_store_has_of_a_lock_is_enough(context, tmp_path, two):
    ensure(given(two), context).close()
    offline = without_network(context, tmp_path / "empty-cache")
    text = two.replace("http://127.0.0.1", "https://mirror.invalid")
    with ensure(given(text), offline) as ready:
        assert ready.reused
        assert not [w.url for p in ready.lock.packages for w in p.wheels if "://" in w.url]
    assert recall_provided(given(text), given(text).lock, this_python(), offline) is None


def test_without_a_network_what_the_store_does_not_have_is_named(context, tmp_path, house, two):
    ensure(given(two), context).close()
    offline = without_network(context, tmp_path / "empty-cache")
    text = two + package(house, "https://mirror.invalid", "beta")
    with pytest.raises(IndexUnreachable, match="offline, and beta"):
        ensure(given(text), offline)


def test_a_foreign_index_makes_a_file_no_better(context, other):
    there = other.url.removesuffix("/simple")
    text = lock_text(package(other.folder, there, "alpha", extra=f'index = "{other.url}"'))
    with pytest.raises(PolicyError, match="no configured index"):
        ensure(given(text), context)
    assert other.requests == []


@pytest.mark.parametrize(
    "place", ["https://mirror.invalid", "file:///nowhere", "http://127.0.0.1:1\\\\@{host}",
              "http://{host}/files/../../x"]
)  # fmt: skip
def test_a_file_that_an_index_has_too_is_taken_from_there(context, house, index, base, place):
    """A lock that was made with a mirror works without that mirror."""
    host = base.removeprefix("http://")
    text = package(
        house, place.format(host=host), "alpha", extra='index = "https://mirror.invalid/"'
    )
    with ensure(given(lock_text(text)), context) as ready:
        [locked] = ready.lock.packages
    assert (locked.index, locked.wheels[0].url) == (
        index.url, f"{base}/files/alpha-1.0-py3-none-any.whl"
    )  # fmt: skip


def test_offline_a_foreign_file_is_not_had_either(context, house):
    ensure(spec(), context).close()
    settings = replace(context.settings, offline=True)
    offline = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    text = lock_text(package(house, "https://mirror.invalid", "alpha"))
    with pytest.raises(IndexUnreachable, match="offline, and alpha is not in"):
        ensure(given(text), offline)


def test_a_folder_of_wheels_that_the_settings_name_is_allowed(context, tmp_path):
    links = tmp_path / "links"
    make_wheel(links, "lone", "1.0")
    settings = replace(context.settings, find_links=(str(links),))
    allowed = context._replace(settings=settings, uv=UvRunner(settings, context.store.uv_cache))
    text = package(links, "", "lone").replace('"/files/', f'"{links.as_uri()}/')
    with ensure(given(lock_text(text)), allowed) as ready:
        assert dict(ready.lock.versions) == {"lone": "1.0"}
    with pytest.raises(PolicyError, match="no configured index"):
        ensure(given(lock_text(text)), context)


def test_what_was_allowed_with_one_index_is_looked_at_again_with_another(
    context, two, house, tmp_path
):
    ensure(given(two), context).close()
    for wheel in (*house.glob("ipykernel*"), *house.glob("shared*"), *house.glob("helper*")):
        (tmp_path / wheel.name).write_bytes(wheel.read_bytes())
    with LocalIndex(tmp_path) as index:
        settings = replace(context.settings, default_index=index.url)
        elsewhere = context._replace(
            settings=settings, uv=UvRunner(settings, context.store.uv_cache)
        )
        with pytest.raises(PolicyError, match="no configured index"):
            ensure(given(two), elsewhere)


# -- what the header says beside it --------------------------------------------------------------


@pytest.mark.parametrize("line", ["alpha", "alpha<2", "alpha==1.*", "nope; os_name == 'nt'",
                                  "helper[extra]>=1"])  # fmt: skip
def test_what_the_lock_gives_may_stand_in_the_header_too(context, two, line):
    ensure(given(two, line), context).close()


@pytest.mark.parametrize(
    "line, says", [("alpha>=2", "has alpha 1.0, and the header asks for alpha>=2"),
                   ("beta", "does not have beta, and the header asks for beta")]
)  # fmt: skip
def test_what_the_lock_does_not_give_is_an_error_with_the_difference(context, two, line, says):
    with pytest.raises(LockError) as caught:
        ensure(given(two, line, "helper"), context)
    assert caught.value.message == f"pylock.toml {says}."
    assert "make the lock again" in caught.value.hint
    assert len(caught.value.details["unmet"]) == 1


def test_constraints_and_overrides_count_as_in_a_resolution(context, two):
    ensure(given(two, "alpha>=2", overrides=("alpha==1.0",)), context).close()
    ensure(given(two, constraints=("beta<1",)), context).close()
    for fields in ({"constraints": ("alpha>1",)}, {"overrides": ("alpha>1",)}):
        with pytest.raises(LockError, match=r"has alpha 1\.0"):
            ensure(given(two, **fields), context)


def test_hashes_of_the_header_limit_the_files_of_the_lock(context, two, house):
    sha = hashlib.sha256((house / "alpha-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    ensure(given(two, hashes=(("alpha", (sha,)),)), context).close()
    with pytest.raises(HashMismatch, match="hashes for alpha exclude every file of"):
        ensure(given(two, hashes=(("alpha", ("ab" * 32,)),)), context)


def test_the_python_is_one_that_both_header_and_lock_allow(context, two):
    python = 'requires-python = ">=3.11"\n'
    asked = given(two.replace("[[", python + "[[", 1), requires_python="<3.99")
    for _ in range(2):
        assert requires_python_of(asked, context) == "<3.99,>=3.11"
    ensure(asked, context).close()
    settings = replace(context.settings, python_downloads="never")
    with pytest.raises(InterpreterError, match=r"3\.99"):
        ensure(asked._replace(requires_python=">=3.99"), context._replace(settings=settings))


def test_a_damaged_lock_is_named(context):
    with pytest.raises(
        LockError, match=r"^pylock\.toml cannot be read, line 1.*Make the lock again"
    ):
        ensure(given("nonsense"), context)


def test_a_known_lock_is_known_under_all_that_says_which_files_the_indexes_have(context, two):
    python, asked = this_python(), given(two)
    first = provided_lock(asked, asked.lock, python, context)
    for name in (*envvars.UV_OPTIONS, *envvars.UV_PASSED_ON, envvars.UV_EXCLUDE_NEWER):
        told = {**context.settings.environ, name: "2026-01-31"}
        other = context._replace(settings=replace(context.settings, environ=told))
        expected = first if name in envvars.UV_CHOOSE_NOTHING else None
        assert recall_provided(asked, asked.lock, python, other) == expected, name
