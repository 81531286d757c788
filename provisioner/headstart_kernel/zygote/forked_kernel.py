"""A process that a zygote has forked becomes the kernel that was asked for.

Afterwards it has all that a process started for this kernel would have: its session, descriptors,
signals, folder and variables. What a process cannot change is the same in zygote and client.
"""

import os
import resource
import socket
import sys
import time
from typing import Any, Dict, List, Set

from .. import wire
from ..app import attach_environment, import_kernel, make_room, run
from ..launch_request import Launch
from ..patched.client_poller import follow_client
from ..patched.loaded_constants import forget_start
from ..patched.standard_streams import STANDARD, open_standard_files

PATIENCE = 5.0
"""Seconds that a client may take to say that it still wants the kernel."""


class ForkedKernel:
    """What was asked for: a request, and the descriptors that came with it.

    The request's ``descriptors`` says which is which: ``line``, on which this process tells its
    client of itself; ``client``, which becomes readable when that has ended; the standard
    ones; and ``inherited``, those that the launch names by their numbers in the client.

    ``request`` is the message; ``standard`` are the standard descriptors that were sent.
    """

    def __init__(self, request: Dict[str, Any], descriptors: List[int]) -> None:
        numbers = request["descriptors"]
        self.request = request
        self._inherited = inherited(request, descriptors)
        self.standard = [descriptors[numbers[name]] for name in STANDARD]
        self._line = socket.socket(fileno=descriptors[numbers["line"]])
        self._client = descriptors[numbers["client"]]

    def live(self, changes: Dict[str, str]) -> None:
        """Become the kernel; returns when it has ended.

        :param changes: variables that Python and modules have set, see `preimport.load`.
        """
        try:
            if os.getsid(0) != os.getpid():  # a spare process has a session of its own already
                os.setsid()
            kept = {self._line.fileno(), self._client, *self._inherited.values()}
            take_descriptors(self.standard, kept)
            take_context(self.request, changes)
            self.say_who()
        except Exception as error:  # noqa: BLE001  (the client starts a kernel by itself)
            self.refuse(error)
            os._exit(1)
        launch = self.take_launch()
        app_class = import_kernel()
        attach_environment(launch)
        app = app_class.instance()
        self.prepare(app)
        self.wait_until_wanted()
        run(app, launch)

    def say_who(self, *, ahead: bool = False) -> None:
        """Tell the client which process its kernel is to be.

        All that only a forked process does has been done by then: what fails later would have
        failed in a process of the client's own.

        :param ahead: was it initialised ahead? Then more may fail that would not have.
        :raises OSError: if it has ended.
        """
        wire.send(self._line, {"pid": os.getpid(), "ahead": ahead})

    def take_launch(self) -> Launch:
        """Take the launch from the arguments, with the numbers that descriptors have here."""
        launch = Launch.from_json(sys.argv.pop(1))
        launch.leases = [self._inherited[number] for number in launch.leases]
        launch.listeners = {
            port: self._inherited[number] for port, number in launch.listeners.items()
        }
        if launch.link is not None:
            launch.link = self._inherited[launch.link]
        return launch

    def wait_until_wanted(self) -> None:
        """Return when the client has said that it wants this kernel.

        A client that has given up has started a kernel by now: there must not be two.

        Ends this process if it has given up, or does not answer.
        """
        self._line.settimeout(PATIENCE)
        try:
            wire.receive(self._line)
        except (EOFError, OSError, ValueError):
            os._exit(1)
        self._line.settimeout(None)

    def refuse(self, error: Exception) -> None:
        """Tell the client that it has to start its kernel by itself."""
        try:
            wire.send(self._line, {"refused": "%s: %s" % (type(error).__name__, error)})
        except OSError:
            pass

    def prepare(self, app: Any) -> None:
        """Have the application follow its client, and tell that one when its sockets are bound."""

        def tell() -> None:
            try:
                wire.send(self._line, {"bound": True})
            except OSError:  # the client has ended, or does not care
                pass
            self._line.close()

        follow_client(app, self._client, tell)


def take_request(zygote: socket.socket) -> ForkedKernel:
    """Wait for what a zygote hands over to a process that it has forked ahead.

    :raises EOFError: if the zygote has no more use for this process, or has ended.
    """
    reader = wire.Reader()
    while True:
        request = reader.read(zygote)
        if request is not None:
            break
    zygote.close()
    return ForkedKernel(request, reader.descriptors)


def inherited(request: Dict[str, Any], descriptors: List[int]) -> Dict[int, int]:
    """The descriptors that a kernel inherits from its client, by their numbers there.

    :param descriptors: all that came with the request.
    """
    numbers = request["descriptors"]["inherited"]
    return {int(number): descriptors[index] for number, index in numbers.items()}


def take_descriptors(standard: List[int], kept: Set[int]) -> None:
    """Have the standard descriptors in their places, those that are kept, and no others."""
    for target, descriptor in enumerate(standard):
        os.dup2(descriptor, target)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:  # the one that the list was read from
                pass
    make_room()
    open_standard_files()


def take_context(request: Dict[str, Any], changes: Dict[str, str]) -> None:
    """Have the umask, limits, variables, folder and arguments that were asked for.

    :param changes: variables that are set whatever was asked for.
    """
    os.umask(request["umask"])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (request["nofile"], most))
    # In place, as the arguments below: modules of the zygote's have these very objects.
    os.environ.clear()
    os.environ.update({**request["env"], **changes})
    time.tzset()  # C's library has read TZ in the zygote
    os.chdir(request["cwd"])
    sys.argv[:] = request["command"][1:]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = request["command"]
    forget_start()
