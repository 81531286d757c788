from headstart.errors import LaunchError
from headstart.kernels.status import KernelState, KernelStatus, StatusBoard

BUILDING = KernelStatus("k", "a.ipynb", KernelState.BUILDING, since=1.0)
READY = KernelStatus("k", "a.ipynb", KernelState.READY, since=2.0)


def test_the_time_since_when_stays_as_long_as_the_state_does():
    board = StatusBoard()

    board.set(BUILDING)
    board.set(KernelStatus("k", "a.ipynb", KernelState.BUILDING, since=5.0))
    assert board.get("k").since == 1.0

    board.set(READY)
    assert board.get("k") == READY


def test_the_kernel_that_started_last_speaks_for_a_path():
    board = StatusBoard()
    later = KernelStatus("other", "a.ipynb", KernelState.FAILED, error=LaunchError("."), since=9.0)

    for status in (later, READY):
        board.set(status)

    assert board.by_path("a.ipynb") == later
    assert board.by_path("b.ipynb") is None
    assert set(board.all()) == {later, READY}


def test_only_a_build_can_be_cancelled():
    board, cancelled = StatusBoard(), []

    board.set(BUILDING, lambda: cancelled.append("k"))
    assert board.cancel("k")
    board.set(READY)

    assert not board.cancel("k")
    assert cancelled == ["k"]


def test_a_kernel_that_has_ended_is_forgotten():
    board = StatusBoard()
    board.set(BUILDING, lambda: None)

    board.forget("k")

    assert board.get("k") is None
    assert not board.cancel("k")


def test_subscribers_hear_of_each_change_until_they_leave():
    board, heard = StatusBoard(), []
    unsubscribe = board.subscribe(heard.append)

    board.set(BUILDING)
    unsubscribe()
    board.set(READY)

    assert heard == [BUILDING]
