"""What a restart would change: the difference of two specs."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.core.header.diff import changes
from headstart.core.header.spec import (
    EMPTY_SPEC,
    EnvironmentSpec,
    KernelOptions,
    LocalExtra,
    ProvidedLock,
)
from headstart.core.refresh import RefreshMode

SPEC = EnvironmentSpec(requirements=("numpy==1.26.4", "pandas>=2"))


def test_the_same_spec_changes_nothing() -> None:
    assert changes(SPEC, SPEC) is None


def test_packages_that_came_went_and_changed_are_told_apart() -> None:
    difference = changes(SPEC, SPEC._replace(requirements=("numpy>=2", "scipy")))
    assert difference is not None
    assert difference.added == ("scipy",)
    assert difference.removed == ("pandas>=2",)
    assert difference.changed == (("numpy==1.26.4", "numpy>=2"),)
    assert difference.refresh is None


def test_an_extra_is_a_change_of_its_package() -> None:
    difference = changes(SPEC, SPEC._replace(requirements=("numpy==1.26.4", "pandas[excel]>=2")))
    assert difference is not None
    assert difference.changed == (("pandas>=2", "pandas[excel]>=2"),)


def test_requirements_of_one_name_stand_together() -> None:
    lines = ('numpy<2; python_version < "3.12"', 'numpy>=2; python_version >= "3.12"')
    difference = changes(SPEC, SPEC._replace(requirements=(*lines, "pandas>=2")))
    assert difference is not None
    assert difference.changed == (("numpy==1.26.4", ", ".join(lines)),)


def test_a_header_that_went_takes_everything_with_it() -> None:
    difference = changes(SPEC, EMPTY_SPEC)
    assert difference is not None
    assert difference.removed == SPEC.requirements
    assert not difference.added


def test_refresh_mode_python_and_the_rest_are_named() -> None:
    new = SPEC._replace(
        refresh=RefreshMode.EPHEMERAL,
        requires_python=">=3.12",
        constraints=("numpy<3",),
        exclude_newer="2026-01-31",
    )
    difference = changes(SPEC, new)
    assert difference is not None
    assert difference.to_json() == {
        "added": [],
        "removed": [],
        "changed": [],
        "refresh": ["cached", "ephemeral"],
        "requires_python": ["", ">=3.12"],
        "other": ["constraints", "exclude-newer"],
    }


@pytest.mark.parametrize(
    "fields, named",
    [
        ({"hashes": (("numpy", ("ab" * 32,)),)}, ["hashes"]),
        ({"lock": ProvidedLock("", "pylock.toml")}, ["lock"]),
        ({"local_extras": (LocalExtra("/x", "ab" * 32),)}, ["local-extras"]),
        ({"kernel": KernelOptions((("A", "b"),), ("/bin",), ("os",))},
         ["env", "prepend-paths", "preload"]),
    ],
)  # fmt: skip
def test_what_else_a_header_says_is_named(fields: dict[str, Any], named: list[str]) -> None:
    difference = changes(SPEC, SPEC._replace(**fields))
    assert difference is not None
    assert list(difference.other) == named
    assert (difference.added, difference.removed, difference.changed) == ((), (), ())
