"""The request for a kernel that a zygote gets, made from the options of `subprocess.Popen`."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from headstart_kernel.launch_request import Launch

__all__ = ["Request", "as_request"]

UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent"}
STANDARD = ("stdin", "stdout", "stderr")


class Request(NamedTuple):
    """A message with descriptors of this process.

    :param listens: the kernel inherits sockets that clients can connect to already.
    :param line: this side of the socket on which the child tells of itself.
    :param theirs: the other side, which is one of the descriptors.
    """

    message: dict[str, Any]
    listens: bool
    descriptors: tuple[int, ...]
    line: socket.socket
    theirs: socket.socket

    def sent(self) -> None:
        """Close the other side here, so that its end can be seen."""
        self.theirs.close()


@contextmanager
def as_request(
    command: list[str], inherited: Sequence[int], options: dict[str, Any]
) -> Iterator[Request]:
    """The request for a kernel, with what it has opened until this ends.

    :param inherited: descriptors that the kernel inherits, which its command names by number.
    :param options: as `jupyter_client.launcher.launch_kernel` takes them.
    :raises ValueError: if an option or the command cannot be had from a zygote.
    :raises OSError: if something cannot be opened.
    """
    if not_understood := options.keys() - UNDERSTOOD:
        raise ValueError(f"Not understood: {sorted(not_understood)}.")
    with ExitStack() as opened:
        line, theirs = (opened.enter_context(end) for end in socket.socketpair())
        # A forked kernel has the zygote for a parent, and is to end with its client.
        client = os.pidfd_open(os.getpid())
        opened.callback(os.close, client)
        standard = _standard(options, opened)
        descriptors = (theirs.fileno(), client, *standard, *inherited)
        first = len(descriptors) - len(inherited)
        message = {
            "command": command,
            "env": _environ(options),
            "cwd": str(Path(options.get("cwd") or "").absolute()),
            "umask": _umask(),
            "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            "descriptors": {
                "line": 0,
                "client": 1,
                **{name: 2 + number for number, name in enumerate(STANDARD)},
                "inherited": {str(number): first + i for i, number in enumerate(inherited)},
            },
        }
        yield Request(message, _listens(command), descriptors, line, theirs)


def _listens(command: list[str]) -> bool:
    """Whether a kernel is to take sockets that listen already.

    :raises ValueError: if this is no command of ours, or not it alone.
    """
    try:
        return bool(Launch.from_json(command[2]).listeners)
    except (IndexError, TypeError) as error:
        raise ValueError("This is not a kernel's command.") from error


def _environ(options: dict[str, Any]) -> dict[str, str]:
    """As a child of this process gets them."""
    environ = dict(options["env"])
    if not options.get("independent"):
        environ["JPY_PARENT_PID"] = str(os.getpid())
    return environ


def _standard(options: dict[str, Any], opened: ExitStack) -> list[int]:
    """Descriptors for standard input, output and error."""
    descriptors: list[int] = []
    for number, name in enumerate(STANDARD):
        option = options.get(name)
        if option is None and name == "stdin":
            descriptors.append(_closed_pipe(opened))
        elif option is None:
            os.fstat(number)  # raises if it is closed here
            descriptors.append(number)
        elif option == subprocess.DEVNULL:
            descriptors.append(os.open(os.devnull, os.O_RDWR))
            opened.callback(os.close, descriptors[-1])
        elif option == subprocess.STDOUT and name == "stderr":
            descriptors.append(descriptors[1])
        elif isinstance(option, int) and option < 0:
            raise ValueError(f"{name} is to be a pipe.")
        else:
            descriptors.append(option if isinstance(option, int) else option.fileno())
    return descriptors


def _closed_pipe(opened: ExitStack) -> int:
    """A pipe of which nothing comes: jupyter_client closes its end of a kernel's input."""
    read, write = os.pipe()
    os.close(write)
    opened.callback(os.close, read)
    return read


def _umask() -> int:
    """This process's; asking the system would change it for a moment, for all threads."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Umask":
            return int(value, 8)
    raise OSError("The umask is not known.")
