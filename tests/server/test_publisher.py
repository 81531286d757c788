"""Events: every change of state, progress not too often, no secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_events import EventLogger

from headstart.core.plan import KernelState
from headstart.errors import IndexUnreachable
from headstart.kernels.status import KernelStatus
from headstart.server.publisher import INTERVAL, SCHEMA, Publisher, event_of

from .factory import building, ready

SCHEMAS = Path(__file__).parents[2] / "provisioner/headstart/server/events"


class FakeLoop:
    """A loop whose clock moves only when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def add_callback(self, callback: Callable[..., None], *args: Any) -> None:
        callback(*args)

    def call_later(self, delay: float, callback: Callable[..., None], *args: Any) -> None:
        self._timers.append((self.now + delay, lambda: callback(*args)))

    def go_on(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self._timers if timer[0] <= self.now]
        self._timers = [timer for timer in self._timers if timer not in due]
        for _, call in due:
            call()


class Listener:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> None:
        assert schema_id == SCHEMA
        self.events.append(data)

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(event["state"], event["done"]) for event in self.events]


@pytest.fixture
def loop() -> FakeLoop:
    return FakeLoop()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def publisher(loop, listener) -> Publisher:
    return Publisher(listener, loop)


def test_the_first_progress_is_emitted_without_delay_and_the_latest_after_the_interval(
    publisher, loop, listener
) -> None:
    for done in range(4):
        publisher.notify(building(done=done))
    assert listener.told == [("building", 0)]
    loop.go_on(INTERVAL)
    assert listener.told == [("building", 0), ("building", 3)]


def test_progress_comes_at_most_five_times_a_second(publisher, loop, listener) -> None:
    for done in range(1000):
        publisher.notify(building(done=done))
        loop.go_on(0.001)
    loop.go_on(INTERVAL)
    assert len(listener.events) <= 7
    assert listener.told[-1] == ("building", 999)


def test_a_change_of_state_waits_for_nothing_and_is_the_last_word(
    publisher, loop, listener
) -> None:
    publisher.notify(building(done=1))
    publisher.notify(building(done=2))
    publisher.notify(ready())
    loop.go_on(INTERVAL)
    assert listener.told == [("building", 1), ("ready", 0)]


def test_kernels_do_not_wait_for_one_another(publisher, listener) -> None:
    publisher.notify(building(kernel_id="k1"))
    publisher.notify(building(kernel_id="k2"))
    assert [event["kernel_id"] for event in listener.events] == ["k1", "k2"]


def test_an_event_has_no_address_no_log_and_no_prefix() -> None:
    error = IndexUnreachable("https://user:canary@host/simple is gone.", log="canary")
    failed = KernelStatus("k1", "a.ipynb", KernelState.FAILED, error=error)
    located = building("Downloading numpy from https://user:canary@host/simple into /store/canary")
    for status in (failed, located, ready()):
        event = str(event_of(status))
        assert "canary" not in event
        assert "/store" not in event
    assert event_of(failed)["message"] == "index-unreachable"
    assert event_of(located)["message"] == "Downloading numpy from … into …"


@pytest.mark.parametrize("status", [building(), ready()], ids=["building", "ready"])
def test_events_are_what_their_schema_says(status) -> None:
    logger = EventLogger()
    logger.register_event_schema(SCHEMAS / "environment.yaml")
    logger.schemas.validate_event(SCHEMA, event_of(status))


def test_nothing_is_remembered_of_kernels_that_ended_during_a_build(publisher, loop) -> None:
    for number in range(3):
        publisher.notify(building()._replace(kernel_id=f"kernel {number}"))
        loop.go_on(INTERVAL)
    assert len(publisher._emitted) == 1
