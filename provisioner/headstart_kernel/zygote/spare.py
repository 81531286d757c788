"""A process that a zygote has forked before anybody asked, so that who asks need not wait for it.

It has nothing of any kernel yet, and becomes whatever is asked for next.
"""

import os
import socket
from typing import Dict

from .forked import take_descriptors, take_request


class Spare:
    """A process that waits for a request.

    :param zygote: socket to the zygote, which sends the request and its descriptors.
    """

    def __init__(self, zygote: socket.socket) -> None:
        self._zygote = zygote

    def live(self, changes: Dict[str, str]) -> None:
        """Wait for a request, and become the kernel; returns when that has ended.

        :param changes: variables that Python and modules have set, see `warm.load`.
        """
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            take_descriptors([nothing] * 3, {self._zygote.fileno()})
            birth = take_request(self._zygote)
        except BaseException:  # noqa: BLE001  (kernels are forked as ever when they are wanted)
            os._exit(1)
        birth.live(changes)
