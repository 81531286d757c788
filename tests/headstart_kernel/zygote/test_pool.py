"""Which parked kernel suits a request, which is parked next, and which goes first."""

from __future__ import annotations

import json
import math
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headstart_kernel import wire
from headstart_kernel.launch_request import Launch
from headstart_kernel.patched.two_phase_init import stamp
from headstart_kernel.zygote.pool import LAYER, SOON, SPARE, Key, Plan, Pool, Slot
from tests.waiting import until

READY = {
    "reads": {"COLUMNS": None},
    "environ": None,
    "stamps": {},
    "modules": [],
    "memory": 100,
}


@pytest.fixture
def connection_file(tmp_path: Path) -> Path:
    file = tmp_path / "connection.json"
    file.write_text(json.dumps({"transport": "ipc", "key": "secret"}))
    return file


@pytest.fixture
def request_(connection_file: Path, tmp_path: Path) -> dict[str, Any]:
    """The request for a kernel that may be a parked one."""
    launch = Launch(str(tmp_path / "environment")).to_json()
    command = ["python", "launcher.py", launch, "-f", str(connection_file)]
    return {"command": command, "env": {}, "cwd": str(tmp_path), "parked": True}


@pytest.fixture
def others() -> Iterator[list[socket.socket]]:
    """The parked kernels' ends of their sockets."""
    ends: list[socket.socket] = []
    yield ends
    for end in ends:
        end.close()


def park(
    pool: Pool, others: list[socket.socket], key: Key = LAYER, budget: int = 0, **ready: Any
) -> Slot:
    ours, theirs = socket.socketpair()
    others.append(theirs)
    slot = Slot(key, 1000 + len(others), ours, budget)
    pool.add(slot)
    wire.send(theirs, {**READY, **ready})
    pool.hear(ours)
    return slot


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(lambda _connection: None)
    yield pool
    pool.clear()


def preload(request: dict[str, Any], environment: str, *modules: str) -> dict[str, Any]:
    """The request of a notebook that names modules to be imported ahead."""
    command = list(request["command"])
    command[2] = Launch(environment, preload=list(modules)).to_json()
    return {**request, "command": command, "preload": 1_000}


@pytest.mark.parametrize("link, keys", [(7, [LAYER]), (None, [])])
def test_one_of_the_layer_becomes_a_kernel_that_gets_its_environment_later(
    pool: Pool, request_: dict[str, Any], link: int | None, keys: list[Key]
) -> None:
    request_["command"][2] = Launch(link=link).to_json()
    assert pool.key_to_park(request_) == next(iter(keys), None)


def test_one_that_is_ready_is_given_the_request(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    assert pool.key_to_park(request_) == LAYER
    slot = park(pool, others)
    assert pool.key_to_park(request_) is None
    assert pool.give(request_, []) == slot.pid
    assert wire.receive(others[0]) == request_
    assert pool.key_to_park(request_) == LAYER


def test_one_that_does_not_suit_is_sent_away(pool: Pool, request_: dict[str, Any], others) -> None:
    park(pool, others)
    assert pool.give({**request_, "env": {"COLUMNS": "80"}}, []) is None
    assert others[0].recv(1) == b""
    assert pool.key_to_park(request_) == LAYER


def test_one_that_has_not_said_that_it_is_ready_stays(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    ours, theirs = socket.socketpair()
    others.append(theirs)
    pool.add(Slot(LAYER, 7, ours, 0))
    assert pool.give(request_, []) is None
    assert pool.connections == [ours]


def test_a_changed_profile_sends_it_away(
    pool: Pool, request_: dict[str, Any], others, tmp_path: Path
) -> None:
    profile = tmp_path / "ipython_config.py"
    park(pool, others, stamps={str(profile): stamp(str(profile))})
    profile.touch()
    assert pool.give(request_, []) is None


@pytest.mark.parametrize(
    "connection",
    [{"transport": "tcp"}, {"transport": "ipc", "curve_secretkey": "x"}, {}, [], "nothing"],
)
def test_what_is_not_a_plain_connection_is_forked(
    pool: Pool, request_: dict[str, Any], connection_file: Path, connection: Any
) -> None:
    connection_file.write_text(json.dumps(connection))
    assert pool.key_to_park(request_) is None


@pytest.mark.parametrize(
    "words", [["--debug"], ["--HistoryManager.hist_file=:memory:"], ["--ip", "x"]]
)
def test_more_arguments_are_for_a_forked_one(
    pool: Pool, request_: dict[str, Any], words: list[str]
) -> None:
    request = {**request_, "command": [*request_["command"], *words]}
    assert pool.key_to_park(request) is None
    assert pool.give(request, []) is None


def test_an_environment_that_configures_ipython_is_for_a_forked_one(
    pool: Pool, request_: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "environment" / "etc" / "ipython").mkdir(parents=True)
    assert pool.key_to_park(request_) is None


def test_a_client_that_wants_none_gets_none(pool: Pool, request_: dict[str, Any], others) -> None:
    park(pool, others)
    assert pool.give({**request_, "parked": False}, []) is None
    assert pool.connections


def test_a_preloaded_one_is_of_its_environment_and_modules_only(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    slot = park(pool, others, ("/environment", "pandas"), budget=1_000)
    for other in (
        request_,
        preload(request_, "/other", "pandas"),
        preload(request_, "/environment", "numpy"),
        {**preload(request_, "/environment", "pandas"), "preload": 0},
    ):
        assert pool.give(other, []) is None
    assert pool.give(preload(request_, "/environment", "pandas"), []) == slot.pid


def test_a_preloaded_one_had_all_variables_that_its_libraries_may_have_read(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    key, environ = ("/environment", "pandas"), {"OMP_NUM_THREADS": "1", "PWD": "/somewhere"}
    request = preload(request_, "/environment", "pandas")
    park(pool, others, key, budget=1_000, environ=environ)
    assert pool.give({**request, "env": {"PWD": "/elsewhere"}}, []) is None
    slot = park(pool, others, key, budget=1_000, environ=environ)
    assert pool.give({**request, "env": {"OMP_NUM_THREADS": "1"}}, []) == slot.pid


def test_a_file_next_to_the_notebook_is_imported_in_place_of_a_preloaded_module(
    pool: Pool, request_: dict[str, Any], others, tmp_path: Path
) -> None:
    park(pool, others, ("/environment", "pandas"), budget=1_000, modules=["numpy", "pandas"])
    (tmp_path / "numpy.py").touch()
    assert pool.give(preload(request_, "/environment", "pandas"), []) is None


def test_the_least_used_goes_first_when_there_is_too_much(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    often = preload(request_, "/often", "pandas")
    for _ in range(3):
        pool.give(often, [])
    pool.give(preload(request_, "/seldom", "pandas"), [])
    park(pool, others, ("/often", "pandas"), budget=150)
    park(pool, others, ("/seldom", "pandas"), budget=150)
    assert others[1].recv(1) == b""
    assert pool.give(often, []) is not None


def test_what_was_used_often_long_ago_goes_before_what_is_used_now(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    uses = {"/once": 100, "/now": 20}
    for environment, times in uses.items():
        for _ in range(times):
            pool.give(preload(request_, environment, "pandas"), [])
    park(pool, others, ("/once", "pandas"), budget=150)
    park(pool, others, ("/now", "pandas"), budget=150)
    assert others[0].recv(1) == b""
    assert pool.give(preload(request_, "/now", "pandas"), []) is not None


def test_one_that_could_not_be_made_is_not_tried_again_immediately(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    slot = park(pool, others)
    others[0].close()
    pool.hear(slot.connection)
    assert pool.connections == []
    assert pool.key_to_park(request_) is None


def spare(pool: Pool, others: list[socket.socket]) -> Slot:
    """A process that becomes any kernel."""
    ours, theirs = socket.socketpair()
    others.append(theirs)
    slot = Slot(SPARE, 77, ours, 0)
    pool.add(slot)
    return slot


def test_a_spare_process_becomes_whatever_is_requested(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    spare(pool, others)
    request = {**request_, "command": ["python", "launcher.py", "?"], "parked": False}
    assert pool.give(request, []) == 77
    assert wire.receive(others[0]) == request
    assert pool.give(request, []) is None


def test_a_kernel_that_is_ready_comes_before_a_spare_process(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    spare(pool, others)
    slot = park(pool, others)
    assert [pool.give(request_, []), pool.give(request_, [])] == [slot.pid, 77]


def test_a_spare_process_that_has_ended_costs_a_fork(
    pool: Pool, request_: dict[str, Any], others
) -> None:
    spare(pool, others)
    others[0].close()
    assert pool.give(request_, []) is None
    assert pool.connections == []


def test_what_is_planned_is_forked_a_moment_later(pool: Pool, request_: dict[str, Any]) -> None:
    assert pool.pause() == math.inf
    pool.plan(request_, [])
    pool.plan(request_, [])
    assert pool.due() is None
    assert 0 < pool.pause() <= SOON
    plans: list[Plan] = []
    until(lambda: bool(plans.extend(filter(None, [pool.due()])) or len(plans) == 2))
    assert [plan.key for plan in plans] == [SPARE, LAYER]
    assert pool.pause() == math.inf


def test_a_kernel_of_an_environment_is_to_hold_its_leases(
    pool: Pool, request_: dict[str, Any], tmp_path: Path
) -> None:
    request = preload(request_, str(tmp_path / "a"), "math")
    launch = Launch.from_json(request["command"][2])
    launch.leases = [41]
    request["command"][2] = launch.to_json()
    request["descriptors"] = {"inherited": {"41": 0}}
    with (tmp_path / "lease").open("w") as lease:
        pool.plan(request, [lease.fileno()])
    plans: list[Plan] = []
    until(lambda: bool(plans.extend(filter(None, [pool.due()])) or len(plans) == 2))
    held = Path(f"/proc/self/fd/{plans[1].leases[0]}")
    assert held.readlink() == tmp_path / "lease"
    os.close(plans[1].leases[0])


def open_descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_leases_that_cannot_be_had_twice_leave_nothing_open(
    pool: Pool, request_: dict[str, Any], tmp_path: Path
) -> None:
    request = preload(request_, str(tmp_path / "a"), "math")
    launch = Launch.from_json(request["command"][2])
    launch.leases = [41, 42]
    request["command"][2] = launch.to_json()
    request["descriptors"] = {"inherited": {"41": 0, "42": 1}}
    with (tmp_path / "lease").open("w") as lease:
        before = open_descriptors()
        with pytest.raises(OSError, match="Bad file descriptor"):
            pool.plan(request, [lease.fileno(), 9_999])
        assert open_descriptors() == before
