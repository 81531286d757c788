"""ipykernel's application in two halves: what it does before it knows its connection, and the rest.

The first half is `IPKernelApp.initialize` itself, with the steps left out that need the connection
file, the environment, or code of the user's. The second half makes up for them, in their order.

Relies on: ipykernel >= 6.29: the steps that `IPKernelApp.initialize` calls, their order, the
private ``_bind_socket``, and the sockets and threads that it makes.
Why: a kernel that is initialised ahead answers in half the time of one that is only forked.
Without it: with any other steps or sockets no kernel is initialised ahead; kernels are forked.
Noticed by: tests/kernels/launch/zygote/test_parked.py
"""

import inspect
import os
import threading
from functools import partial
from typing import Any, Callable, Dict, List, Optional

from .ipython_history import LateSession, history_files
from .postponed_steps import formatters, run_steps

__all__ = ["SplitApp", "Unfit", "move_configuration", "stamp"]

STEPS = (
    "init_pdb", "init_blackhole", "init_connection_file", "init_poller", "init_sockets",
    "init_heartbeat", "write_connection_file", "log_connection_info", "init_io", "init_signal",
    "init_kernel", "init_path", "init_shell", "init_gui_pylab", "init_extensions", "init_code",
)  # fmt: skip
"""What `initialize` is known to do. If it does anything else, there are no halves."""

CONNECT = ("init_heartbeat", "write_connection_file", "log_connection_info")
USERS = ("init_path", "init_extensions", "init_code")
LEFT_OUT = ("init_connection_file", "init_poller", *CONNECT, *USERS)

BIND = "_bind_socket"

PORTS = ("shell_port", "stdin_port", "control_port", "iopub_port")
"""In the order in which their sockets are made."""

RECORDED = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
"""In the order in which a kernel tells them."""

UNKNOWN = "/nonexistent/connection.json"
"""A placeholder for the connection file's path where the command line is kept."""

PATIENCE = 30.0
"""Seconds that a thread of the kernel may take to bind a socket."""


class Unfit(Exception):
    """This kernel cannot be initialised ahead."""


class SplitApp:
    """An application that is initialised in two halves.

    :param app: an `IPKernelApp` that is not initialised.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._sockets: List[Any] = []
        self._session = LateSession()

    def initialize(self) -> None:
        """The first half. Configuration is code of the user's, so that there must be none.

        Of the graphical loops nothing is left out: without a configuration none is asked for, and
        modules that are imported ahead see the variable that chooses Matplotlib's backend.

        :raises Unfit: if this application cannot be split.
        """
        app = self._app
        _check_steps(type(app))
        for name in LEFT_OUT:
            setattr(app, name, _nothing)
        setattr(app, BIND, self._note_socket)
        app.load_config_file = self._refuse_configuration
        with self._session:
            app.initialize(["-f", UNKNOWN])
        formatters(app)
        # They were set on the instance: without them the class's own are used again.
        for name in (*LEFT_OUT, BIND, "load_config_file"):
            delattr(app, name)
        raw = (app.shell_socket, app.stdin_socket, app.control_socket, app.iopub_thread.socket)
        if len(self._sockets) != len(raw) or any(a is not b for a, b in zip(self._sockets, raw)):
            raise Unfit("it has other sockets")

    def stamps(self) -> Dict[str, Optional[List[int]]]:
        """Which files the user's profile is read from, see `stamp`, by path."""
        paths = [os.fspath(self._app.profile_dir.location), *_configurations(self._app)]
        return {path: stamp(path) for path in [*paths, *history_files(self._app.shell)]}

    def connect(self, argv: List[str]) -> None:
        """The second half up to bound sockets.

        :param argv: ``-f`` and the path of the connection file.
        """
        app = self._app
        _set_connection_file(app, argv)
        app.init_connection_file()
        app.init_poller()
        for name, socket in zip(PORTS, self._sockets):
            _in_thread_of(app, name, partial(_bind, app, name, socket))
        # Connected in the first half, to a socket that had no address then.
        endpoint = app.shell_socket.getsockopt(_last_endpoint())
        app.debug_shell_socket.connect(endpoint)
        for step in CONNECT:
            getattr(app, step)()
        app.kernel.record_ports({name: getattr(app, name) for name in RECORDED})

    def finish(self, *, users_code: bool = True) -> None:
        """The rest of the second half.

        :param users_code: run the steps that run the user's code, too?
        """
        app = self._app
        app.shell.starting_dir = os.getcwd()
        self._session.begin(app.shell)
        if users_code:
            run_steps(app, USERS)

    def _note_socket(self, socket: Any, port: int) -> int:
        self._sockets.append(socket)
        return port

    def _refuse_configuration(self, *_arguments: Any, **_options: Any) -> None:
        paths = self._app.config_file_paths
        if os.getcwd() in paths or any(map(os.path.lexists, _configurations(self._app))):
            raise Unfit("there is a configuration")


def move_configuration(app: Any, layer: str, environment: str) -> None:
    """Have the configuration files of an environment in place of those of its layer."""
    app.config_file_paths = [
        path.replace(layer, environment, 1) if path.startswith(layer + os.sep) else path
        for path in app.config_file_paths
    ]


def stamp(path: str) -> Optional[List[int]]:
    """Which file is at a path; None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_dev, status.st_ino]


def _check_steps(app_class: Any) -> None:
    names = inspect.unwrap(app_class.initialize).__code__.co_names
    steps = tuple(name for name in names if name.startswith("init_") or name in STEPS)
    if steps != STEPS:
        raise Unfit("it has other steps: %s" % ", ".join(steps))


def _configurations(app: Any) -> List[str]:
    """Paths of all files that the application would read its configuration from."""
    stems = {os.path.splitext(name)[0] for name in ("ipython_config.py", *app.config_files)}
    return [
        os.path.join(os.fspath(folder), stem + ending)
        for folder in app.config_file_paths
        for stem in sorted(stems)
        for ending in (".py", ".json")
    ]


def _set_connection_file(app: Any, argv: List[str]) -> None:
    """As if the command line had been this one when it was parsed."""
    path = argv[1]
    # Traitlets gives each of them a configuration of its own.
    owners = [app, app.kernel, app.shell, app.session, app.profile_dir, *app.shell.configurables]
    configurations = [owner.config for owner in owners] + [app.cli_config]
    for config in {id(config): config for config in configurations}.values():
        before = config.get("IPKernelApp", {}).get("connection_file")
        if before is not None:
            config["IPKernelApp"]["connection_file"] = type(before)(path)
    app.argv = argv
    app.connection_file = path


def _bind(app: Any, name: str, socket: Any) -> None:
    setattr(app, name, getattr(app, BIND)(socket, getattr(app, name)))


def _in_thread_of(app: Any, name: str, work: Callable[[], None]) -> None:
    """Do it where the socket of a port is used: ZeroMQ's are for one thread at a time."""
    loop = {
        "shell_port": getattr(getattr(app, "shell_channel_thread", None), "io_loop", None),
        "control_port": app.control_thread.io_loop,
        "iopub_port": app.iopub_thread.io_loop,
    }.get(name)
    if loop is None:
        work()
        return
    done, failures = threading.Event(), []

    def do() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  (raised where it is waited for)
            failures.append(error)
        done.set()

    loop.add_callback(do)
    if not done.wait(PATIENCE):
        raise TimeoutError("A socket could not be bound.")
    if failures:
        raise failures[0]


def _last_endpoint() -> int:
    import zmq  # as in `ipython_history`: not before it is noted which variables are read

    option: int = zmq.LAST_ENDPOINT
    return option


def _nothing(*_arguments: Any) -> None:
    """Leave a step out."""
