"""The session's end of a link; the test is the kernel's."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

from headstart.kernels.link import KernelLink
from headstart_kernel import wire
from tests.waiting import LIMIT

PROGRESS = {"type": "progress", "progress": {"message": "x" * 500}, "quiet": False}


def test_a_kernel_that_is_stopped_is_told_no_progress_and_hears_the_rest_when_it_goes_on() -> None:
    ended = threading.Event()
    link = KernelLink(lambda *_: None, lambda _: ended.set())
    with socket.socket(fileno=os.dup(link.descriptor)) as kernel:
        kernel.settimeout(LIMIT)
        link.open()
        for _ in range(2000):
            link.tell(PROGRESS)
        with Path(os.devnull).open("rb") as lease:
            link.send({"type": "attach"}, [lease.fileno()])
        reader, told = wire.Reader(several=True), 0
        while (message := reader.read(kernel)) is None or message["type"] == "progress":
            told += message is not None
        assert message["type"] == "attach"
        assert len(reader.descriptors) == 1
        assert 0 < told < 2000
        reader.close()
        link.tell(PROGRESS)
        assert not ended.is_set()
    link.close()
    link.tell(PROGRESS)
