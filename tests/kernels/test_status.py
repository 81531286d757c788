from headstart.core.plan import KernelState
from headstart.errors import LaunchError
from headstart.kernels.status import KernelStatus, StatusBoard

BUILDING = KernelStatus("k", "a.ipynb", KernelState.BUILDING, since=1.0)
READY = KernelStatus("k", "a.ipynb", KernelState.READY, since=2.0)


class Control:
    def agree(self) -> None:
        """Is not called here."""

    def cancel(self) -> None:
        """Is not called here."""


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


def test_a_kernels_session_can_be_asked_as_long_as_the_kernel_lives():
    board, control = StatusBoard(), Control()

    board.set(BUILDING, control)
    board.set(READY)

    assert board.control("k") is control
    assert board.control("other") is None


def test_a_kernel_that_has_ended_is_forgotten():
    board = StatusBoard()
    board.set(BUILDING, Control())

    board.forget("k")

    assert board.get("k") is None
    assert board.control("k") is None


def test_subscribers_hear_of_each_change_until_they_leave():
    board, heard = StatusBoard(), []
    unsubscribe = board.subscribe(heard.append)

    board.set(BUILDING)
    unsubscribe()
    board.set(READY)

    assert heard == [BUILDING]
