"""Keeps the tests away from whoever runs them: their home, their store, their Jupyter folders.

`isolate` points every variable that Jupyter, IPython, uv and Headstart look at into a folder of
the session. `snapshot` lists what the real folders hold, so that a test which reaches them all the
same, through a child with an empty environment for example, is found out.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

# Short, because sockets live below it and their paths are limited to about 100 bytes.
PREFIX = "hs-"

SESSION = "TESTS_OF_HEADSTART"
"""What pytest-xdist's workers have from the process that hands tests out, whose home is isolated.

Its folder, and the real home and store; whatever a worker starts does not have it.
"""


def _session() -> tuple[Path | None, Path, Path]:
    """The folder that the workers share, if this is one; the real home, the real store."""
    if "PYTEST_XDIST_WORKER" in os.environ and SESSION in os.environ:
        folder, home, store = map(Path, os.environ.pop(SESSION).split(os.pathsep))
        return folder, home, store
    store = os.environ.get("HEADSTART_STORE")
    default = platformdirs.user_cache_dir("headstart", appauthor=False)
    return None, Path.home(), Path(store or default)


_SHARED, REAL_HOME, REAL_STORE = _session()
WATCHED = (
    REAL_STORE,
    REAL_HOME / ".jupyter",
    REAL_HOME / ".local" / "share" / "jupyter",
    REAL_HOME / ".ipython",
)


@cache
def isolate() -> Path:
    """Point the environment of this process into a new folder, once; the folder is returned.

    It is removed when this process ends; children that were forked from it leave it alone.
    """
    user_uv = _uv_configuration()
    root, owner = Path(tempfile.mkdtemp(prefix=PREFIX)), os.getpid()
    atexit.register(lambda: remove_tree(root) if os.getpid() == owner else None)
    places = {
        "HOME": "home",
        "XDG_CACHE_HOME": "home/.cache",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_STATE_HOME": "home/.local/state",
        "HEADSTART_STORE": "store",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_SETTINGS_DIR": "lab/settings",
        "JUPYTERLAB_WORKSPACES_DIR": "lab/workspaces",
        "IPYTHONDIR": "ipython",
    }
    for variable, place in places.items():
        folder = root / place
        if variable != "HEADSTART_STORE":  # the store makes its own, with the mode it wants
            folder.mkdir(parents=True, exist_ok=True)
        os.environ[variable] = str(folder)
    for variable in [name for name in os.environ if _leads_back(name)]:
        del os.environ[variable]
    # Processes in the background, whose store goes when the test ends.
    os.environ["HEADSTART_AUTO_PRUNE"] = os.environ["HEADSTART_COMPILE_BYTECODE"] = "0"
    # Whatever a test's notebook asks for is agreed to, but in the tests of that.
    os.environ["HEADSTART_TRUST"] = "always"
    os.environ["HEADSTART_WARM_UP"] = "0"  # a server of a test downloads what the test asks for
    os.environ["HEADSTART_ZYGOTE"] = "off"  # the fixture `zygotes` turns them on, and ends them
    if user_uv.is_file():  # how this machine reaches its package index
        target = root / "home/.config/uv/uv.toml"
        target.parent.mkdir(parents=True)
        shutil.copy(user_uv, target)
    if _SHARED is None:
        os.environ[SESSION] = os.pathsep.join(map(str, (root, REAL_HOME, REAL_STORE)))
    return root


def shared_folder() -> Path:
    """The folder of the session, which is one for all workers."""
    return _SHARED or isolate()


def _leads_back(variable: str) -> bool:
    """Whether this variable makes a test depend on the shell it was started from."""
    if variable.startswith("HEADSTART_"):
        return variable != "HEADSTART_STORE"
    return variable.startswith("JPY_") or variable in {
        "JUPYTER_CONFIG_PATH",
        "JUPYTER_DEFAULT_PROVISIONER_NAME",
        "JUPYTER_PATH",
        "MPLBACKEND",
        "PYTHONSTARTUP",
        "VIRTUAL_ENV",
    }


def _uv_configuration() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or REAL_HOME / ".config"
    return Path(folder) / "uv" / "uv.toml"


def snapshot() -> frozenset[str]:
    """What stands in the real folders, two levels deep.

    Names only, and nothing of Jupyter's runtime folder: other programs of the same user go on
    working while the tests run.
    """
    found = set()
    for folder in WATCHED:
        for path in [folder, *folder.glob("*"), *folder.glob("*/*")]:
            if "runtime" not in path.parts and path.exists():
                found.add(str(path))
    return frozenset(found)


def remove_tree(folder: Path) -> None:
    """Remove a tree that may be write protected, as published environments are."""
    for parent, _folders, _files in os.walk(folder):
        Path(parent).chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
