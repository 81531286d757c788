"""Processes that a zygote has forked ahead of requests, so that a request need not wait for it.

They are for a client's next kernel, which may never come; then they end with the zygote. The
zygote's `Pool` gives each a request, and it takes on what that asks for, as a `ForkedKernel` does.
"""

import importlib
import os
import socket
import sys
from typing import Any, Dict, List, Optional

from .. import wire
from ..app import finish, import_kernel
from ..attach import KERNEL_LAYER, attach, tell_children
from ..launch_request import Launch
from ..patched.environ_reads import Reads, Variables
from ..patched.listeners import use_listeners
from ..patched.standard_streams import redirect_captured
from ..patched.two_phase_init import SplitApp, Unfit, move_configuration
from .forked_kernel import ForkedKernel, take_context, take_descriptors, take_request
from .preimport import WITHOUT_TRACE

__all__ = ["Parked", "Spare"]

SESSION_NAME = "JPY_SESSION_NAME"
HIDDEN = (SESSION_NAME, "VIRTUAL_ENV")
"""Variables that are another kernel's, and are set right when a kernel is wanted."""

SET_BY_ATTACH = frozenset({KERNEL_LAYER, "VIRTUAL_ENV", "PATH"})

DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri")
"""What a module opens that takes a share of a graphics processor when it is imported."""


class Spare:
    """A process that has nothing of any kernel yet, and becomes whatever is asked for next.

    :param zygote: socket to the zygote, which sends the request and its descriptors.
    """

    def __init__(self, zygote: socket.socket) -> None:
        self._zygote = zygote

    def live(self, changes: Dict[str, str]) -> None:
        """Wait for a request, and become the kernel; returns when that has ended.

        :param changes: variables that Python and modules have set, see `preimport.load`.
        """
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            take_descriptors([nothing] * 3, {self._zygote.fileno()})
            kernel = take_request(self._zygote)
        except BaseException:  # noqa: BLE001  (kernels are forked as ever when they are wanted)
            os._exit(1)
        kernel.live(changes)


class Parked:
    """A kernel that is initialised, and needs a connection to begin.

    One of a single environment has imported modules too; it never forks, so that they may have
    threads.

    :param request: of a kernel like the one that it is to become.
    :param zygote: socket to the zygote, which sends the request and its descriptors.
    :param leases: descriptors to hold until then.
    :param modules: to be imported in the request's environment; if there are none, it becomes
        a kernel of any.
    """

    def __init__(
        self,
        request: Dict[str, Any],
        zygote: socket.socket,
        leases: List[int],
        modules: List[str],
    ) -> None:
        self._model = request
        self._zygote = zygote
        self._leases = leases
        self._modules = modules
        self._changes: Variables = {}
        self._layer = sys.prefix
        self._layer_paths: Optional[List[str]] = None
        self._names_session = False

    def live(self, changes: Dict[str, str]) -> None:
        """Wait for a request, and become the kernel; returns when that has ended.

        :param changes: variables that Python and modules have set, see `preimport.load`.
        """
        try:
            self._settle(changes)
            app = import_kernel().instance()
            split = SplitApp(app)
            self._initialize(split)
            kernel = self._wait()
        except BaseException:  # noqa: BLE001  (kernels are forked as ever when they are wanted)
            os._exit(1)
        self._become(kernel, app, split, changes)
        app.start()

    def _settle(self, changes: Dict[str, str]) -> None:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        take_descriptors([nothing] * 3, {self._zygote.fileno(), *self._leases})
        environ = {name: v for name, v in self._model["env"].items() if name not in HIDDEN}
        take_context({**self._model, "env": environ, "cwd": "/"}, changes)
        del sys.argv[1]

    def _initialize(self, split: SplitApp) -> None:
        """Do all that can be done now, and tell the zygote what the kernel to be must agree in."""
        with Reads() as reads:
            split.initialize()
        self._changes.update(reads.changes)
        self._names_session = SESSION_NAME in reads.names
        names = reads.names - {*HIDDEN, *WITHOUT_TRACE}
        loaded = set(sys.modules)
        if self._modules:
            self._preload()
        wire.send(
            self._zygote,
            {
                "reads": {name: self._model["env"].get(name) for name in names},
                # Which variables a library written in C has read cannot be known.
                "environ": self._model["env"] if self._modules else None,
                "stamps": split.stamps(),
                "modules": sorted({name.partition(".")[0] for name in set(sys.modules) - loaded}),
                "memory": _memory(),
            },
        )

    def _preload(self) -> None:
        environment = Launch.from_json(self._model["command"][2]).environment
        assert environment is not None
        with Reads() as reads:
            attach(environment)
        self._layer_paths = os.environ[KERNEL_LAYER].split(os.pathsep)[1:]
        own = {name: v for name, v in reads.changes.items() if name not in SET_BY_ATTACH}
        self._changes.update(own)
        with Reads() as reads:
            for module in self._modules:
                importlib.import_module(module)
        if any(target.startswith(DEVICES) for target in _open_files()):
            raise Unfit("a module has taken a device")
        # Those of Python, the layer and the environment do not change; others may be edited.
        folders = tuple(
            os.path.join(folder, "") for folder in (*_python(), self._layer, environment)
        )
        if not all(file.startswith(folders) for file in _loaded_files()):
            raise Unfit("a module is from elsewhere")
        self._changes.update(reads.changes)

    def _wait(self) -> ForkedKernel:
        kernel = take_request(self._zygote)
        for lease in self._leases:
            os.close(lease)
        return kernel

    def _become(
        self, kernel: ForkedKernel, app: Any, split: SplitApp, changes: Dict[str, str]
    ) -> None:
        try:
            redirect_captured(kernel.standard)
            take_context(kernel.request, changes)
            self._change_variables()
            kernel.say_who(ahead=True)
        except Exception as error:  # noqa: BLE001  (the client starts a kernel by itself)
            kernel.refuse(error)
            os._exit(1)
        launch = kernel.take_launch()
        import_kernel()  # sets the arguments right
        self._attach(app, launch.environment)
        app.init_io = _nothing  # it was done; `prepare` puts something before it
        kernel.prepare(app)
        use_listeners(app, launch.listeners)
        kernel.wait_until_wanted()
        split.connect(sys.argv[1:])
        if self._names_session and os.environ.get(SESSION_NAME):
            app.shell.user_ns["__session__"] = os.environ[SESSION_NAME]
        # One with a link does it when its environment is there.
        split.finish(users_code=launch.link is None)
        app.init_io()  # tells the client
        finish(app, launch)

    def _change_variables(self) -> None:
        """Change what was changed when this process initialised itself."""
        for name, value in self._changes.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _attach(self, app: Any, environment: Optional[str]) -> None:
        if environment is None:
            return
        if self._layer_paths is None:
            attach(environment)
        else:
            tell_children(environment, self._layer_paths)
        move_configuration(app, self._layer, environment)


def _memory() -> int:
    """Bytes of memory that this process has for itself alone."""
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        sizes = [line.split() for line in file if line.startswith("Private_")]
    return 1024 * sum(int(size) for _, size, _ in sizes)


def _python() -> List[str]:
    """The folders of Python's own modules."""
    extensions = [path for path in sys.path if os.path.basename(path) == "lib-dynload"]
    return [os.path.dirname(os.__file__), *extensions]


def _loaded_files() -> List[str]:
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [os.path.abspath(file) for file in files if file]


def _open_files() -> List[str]:
    targets = []
    for name in os.listdir("/proc/self/fd"):
        try:
            targets.append(os.readlink("/proc/self/fd/" + name))
        except OSError:  # the one that the list was read from
            pass
    return targets


def _nothing() -> None:
    """Do nothing in a step that was done."""
