from __future__ import annotations

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.pylock import parse_lock
from headstart.core.lock.satisfies import only_hashes, unmet
from tests.core.factory import LINUX, lock_text, package_lines, spec_for, wheel_line

VERSIONS = {"numpy": "2.1.0", "pandas": "3.0rc1"}


def problems(*requirements: str, **fields: tuple[str, ...]) -> list[str]:
    spec = EnvironmentSpec(spec_for(list(requirements)).requirements, **fields)
    return list(map(str, unmet(spec, VERSIONS, LINUX)))


@pytest.mark.parametrize(
    "line", ["numpy", "NumPy", "numpy>=2,<3", "numpy[all]==2.*", "pandas>2", "pandas==3.0rc1",
             "six; sys_platform == 'win32'", "numpy>3; python_version < '3'"],
)  # fmt: skip
def test_what_the_lock_has_is_met(line: str) -> None:
    assert problems(line) == []


def test_what_it_does_not_have_is_named_with_what_it_has() -> None:
    assert problems("numpy>=3", "six>1", "pandas") == [
        "has numpy 2.1.0, and the header asks for numpy>=3",
        "does not have six, and the header asks for six>1",
    ]
    assert problems("six; python_version >= '3.12'") != []


def test_constraints_say_nothing_of_what_is_not_there() -> None:
    assert problems(constraints=("six<1", "numpy<3")) == []
    assert len(problems(constraints=("numpy<2",))) == 1


def test_an_override_takes_the_place_of_what_is_asked_for() -> None:
    assert problems("numpy<2", overrides=("numpy==2.1.0",)) == []
    assert len(problems("numpy<2", overrides=("numpy==2.2",))) == 1
    assert len(problems("six<2", overrides=("six==3",))) == 1


def test_hashes_leave_only_the_wheels_that_they_name() -> None:
    names = ("numpy-2-py3-none-any.whl", "numpy-2-1-py3-none-any.whl")
    wheels = [wheel_line(name, sha=f"{at}" * 64) for at, name in enumerate(names)]
    [package] = parse_lock(lock_text(package_lines("numpy", "2", *wheels))).packages
    assert only_hashes(package, {"six": ()}) == package
    assert [w.filename for w in only_hashes(package, {"numpy": ("1" * 64,)}).wheels] == [names[1]]
