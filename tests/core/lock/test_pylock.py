from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock

from headstart.core.lock.pylock import (
    Lock,
    LockDifference,
    difference,
    digest_of_text,
    parse_lock,
    uploaded_too_late,
)
from headstart.core.lock.selection import select
from headstart.core.store.key import environment_key
from headstart.errors import LockError
from tests.core.factory import LINUX, SHA, lock_text, package_lines, pure, wheel_line
from tests.effort import effort

NUMPY = [
    "numpy-2.0-cp312-cp312-macosx_11_0_arm64.whl",
    "numpy-2.0-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    "numpy-2.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    "numpy-2.0-py3-none-any.whl",
]


def numpy(*filenames: str, extra: str = "") -> str:
    return package_lines("numpy", "2.0", *map(wheel_line, filenames), extra=extra)


def test_a_lock_of_uv_is_read_and_sorted() -> None:
    lock = parse_lock(lock_text(pure("six", "1.16.0"), numpy(*NUMPY), top='requires-python=">=3"'))
    assert [package.name for package in lock.packages] == ["numpy", "six"]
    assert lock.versions == {"numpy": "2.0", "six": "1.16.0"}
    wheel = lock.packages[1].wheels[0]
    assert (wheel.filename, wheel.sha256) == ("six-1.16.0-py3-none-any.whl", SHA)
    assert lock.requires_python == ">=3"


def test_what_is_rendered_reads_back_and_is_pep_751() -> None:
    extra = 'index = "https://example.org/simple"\nmarker = "os_name == \\"posix\\""\n'
    lock = parse_lock(lock_text(numpy(*NUMPY, extra=extra), pure("six", "1.16.0")))
    text = lock.render()
    assert parse_lock(text) == lock
    assert parse_lock(text).render() == text
    Pylock.from_dict(tomllib.loads(text)).validate()
    assert lock.digest == parse_lock(text).digest != parse_lock(lock_text()).digest


def test_the_empty_lock_is_a_lock() -> None:
    lock = parse_lock(lock_text(top="packages = []"))
    assert lock == Lock() == parse_lock(Lock().render())
    assert select(lock, LINUX) == ()


@settings(max_examples=100, deadline=None)
@given(url=st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), min_size=1))
def test_any_text_survives_rendering(url: str) -> None:
    lock = parse_lock(lock_text(pure("six", "1.16.0")))
    package = lock.packages[0]
    wheel = package.wheels[0]._replace(url=f"https://{url}")
    changed = Lock((replace(package, wheels=(wheel,)),))
    try:
        assert parse_lock(changed.render()) == changed
    except LockError:
        assert any(0xD800 <= ord(character) < 0xE000 for character in url)


@pytest.mark.parametrize(
    "text, says",
    [
        ("nonsense", "line 1"),
        ("x = " + "[" * 5_000, "nested"),
        ("a." * 5_000 + "a = 1", "64 parts"),
        ("", "version 1.0"),
        ('lock-version = "2.0"', "version 1.0"),
        (lock_text(top="packages = 1"), "is a whole number"),
        (lock_text(top="packages = [1]"), "not a table"),
        (lock_text(top="packages = [{}]"), "normalised name"),
        (lock_text(pure("Six", "1")), "normalised name"),
        (lock_text(pure("six", "one")), "six has a version"),
        (lock_text(pure("x" * 9_000, "1")), "normalised name"),
        (lock_text(pure("six", "1" * 900)), "six has a version"),
        (lock_text(numpy(extra='marker = "os is new"')), "numpy has a marker"),
        (lock_text(numpy("pandas-2.0-py3-none-any.whl")), "is not one of numpy 2.0"),
        (lock_text(numpy("numpy-3.0-py3-none-any.whl")), "is not one of numpy 2.0"),
        (lock_text(numpy("numpy.whl")), "file name"),
        (lock_text(numpy("../numpy-2.0.tar.gz")), "file name"),
        (lock_text(numpy(extra='index = "a\\nb"')), "control character"),
        (lock_text(top='requires-python = "new"'), "requires-python"),
        (lock_text(numpy(extra='requires-python = "new"')), "numpy has a requires-python"),
        (lock_text(top='environments = ["os is new"]'), "the lock has a marker"),
        (lock_text(top='environments = ["a\\nb"]'), "control character"),
        (lock_text(top="extras = 1"), "extras of the lock is a whole number"),
        (lock_text(top="default-groups = [1]"), "default-groups of the lock is a whole number"),
        ('lock-version = "1.0"\npackages = []', "no created-by"),
        ('lock-version = "1.0"\ncreated-by = "uv"', "no packages"),
        (lock_text(numpy(NUMPY[3], extra="vcs = {}")), "two sources"),
        (lock_text(numpy(extra="vcs = {}\narchive = {}")), "two sources"),
        (
            lock_text(
                numpy(NUMPY[3]).replace('version = "2.0"', "")
                + numpy(NUMPY[3], "numpy-3.0-py3-none-any.whl").replace('version = "2.0"', "")
            ),
            "wheels of 2 versions",
        ),
    ],
)
def test_a_damaged_lock_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(LockError) as caught:
        parse_lock(text)
    assert says in caught.value.message
    assert len(caught.value.message) < 500
    assert "Resolve the notebook again" in caught.value.hint


def test_all_of_pep_751_that_decides_an_install_survives_rendering() -> None:
    top = (
        'requires-python = ">=3.12"\n'
        "environments = [\"sys_platform == 'linux'\", \"sys_platform == 'darwin'\"]\n"
        'extras = ["test"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]'
    )
    only = 'marker = "\'test\' in extras"\nrequires-python = ">=3.12"'
    lock = parse_lock(lock_text(numpy(NUMPY[3], extra=only), top=top))
    assert (lock.extras, lock.groups, lock.default_groups) == (("test",), ("dev", "docs"), ("dev",))
    assert len(lock.environments) == 2
    assert lock.packages[0].requires_python == ">=3.12"
    assert parse_lock(lock.render()) == lock
    Pylock.from_dict(tomllib.loads(lock.render())).validate()


def test_what_decides_nothing_is_passed_over() -> None:
    extra = (
        'attestation-identities = [{ kind = "GitHub", repository = "a/b" }]\n'
        "dependencies = [{ name = 'six' }]\nnews = 1\ntool = { uv = { a = 1 } }"
    )
    wheel = wheel_line(NUMPY[3]).replace(
        "hashes = {", "upload-time = 2026-01-01T00:00:00Z, size = 7, hashes = { sha512 = 'ff',"
    )
    text = lock_text(package_lines("numpy", "2.0", wheel, extra=extra)) + "[tool.other]\nb = 2\n"
    lock = parse_lock(text.replace('"1.0"', '"1.7"', 1))
    plain = parse_lock(lock_text(numpy(NUMPY[3])))
    assert lock.packages[0].wheels[0].size == 7
    assert lock.packages[0].wheels[0].sha256 == plain.packages[0].wheels[0].sha256


def uploaded(*times: str) -> Lock:
    """A lock with a wheel of each upload time, as TOML writes it; ``""`` for none."""
    lines = [
        wheel_line(f"numpy-2.0-{number}-py3-none-any.whl").replace(
            "hashes", f"upload-time = {text}, hashes" if text else "hashes"
        )
        for number, text in enumerate(times)
    ]
    return parse_lock(lock_text(package_lines("numpy", "2.0", *lines)))


@pytest.mark.parametrize(
    "text, kept",
    [
        ("2026-01-31T05:00:00Z", "2026-01-31T05:00:00Z"),
        ("2026-01-31T05:00:00.123456Z", "2026-01-31T05:00:00.123456Z"),
        ("2026-01-31 05:00:00.100+01:00", "2026-01-31T04:00:00.100000Z"),
        ("2026-01-31T05:00:00", "2026-01-31T05:00:00Z"),
        ("0001-01-01T00:00:00+01:00", ""),
        ("2026-01-31", ""),
        ("'2026-01-31T05:00:00Z'", ""),
        ("1", ""),
    ],
)
def test_upload_times_are_kept_in_utc(text: str, kept: str) -> None:
    lock = uploaded(text)
    assert [wheel.upload_time for wheel in lock.packages[0].wheels] == [kept]
    assert parse_lock(lock.render()) == lock
    Pylock.from_dict(tomllib.loads(lock.render())).validate()


def test_upload_times_are_no_part_of_what_is_installed() -> None:
    old, new = uploaded(""), uploaded("2026-01-31T05:00:00Z")
    assert old != new
    assert old.digest == new.digest == digest_of_text(new.render())
    assert environment_key(old, LINUX) == environment_key(new, LINUX)


def test_wheels_that_a_limit_leaves_out_are_told_from_those_without_a_time() -> None:
    lock = uploaded("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "")
    first, second, unknown = lock.packages[0].wheels
    assert uploaded_too_late(lock, "2026-01-31") == ((second,), (unknown,))
    assert uploaded_too_late(lock, "2026-02-01T01:00:00+01:00") == ((second,), (unknown,))
    assert uploaded_too_late(lock, "2026-01-31T23:59:59Z") == ((first, second), (unknown,))
    assert uploaded_too_late(lock, "2026-02-01T00:00:00.5Z") == ((), (unknown,))


@pytest.mark.parametrize("until", ["", "7 days", "2026-13-01", "9999-12-31", "2026-01-31T05:00:00"])
def test_a_claim_that_is_no_moment_cannot_be_checked(until: str) -> None:
    with pytest.raises(ValueError, match=r"not a date or a time|month must be"):
        uploaded_too_late(uploaded("2026-01-31T05:00:00Z"), until)


def test_a_package_may_leave_its_version_to_its_wheels() -> None:
    lock = parse_lock(lock_text(numpy(*NUMPY).replace('version = "2.0"\n', "")))
    assert lock.versions == {"numpy": "2.0"}


def test_packages_without_wheels_say_what_they_are_instead() -> None:
    lock = parse_lock(
        lock_text(
            '\n[[packages]]\nname = "a"\nversion = "1"\nsdist = {}\n',
            '\n[[packages]]\nname = "b"\nvcs = {}\n',
            '\n[[packages]]\nname = "c"\ndirectory = {}\n',
        )
    )
    assert [package.source for package in lock.packages] == ["sdist", "vcs", "directory"]


def chosen(*filenames: str) -> str:
    [(_, wheel)] = select(parse_lock(lock_text(numpy(*filenames))), LINUX)
    return wheel.filename


def test_the_wheel_with_the_best_tag_is_selected_in_any_order() -> None:
    assert chosen(*NUMPY) == chosen(*reversed(NUMPY)) == NUMPY[2]
    assert chosen(*NUMPY[:2], NUMPY[3]) == NUMPY[1]
    assert chosen(NUMPY[0], NUMPY[3]) == NUMPY[3]


def test_the_higher_build_number_wins_among_equal_tags() -> None:
    builds = [f"numpy-2.0-{build}-py3-none-any.whl" for build in ("2", "10", "1a")]
    assert chosen(*builds, NUMPY[3]) == builds[1]


def test_no_wheel_that_fits_is_an_error_that_names_the_package() -> None:
    with pytest.raises(LockError, match=r"numpy 2\.0 has no wheel for Python 3\.12\.1"):
        chosen(NUMPY[0])


def test_markers_choose_among_packages() -> None:
    windows = numpy(NUMPY[3], extra='marker = "sys_platform == \\"win32\\""\n')
    linux = pure("six", "1").replace("wheels", "marker = \"python_version >= '3.12'\"\nwheels")
    lock = parse_lock(lock_text(windows, linux))
    assert [package.name for package, _ in select(lock, LINUX)] == ["six"]


def test_a_package_twice_for_one_python_is_an_error() -> None:
    with pytest.raises(LockError, match="six twice"):
        select(parse_lock(lock_text(pure("six", "1"), pure("six", "2"))), LINUX)


def test_a_lock_for_another_python_is_an_error() -> None:
    with pytest.raises(LockError, match=r"for Python >=3\.13, and this is Python 3\.12\.1"):
        select(Lock(requires_python=">=3.13"), LINUX)


def test_a_difference_names_what_changes() -> None:
    assert difference({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"}) == (
        LockDifference(added=(("d", "1"),), removed=(("a", "1"),), changed=(("b", "1", "2"),))
    )
    assert difference({"a": "1"}, {"a": "1"}) == LockDifference()


def test_a_lock_of_forty_packages_is_read_with_little_effort() -> None:
    text = parse_lock(lock_text(*(pure(f"p{n}", "1.0") for n in range(40)))).render()

    assert effort(lambda: select(parse_lock(text), LINUX), rounds=5) < 6
