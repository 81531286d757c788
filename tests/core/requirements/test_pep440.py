"""Versions and their specifiers (PEP 440): the examples of the specification."""

from __future__ import annotations

from itertools import pairwise

import pytest
from packaging.specifiers import SpecifierSet

from headstart.core.lock.pylock import Lock, parse_lock
from headstart.core.lock.selection import select
from headstart.core.requirements.grammar import canonical, parse_requirement
from headstart.errors import HeaderError, LockError
from tests.core.factory import LINUX, cell_header, lock_text, package_lines, wheel_line

NORMALISED = [
    ("1.1RC1", "1.1rc1"), ("00", "0"), ("09000", "9000"), ("1.0+foo0100", "1.0+foo0100"),
    ("1.1.a1", "1.1a1"), ("1.1-a1", "1.1a1"), ("1.0a.1", "1.0a1"), ("1.1alpha1", "1.1a1"),
    ("1.1beta2", "1.1b2"), ("1.1c3", "1.1rc3"), ("1.1pre3", "1.1rc3"), ("1.1preview3", "1.1rc3"),
    ("1.2a", "1.2a0"), ("1.2-post2", "1.2.post2"), ("1.2post2", "1.2.post2"),
    ("1.2.post-2", "1.2.post2"), ("1.0-r4", "1.0.post4"), ("1.0-rev4", "1.0.post4"),
    ("1.2.post", "1.2.post0"), ("1.0-1", "1.0.post1"), ("1.2-dev2", "1.2.dev2"),
    ("1.2dev2", "1.2.dev2"), ("1.2.dev", "1.2.dev0"), ("1.0+ubuntu-1", "1.0+ubuntu.1"),
    ("v1.0", "1.0"),
]  # fmt: skip
ORDERED = [
    "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456",
    "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5",
    "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1!0.1",
]  # fmt: skip
MATCHES = [
    ("~=3.1", "3.1 3.1.2 3.9", "3.0 4.0"),
    ("~=3.1.2", "3.1.2 3.1.9", "3.1.1 3.2.0"),
    ("~=3.1a1", "3.1a1 3.1 3.9", "3.1.dev1 4.0"),
    ("==3.1", "3.1 3.1.0", "3.1.1 3.1.post1 3.1a1 3.1.dev1"),
    ("==3.1.*", "3.1 3.1.0 3.1.7 3.1.post1 3.1a1", "3.2 3.10"),
    ("~=3.1.0, != 3.1.3", "3.1.0 3.1.4", "3.1.3 3.2.0"),
    ("~= 1.0, >= 1.1, != 1.3.4.*, < 2.0", "1.1 1.3.3 1.3.5", "1.0 1.3.4 1.3.4.1 2.0"),
    ("~= 2.2.post3", "2.2.post3 2.9", "2.2 2.2.post2 3.0"),
    ("~= 1.4.5.0", "1.4.5 1.4.5.9", "1.4.6"),
    ("!=1.1", "1.1.post1", "1.1 1.1.0"),
    ("!=1.1.*", "1.2", "1.1 1.1.post1"),
    (">1.7", "1.7.1", "1.7 1.7.0.post1"),
    (">1.7.post2", "1.7.1 1.7.0.post3", "1.7.0 1.7.post2"),
    ("<1.7", "1.6", "1.7 1.7a1 1.7.dev1"),
    ("<1.7rc1", "1.7a1", "1.7rc1"),
    ("===3.12.1", "3.12.1", "3.12 3.12.1.0"),
]


def fits(specifier: str, version: str) -> bool:
    """Whether a lock for the Pythons of a specifier is for the Python of that version."""
    try:
        select(Lock(requires_python=specifier), LINUX._replace(version=version))
    except LockError:
        return False
    return True


@pytest.mark.parametrize("specifier, inside, outside", MATCHES)
def test_a_header_chooses_the_pythons_that_the_specification_says(
    specifier: str, inside: str, outside: str
) -> None:
    specifiers = cell_header(f'requires-python = "{specifier}"').requires_python
    assert SpecifierSet(specifiers) == SpecifierSet(specifier)
    assert [version for version in inside.split() if not fits(specifiers, version)] == []
    assert [version for version in outside.split() if fits(specifiers, version)] == []


@pytest.mark.parametrize("spelled, normal", NORMALISED)
def test_the_spellings_of_a_version_are_one_version(spelled: str, normal: str) -> None:
    wheel = f"a-{normal.replace('-', '_')}-py3-none-any.whl"
    lock = parse_lock(lock_text(package_lines("a", spelled, wheel_line(wheel))))
    assert lock.packages[0].wheels[0].filename == wheel
    [line] = [canonical(parse_requirement(f"a == {spelled}"))]
    assert SpecifierSet(line.removeprefix("a")).contains(normal, prereleases=True)


def test_versions_are_in_the_order_of_the_specification() -> None:
    for smaller, larger in pairwise(ORDERED):
        public = larger.partition("+")[0]
        if public != smaller.partition("+")[0]:  # an order of local versions cannot be asked for
            assert fits(f">={smaller.partition('+')[0]}", larger)
            assert not fits(f">={public}", smaller)


@pytest.mark.parametrize("version", ["1.0-", "1.0.dev1.post1.dev5", "1.0+", "1.0+a+b", "a", "1..0"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(HeaderError):
        cell_header(f'dependencies = ["a == {version}"]')
    with pytest.raises(LockError):
        parse_lock(lock_text(package_lines("a", version, wheel_line("a-1.0-py3-none-any.whl"))))


@pytest.mark.parametrize(
    "specifier",
    ["~=3", "==3.1.dev1.*", "==3.1+local.*", ">=3.1+local", "3.1", "=>3.1", ">=", ">=3,<"],
)  # fmt: skip
def test_what_is_no_specifier_is_refused(specifier: str) -> None:
    with pytest.raises(HeaderError):
        cell_header(f'requires-python = "{specifier}"')
