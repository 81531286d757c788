"""When memory is short, from what the kernel says of it."""

from __future__ import annotations

import pytest

from headstart_kernel.zygote import memory


@pytest.mark.parametrize("available, short", [(100, True), (499, True), (501, False)])
def test_memory_is_short_when_little_is_available(available: int, short: bool) -> None:
    text = f"MemTotal: 10000 kB\nMemFree: 7 kB\nMemAvailable: {available} kB\nHugePages_Total: 0\n"
    assert memory._little(text) is short


@pytest.mark.parametrize("share, short", [("0.00", False), ("9.99", False), ("12.5", True)])
def test_memory_is_short_when_all_wait_for_it(share: str, short: bool) -> None:
    some = "some avg10=99.00 avg60=0.00 avg300=0.00 total=1"
    assert memory._stalled(f"{some}\nfull avg10={share} avg60=0 avg300=0 total=0\n") is short


def test_what_is_not_known_is_not_short() -> None:
    assert not memory._little("")
    assert not memory._stalled("")
    assert memory._read("/nowhere") == ""


def test_this_machine_can_say() -> None:
    assert memory._read("/proc/meminfo")
    assert memory.is_short() in (True, False)
