"""What an interpreter gets of a lock, with `packaging` as the judge."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock, PylockSelectError
from packaging.tags import parse_tag

from headstart.core.lock.pylock import Lock, parse_lock
from headstart.core.lock.selection import applicable, narrow
from headstart.errors import LockError
from tests.core.factory import LINUX, lock_text, package_lines, pure, wheel_line

PARTS = 'extras = ["plot", "test"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]'


def marked(name: str, marker: str, more: str = "") -> str:
    wheel = wheel_line(f"{name}-1-py3-none-any.whl")
    return package_lines(name, "1", wheel, extra=f'marker = "{marker}"\n{more}')


LOCK = parse_lock(
    lock_text(
        pure("always", "1"),
        marked("plotting", "'plot' in extras"),
        marked("testing", "'test' in extras or 'dev' in dependency_groups"),
        marked("writing", "'docs' in dependency_groups"),
        top=PARTS,
    )
)


def names(lock: Lock, *extras: str, groups: tuple[str, ...] | None = None) -> list[str]:
    return [package.name for package in applicable(lock, LINUX, extras, groups)]


def test_extras_are_installed_when_they_are_asked_for_and_groups_by_default() -> None:
    assert names(LOCK) == ["always", "testing"]
    assert names(LOCK, "Plot") == ["always", "plotting", "testing"]
    assert names(LOCK, groups=()) == ["always"]
    assert names(LOCK, "test", groups=("docs",)) == ["always", "testing", "writing"]


@pytest.mark.parametrize(
    "extras, groups, says",
    [(["nope"], None, "no extra"), ([], ["nope"], "no dependency group"), (["dev"], None, "extra")],
)
def test_what_the_lock_does_not_have_cannot_be_asked_for(
    extras: list[str], groups: list[str] | None, says: str
) -> None:
    with pytest.raises(LockError, match=says) as caught:
        applicable(LOCK, LINUX, extras, groups)
    assert "It has " in caught.value.hint


def test_a_lock_for_other_machines_is_refused() -> None:
    environments = "environments = [\"sys_platform == 'win32'\", \"sys_platform == 'linux'\"]"
    assert names(parse_lock(lock_text(pure("six", "1"), top=environments))) == ["six"]
    with pytest.raises(LockError, match="other machines"):
        applicable(parse_lock(lock_text(top=environments.replace("linux", "darwin"))), LINUX)


def test_a_package_for_another_python_is_an_error_unless_its_marker_leaves_it_out() -> None:
    new = 'requires-python = ">=3.13"'
    with pytest.raises(LockError, match=r"six in the lock is for Python >=3\.13"):
        applicable(parse_lock(lock_text(marked("six", "os_name == 'posix'", new))), LINUX)
    assert names(parse_lock(lock_text(marked("six", "os_name == 'nt'", new)))) == []


def test_a_marker_that_means_nothing_in_a_lock_is_an_error() -> None:
    with pytest.raises(LockError, match="six has a marker that cannot be evaluated"):
        applicable(parse_lock(lock_text(marked("six", "extra == 'x'"))), LINUX)


def test_a_narrow_lock_has_nothing_in_it_for_anybody_else() -> None:
    wheels = (wheel_line("six-1-cp39-cp39-win_amd64.whl"), wheel_line("six-1-py3-none-any.whl"))
    extra = 'marker = "os_name == \'posix\'"\nrequires-python = ">=3"'
    lock = parse_lock(lock_text(package_lines("six", "1", *wheels, extra=extra), top=PARTS))
    assert narrow(lock.packages, LINUX) == parse_lock(lock_text(pure("six", "1")))


MARKERS = ["", "'plot' in extras", "'dev' in dependency_groups", "python_version >= '3.13'",
           "sys_platform == 'linux'", "sys_platform != 'linux' or 'docs' in dependency_groups",
           "implementation_name == 'cpython' and 'test' not in extras"]  # fmt: skip
TAGS = [
    "cp312-cp312-manylinux_2_28_x86_64",
    "cp312-abi3-manylinux_2_17_x86_64.manylinux_2_28_x86_64",
    "py2.py3-none-any",
    "cp312-cp312-win_amd64",
    "cp311-cp311-manylinux_2_28_x86_64",
]
PACKAGE = st.tuples(
    st.sampled_from(["alpha", "beta", "gamma"]),
    st.sampled_from(MARKERS),
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=4, unique=True),
    st.sampled_from(["", ">=3.9", ">=3.13"]),
)


@settings(max_examples=300, deadline=None)
@given(
    packages=st.lists(PACKAGE, max_size=4),
    extras=st.sets(st.sampled_from(["plot", "test"])),
    groups=st.none() | st.sets(st.sampled_from(["dev", "docs"])),
    environment=st.sampled_from(["", "sys_platform == 'linux'", "sys_platform == 'win32'"]),
    python=st.sampled_from(["", ">=3.12", "<3.12"]),
)
def test_the_selection_is_that_of_packaging(
    packages: list, extras: set[str], groups: set[str] | None, environment: str, python: str
) -> None:
    top = f'{PARTS}\nrequires-python = "{python}"' if python else PARTS
    top += f'\nenvironments = ["{environment}"]' if environment else ""
    text = lock_text(*(written(*package) for package in packages), top=top)
    assert ours(text, extras, groups) == theirs(text, extras, groups)


def written(name: str, marker: str, tags: list[str], python: str) -> str:
    extra = f'marker = "{marker}"\n' if marker else ""
    extra += f'requires-python = "{python}"' if python else ""
    return package_lines(
        name, "1", *(wheel_line(f"{name}-1-{tag}.whl") for tag in tags), extra=extra
    )


def ours(text: str, extras: set[str], groups: set[str] | None) -> dict[str, str] | None:
    chosen = None if groups is None else sorted(groups)
    try:
        lock = narrow(applicable(parse_lock(text), LINUX, sorted(extras), chosen), LINUX)
    except LockError:
        return None
    return {package.name: package.wheels[0].filename for package in lock.packages}


def theirs(text: str, extras: set[str], groups: set[str] | None) -> dict[str, str] | None:
    tags = [tag for text in LINUX.tags for tag in parse_tag(text)]
    lock = Pylock.from_dict(tomllib.loads(text))
    try:
        found = lock.select(
            environment=dict(LINUX.markers), tags=tags, extras=extras, dependency_groups=groups
        )
        return {package.name: wheel.filename for package, wheel in found}
    except PylockSelectError:
        return None


def test_a_prerelease_of_python_is_one_that_a_lock_may_be_for() -> None:
    beta = LINUX._replace(version="3.13.0b1")
    lock = parse_lock(lock_text(pure("six", "1"), top='requires-python = ">=3.12"'))
    assert [package.name for package in applicable(lock, beta)] == ["six"]


LONG = "9" * 5_000
NOT_EMPTY = "os_name != ''"


@pytest.mark.parametrize(
    "extra_lines",
    [
        f"requires-python = '>=3.{LONG}'",
        f"requires-python = '{','.join(['>=3'] * 500)}'",
        f"marker = \"python_version >= '3.{LONG}'\"",
        f'marker = "{" and ".join([NOT_EMPTY] * 2_000)}"',
    ],
)
def test_what_is_too_long_to_be_compared_is_refused(extra_lines: str) -> None:
    wheel = wheel_line("a-1-py3-none-any.whl")
    with pytest.raises(LockError):
        applicable(parse_lock(lock_text(package_lines("a", "1", wheel, extra=extra_lines))), LINUX)
