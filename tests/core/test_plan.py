from __future__ import annotations

from headstart.core.header.spec import EMPTY_SPEC
from headstart.core.plan import (
    AtHand,
    Attach,
    Build,
    Effect,
    Event,
    Follow,
    Hold,
    KernelState,
    LastGood,
    Refuse,
    Reuse,
    next_step,
    plan_start,
)
from headstart.core.store.manifest import Environment, EnvironmentKind, Manifest
from headstart.errors import HeaderError
from tests.core.factory import spec_for

MANIFEST = Manifest("k", EnvironmentKind.ENVIRONMENT, "l", "/p", "3.12", "lib", "0", "2026-01-01")
LAST = LastGood(spec_for("numpy"), Environment("/prefix", MANIFEST))


def test_a_start_builds_what_the_header_asks_for() -> None:
    assert plan_start(EMPTY_SPEC) == Build(EMPTY_SPEC)


def test_a_restart_follows_the_header_as_it_is_now() -> None:
    assert plan_start(spec_for("pandas"), LAST) == Build(spec_for("pandas"))
    assert plan_start(LAST.spec, LAST) == Build(LAST.spec)


def test_a_kernel_that_died_comes_back_as_it_was() -> None:
    broken = HeaderError("half edited")
    assert plan_start(spec_for("pandas"), LAST, autorestart=True) == Reuse(LAST)
    assert plan_start(broken, LAST, autorestart=True) == Reuse(LAST)


def test_a_kernel_that_died_before_it_had_an_environment_starts_anew() -> None:
    assert plan_start(EMPTY_SPEC, None, autorestart=True) == Build(EMPTY_SPEC)


def test_a_header_that_cannot_be_read_is_refused_with_its_error() -> None:
    error = HeaderError("no")
    assert plan_start(error, LAST) == Refuse(error)


def test_in_a_server_only_what_is_agreed_to_and_there_comes_before_the_kernel() -> None:
    spec = spec_for("numpy")
    assert plan_start(spec, None, AtHand(agreed=True, present=True)) == Attach(spec)
    assert plan_start(spec, None, AtHand(agreed=True, present=False)) == Follow(spec)
    # What is in the store may be there for another notebook.
    assert plan_start(spec, None, AtHand(agreed=False, present=True)) == Hold(spec)
    assert plan_start(spec, None, AtHand(agreed=False, present=False)) == Hold(spec)


def test_a_kernel_that_died_comes_back_whatever_is_agreed_to() -> None:
    at_hand = AtHand(agreed=False, present=False)
    assert plan_start(LAST.spec, LAST, at_hand, autorestart=True) == Reuse(LAST)


def after(*events: Event, state: KernelState = KernelState.HELD) -> tuple[str, list[str]]:
    """The state after events, and what was to be done."""
    effects = []
    for event in events:
        state, effect = next_step(state, event)
        effects.append(effect.value)
    return state.value, effects


def test_a_held_kernel_builds_when_a_cell_is_run_and_once_for_many() -> None:
    events = (Event.AGREED, Event.AGREED, Event.AGREED, Event.BUILT, Event.ATTACHED)
    effects = ["build", "nothing", "nothing", "attach", "run on"]
    assert after(*events) == ("ready", effects)


def test_a_failed_kernel_builds_again_without_a_restart() -> None:
    events = (Event.AGREED, Event.ERROR, Event.AGREED, Event.CANCELLED, Event.AGREED)
    assert after(*events) == ("building", ["build", "tell", "build", "stop", "build"])


def test_a_running_kernel_keeps_what_it_has_until_the_restart() -> None:
    for end, effect in ((Event.BUILT, "keep"), (Event.ERROR, "show"), (Event.CANCELLED, "stop")):
        ended = after(Event.AGREED, end, state=KernelState.READY)
        assert ended == ("ready", ["build", effect])


def test_what_comes_too_late_changes_nothing() -> None:
    late = {
        KernelState.HELD: (Event.CANCELLED, Event.BUILT, Event.ATTACHED, Event.ERROR),
        KernelState.FAILED: (Event.CANCELLED, Event.BUILT, Event.ERROR),
        KernelState.READY: (Event.CANCELLED, Event.BUILT, Event.ATTACHED, Event.ERROR),
        KernelState.BUILDING: (Event.AGREED,),
        KernelState.CHANGING: (Event.AGREED, Event.ATTACHED),
    }
    for state, events in late.items():
        for event in events:
            assert next_step(state, event) == (state, Effect.NOTHING)


def test_a_kernel_that_has_its_environment_is_ready_though_that_was_cancelled() -> None:
    assert next_step(KernelState.FAILED, Event.ATTACHED).state is KernelState.READY
