"""Which requirements leave a version open, and what a major version is."""

from __future__ import annotations

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.held_back import HeldBack, next_major, unpinned

from ..factory import LINUX, SHA


@pytest.mark.parametrize("taken, newest, major", [
    ("0.11.3", "1.3.8", "1"), ("1.0", "3.0", "2"), ("1.0", "1.9", ""), ("2", "2.0.1", ""),
    ("0.0.4", "0.1.2", ""), ("9.9", "1!0.1", "1!0"), ("1!1.0", "1!2.5", "1!2"),
])  # fmt: skip
def test_a_major_version_is_the_first_number(taken, newest, major):
    assert next_major(taken, newest) == major


def test_pins_hashes_and_other_platforms_leave_nothing_open():
    requirements = (
        "alpha>=1", "beta==1.0", "delta===1.0", "gamma==1.*", 'win; sys_platform == "win32"',
        'here; sys_platform == "linux"', "hashed", "Odd_Name[extra]",
    )  # fmt: skip
    spec = EnvironmentSpec(requirements, hashes=(("hashed", (SHA,)),))
    assert list(unpinned(spec, LINUX)) == ["alpha", "gamma", "here", "odd-name"]


def test_the_sentence_says_who_lacks_what():
    found = HeldBack("a", "1", "2", "b", has_source=False)
    assert found.message == (
        "a 1 was taken, and not 2, the newest that the header allows: b, which it needs, has no "
        "wheel for this Python and platform."
    )
    assert found.to_json()["lacking"] == "b"
