from __future__ import annotations

from headstart.core.header.spec import EMPTY_SPEC
from headstart.core.plan import Build, LastGood, Refuse, Reuse, plan_start
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
