"""Events of a build, and what is known of the whole."""

from __future__ import annotations

from headstart.core.progress import Phase, Progress

NOTICE = Progress(Phase.CHECK, "A damaged file was made anew")


def test_an_event_that_knows_nothing_of_the_whole_leaves_it_as_it_was() -> None:
    before = Progress(Phase.INSTALL, "Installing", 3, 4, 0, 70, 80, fraction=0.6, remaining=2.0)
    after = NOTICE.after(before)
    assert (after.phase, after.message, after.done) == (Phase.CHECK, NOTICE.message, 0)
    assert (after.bytes_done, after.bytes_total, after.fraction, after.remaining) == (
        *(70, 80),
        *(0.6, 2.0),
    )


def test_an_event_that_knows_the_whole_is_as_it_is() -> None:
    before = Progress(Phase.RESOLVE, "Resolving", fraction=0.1)
    event = Progress(Phase.DOWNLOAD, "numpy", fraction=0.2, bytes_total=9)
    assert event.after(before) == event


def test_nothing_is_known_before_the_first_event() -> None:
    assert NOTICE.after(None) == NOTICE
