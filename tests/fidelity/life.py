"""What happens to a kernel in its life, as whoever runs it sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient

from tests.waiting import LIMIT, until

from .kernels import comparable, executed
from .messages import value_of
from .starting import Kernel, restarted, started


class Life:
    """A running kernel, through its client."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    def tell(self, code: str) -> list[Any]:
        """Run a cell; its outputs."""
        cells = self.client.nb.cells
        cells.append(nbformat.v4.new_code_cell(code))
        self.client.execute_cell(cells[-1], len(cells) - 1)
        return comparable(cells[-1].outputs)

    def ask(self, expression: str) -> Any:
        """The value of an expression, of which Python can read the representation."""
        return value_of(self.client, expression)

    def begin(self, code: str, begun: Path, *, waits: bool = True) -> None:
        """Run a cell until it has made a file, and leave it running.

        :param waits: it waits for something then. A signal just before that would not wake it: in
            any Python its handler runs when the wait is over.
        """
        begun.unlink(missing_ok=True)
        self.client.kc.execute(code, allow_stdin=False, stop_on_error=False)
        until(begun.exists)
        if waits:
            until(lambda: sleeps(self.client.km.provisioner.pid))

    def heard(self, kind: str) -> Any:
        """The next message of a kind that the kernel publishes."""
        while True:
            message = run_sync(self.client.kc.get_iopub_msg)(timeout=LIMIT)
            if message["msg_type"] == kind:
                return message["content"]

    def replied(self) -> Any:
        """The answer to a cell that was left running."""
        return run_sync(self.client.kc.get_shell_msg)(timeout=LIMIT)["content"]

    def interrupt(self) -> None:
        """Interrupt it, as the button does."""
        run_sync(self.client.km.interrupt_kernel)()

    def restart(self, *, now: bool = False) -> None:
        """Restart it: when it was asked to, or at once as after it was killed."""
        restarted(self.client, now=now)

    def shutdown(self) -> None:
        """End it in good order, however long it takes on a busy machine."""
        self.client.km.shutdown_wait_time = LIMIT / 2
        self.client.kc.stop_channels()
        run_sync(self.client.km.shutdown_kernel)()

    def send(self, code: str) -> None:
        """Run a cell from which no answer is to be expected."""
        self.client.kc.execute(code, silent=True)

    def status(self) -> int:
        """The exit status, as soon as the process has ended."""
        poll = run_sync(self.client.km.provisioner.poll)
        until(lambda: poll() is not None)
        status = poll()
        assert status is not None
        return status


@contextmanager
def living(kernel: Kernel, sources: Sequence[str] = (), **options: Any) -> Iterator[Life]:
    """A kernel that has run a notebook's header and these cells."""
    with started(kernel, sources, **options) as client:
        executed(client)
        yield Life(client)


def sleeps(pid: int) -> bool:
    """Whether the main thread of a process waits for something."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
