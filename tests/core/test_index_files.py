from __future__ import annotations

import pytest

from headstart.core.index_files import known_indexes, owner_of
from headstart.core.lock import Lock, LockedPackage, Wheel

PUBLIC = "https://public.example/simple"
FILES = "https://files.example/packages"


def package(name: str, url: str, index: str = "") -> LockedPackage:
    wheel = Wheel(f"{name}-1-py3-none-any.whl", f"{url}/{name}-1-py3-none-any.whl", "ab" * 32)
    return LockedPackage(name, "1", index, wheels=(wheel,))


RESOLVED = Lock(
    (
        package("ipykernel", f"{FILES}/aa/bb", PUBLIC),
        package("tornado", f"{FILES}/ac/dd", PUBLIC),
        package("pyzmq", f"{FILES}/ee/ff", PUBLIC),
        package("local", "file:///srv"),
    )
)


def owner(url: str, *configured: str, index: str = "") -> str | None:
    found = owner_of(package("six", url, index), known_indexes(configured, RESOLVED))
    return found.url if found is not None else None


def test_an_index_has_the_files_beside_it() -> None:
    team = "https://git.example/api/7/packages/pypi/simple"
    assert owner("https://git.example/api/7/packages/pypi/files/ab", team) == team
    assert owner("https://git.example/api/8/packages/pypi/files/ab", team) is None
    assert owner("http://git.example/api/7/packages/pypi/files/ab", team) is None
    assert owner("https://git.example:8443/api/7/packages/pypi/files", team) is None
    assert owner("https://dev.example/root/+f/ab", "https://dev.example/root/+simple/")
    assert owner("https://whl.example/cu121/torch", "https://whl.example/cu121")
    assert owner("https://whl.example/cpu/torch", "https://whl.example/cu121") is None


def test_an_index_has_the_files_where_it_has_named_some_before() -> None:
    assert owner(f"{FILES}/99/88", "default") == PUBLIC
    assert owner(f"{FILES}/99/88", index=f"{PUBLIC}/") == PUBLIC
    assert owner(f"{FILES}-evil/99/88") is None
    assert owner("https://files.example/else") is None


def test_one_file_says_nothing_of_where_others_lie() -> None:
    lock = Lock((package("ipykernel", f"{FILES}/aa/bb", PUBLIC),))
    assert owner_of(package("six", f"{FILES}/aa/bb"), known_indexes((), lock)) is None


def test_a_file_of_one_index_is_not_that_of_another() -> None:
    other = "https://other.example/simple"
    assert owner(f"{FILES}/99/88", other, index=other) is None
    assert owner("https://other.example/files", other, index=PUBLIC) is None
    assert owner("https://other.example/files", other, index="https://unknown.example") is None


def test_of_two_indexes_in_one_place_the_nearer_one_has_the_file() -> None:
    names = [f"https://nexus.example/repository/{name}/simple" for name in ("a", "b")]
    outer = "https://nexus.example/simple"
    assert owner("https://nexus.example/repository/b/packages", *names, outer) == names[1]
    assert owner("https://nexus.example/other/packages", *names, outer) == outer


@pytest.mark.parametrize(
    "url",
    ["https://evil.example\\@files.example/packages/a", f"{FILES}/../evil", f"{FILES}/%2e%2E/evil",
     f"{FILES}/${{HOME}}",
     f"{FILES}/a%2f..%2f..", f"{FILES}/a\\..", "https://files.example@evil.example/packages/a",
     f"{FILES}/\u2025/a", "https:files.example/packages", "https:///files.example/packages",
     "//files.example/packages", "https://[files.example/packages", f"ftp{FILES[5:]}",
     "https://files.example#@/packages/a", "https://files.example?/packages/a", ""],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_nobodys(url: str) -> None:
    assert owner(url, PUBLIC, FILES) is None


def test_credentials_are_no_part_of_a_place() -> None:
    private = "https://me:secret@private.example/simple"
    assert owner("https://private.example/files", private) == private
    assert owner(
        "https://you@private.example/files", private, index="https://private.example/simple"
    )
