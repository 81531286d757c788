"""The kernel's end of the link."""

from __future__ import annotations

import os
import queue
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from headstart_kernel import wire
from headstart_kernel.waiting.kernel_end import KernelEnd
from tests.waiting import LIMIT

ENDED = "ended"

SHORT = 0.2
"""Seconds; only one test waits for them."""


@pytest.fixture
def ends() -> Iterator[tuple[KernelEnd, socket.socket, queue.Queue[Any]]]:
    """A kernel's end that listens, the other one, and what the first one hears."""
    heard: queue.Queue[Any] = queue.Queue()
    ours, theirs = socket.socketpair()
    end = KernelEnd(
        theirs.detach(),
        lambda message, descriptors: heard.put((message, descriptors)),
        lambda: heard.put(ENDED),
        patience=SHORT,
    )
    end.start()
    with ours:
        ours.settimeout(LIMIT)
        yield end, ours, heard
        ours.shutdown(socket.SHUT_RDWR)
        end._thread.join()
        end._socket.close()


def test_it_hears_messages_and_says_some(ends: Any) -> None:
    end, ours, heard = ends
    read, write = os.pipe()
    wire.send(ours, {"type": "progress"})
    wire.send(ours, {"type": "attach"}, [write])
    assert heard.get(timeout=LIMIT) == ({"type": "progress"}, [])
    _, (lease,) = heard.get(timeout=LIMIT)
    os.write(lease, b"x")
    assert os.read(read, 1) == b"x"
    for descriptor in (lease, read, write):
        os.close(descriptor)
    end.send({"type": "cancel"})
    assert wire.receive(ours) == {"type": "cancel"}


@pytest.mark.parametrize("data", [b"", b"\0\0\0\1{"])
def test_it_ends_with_the_other_end_or_with_nonsense(ends: Any, data: bytes) -> None:
    end, ours, heard = ends
    ours.sendall(data)
    if not data:
        ours.shutdown(socket.SHUT_RDWR)
    assert heard.get(timeout=LIMIT) == ENDED
    end.send({"type": "cancel"})
    assert heard.empty()


def test_one_that_does_not_read_ends_it_and_holds_up_nothing(ends: Any) -> None:
    end, _, heard = ends
    end.send({"type": "run", "code": "x" * wire.LONGEST})
    assert heard.get(timeout=LIMIT) == ENDED
