"""Update what loaded modules computed when they were imported, in another prefix or process.

Relies on: Python 3.8 to 3.14: the private ``_PREFIX``, ``_EXEC_PREFIX``, ``_CONFIG_VARS`` and
``_CONFIG_VARS_INITIALIZED`` of sysconfig, ``logging._startTime``, ``tempfile.tempdir``;
jupyter_core >= 5.1: ``ENV_JUPYTER_PATH`` and ``ENV_CONFIG_PATH``; IPython >= 7.23:
``_env_config_dir`` and ``ENV_CONFIG_DIRS``.
Why: a kernel's process begins in its layer, or in a zygote, and takes on its environment later.
Without it: a constant that a module lacks is left alone; one that stays as it is leads to the
layer, or is the zygote's.
Noticed by: tests/headstart_kernel/patched/test_loaded_constants.py
"""

import os
import sys
import time
from typing import Any

__all__ = ["forget_start", "move_constants"]


def move_constants(layer: str, prefix: str) -> None:
    """Update what loaded modules computed from ``sys.prefix`` when they were imported.

    A test scans every loaded module for the layer's path, so that this list stays complete.
    """
    sysconfig = sys.modules.get("sysconfig")
    if sysconfig is not None:
        vars(sysconfig).update(_PREFIX=prefix, _EXEC_PREFIX=prefix, _CONFIG_VARS=None)
        if hasattr(sysconfig, "_CONFIG_VARS_INITIALIZED"):
            vars(sysconfig)["_CONFIG_VARS_INITIALIZED"] = False
    application = sys.modules.get("IPython.core.application")
    if hasattr(application, "_env_config_dir"):
        vars(application)["_env_config_dir"] = os.path.join(prefix, "etc", "ipython")
    for module, name in (
        ("jupyter_core.paths", "ENV_JUPYTER_PATH"),
        ("jupyter_core.paths", "ENV_CONFIG_PATH"),
        ("IPython.core.application", "ENV_CONFIG_DIRS"),
    ):
        paths = getattr(sys.modules.get(module), name, None)
        if paths is not None:
            # In place: other modules have imported the list itself.
            paths[:] = [path.replace(layer, prefix, 1) for path in paths]
    spawn = sys.modules.get("multiprocessing.spawn")
    if spawn is not None:
        spawn.set_executable(sys.executable)


def forget_start() -> None:
    """Update what modules noted of their process when a zygote imported them."""
    logging: Any = sys.modules.get("logging")
    start = getattr(logging, "_startTime", None)
    if start is not None:
        # Since Python 3.13 in nanoseconds.
        vars(logging)["_startTime"] = time.time_ns() if isinstance(start, int) else time.time()
    tempfile: Any = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile.tempdir = None
