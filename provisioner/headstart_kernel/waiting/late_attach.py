"""Give a kernel that runs already its environment, or leave it as it was."""

import os
import site
import sys
import time
from typing import Any, Dict, List, Optional

from ..attach import attach
from ..patched.loaded_constants import move_constants
from ..patched.two_phase_init import move_configuration

Environ = Dict[str, Optional[str]]


class Refused(Exception):
    """The environment cannot be attached to this process, which is as it was."""


def attach_late(app: Any, prefix: str, environ: Environ, prepend_paths: List[str]) -> None:
    """Attach an environment, with the variables that its header names.

    :param environ: values by name, None for a variable that is not to be set.
    :param prepend_paths: what is to be found before all else but the environment's own programs.
    :raises Refused: if it cannot be attached.
    """
    _check(prefix)
    before, layer = _Process(), sys.prefix
    try:
        _set_variables(environ, prepend_paths)
        attach(prefix)
    except BaseException as error:  # also what a `.pth` file of the environment's raises
        before.restore(prefix)
        raise Refused("%s: %s" % (type(error).__name__, error)) from error
    move_configuration(app, layer, prefix)


def _check(prefix: str) -> None:
    if not os.path.isdir(prefix):
        raise Refused("The environment %s is not there." % prefix)
    if not any(map(os.path.isdir, site.getsitepackages([prefix]))):
        raise Refused("The environment %s is for another Python." % prefix)
    # Its configuration is code, which has to run before IPython is initialised.
    if os.path.lexists(os.path.join(prefix, "etc", "ipython")):
        raise Refused("The environment configures IPython, which is done when a kernel starts.")


def _set_variables(environ: Environ, prepend_paths: List[str]) -> None:
    for name, value in environ.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if prepend_paths:
        path = filter(None, [os.environ.get("PATH")])
        os.environ["PATH"] = os.pathsep.join([*prepend_paths, *path])
    if "TZ" in environ:
        _read_time_zone()


def _read_time_zone() -> None:
    if hasattr(time, "tzset"):
        time.tzset()


class _Process:
    """What attaching changes in this process, as it is now."""

    def __init__(self) -> None:
        self._environ = dict(os.environ)
        self._path = list(sys.path)
        self._prefixes = list(site.PREFIXES)
        self._python = sys.prefix, sys.exec_prefix, sys.executable

    def restore(self, prefix: str) -> None:
        """Have all of it as it was.

        :param prefix: the environment that was not attached, or only in part.
        """
        os.environ.clear()
        os.environ.update(self._environ)
        _read_time_zone()
        sys.path[:] = self._path
        site.PREFIXES[:] = self._prefixes
        sys.prefix, sys.exec_prefix, sys.executable = self._python
        move_constants(prefix, sys.prefix)
