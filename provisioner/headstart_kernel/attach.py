"""Give this process another environment: afterwards it looks like a kernel of a plain venv.

The process was started by the kernel layer's Python. What the layer has loaded stays loaded (the
launch made sure that the environment holds the same files wherever both have a distribution);
everything that says where the process *is* changes to the environment.
"""

import os
import site
import sys
from typing import List

from .patched.loaded_constants import move_constants

KERNEL_LAYER = "HEADSTART_KERNEL_LAYER"
"""Tells children in the same environment where the layer is; see ``install.END_OF_PATH``."""


def attach(prefix: str) -> None:
    """Take on the environment at ``prefix``, an absolute path, in place of the present one."""
    layer = sys.prefix
    layer_paths = [path for path in sys.path if _below(path, layer)]
    _move_prefix(prefix)
    tell_children(prefix, layer_paths[:1])
    sys.path[:] = [path for path in sys.path if not _below(path, layer)]
    # As Python does it when it starts: ``.pth`` files may import from the entries before theirs.
    for site_packages in site.getsitepackages([prefix]):
        site.addsitedir(site_packages)
    sys.path.extend(path for path in layer_paths if path not in sys.path)
    move_constants(layer, prefix)
    _look_again()
    # Python has run the layer's when it started, if there was one.
    if "sitecustomize" not in sys.modules:
        site.execsitecustomize()


def _look_again() -> None:
    """Forget which path entries did not exist when modules were looked for in them.

    Folders that existed are read again when they have changed (``FileFinder``); invalidating all
    caches, as `importlib` does it, would have every kernel read all of them again.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[path]


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder + os.sep)


def _scripts(prefix: str) -> str:
    return os.path.join(prefix, "Scripts" if os.name == "nt" else "bin")


def _move_prefix(prefix: str) -> None:
    sys.prefix = sys.exec_prefix = prefix
    sys.executable = os.path.join(_scripts(prefix), "python.exe" if os.name == "nt" else "python")
    site.PREFIXES[:] = [prefix]


def tell_children(prefix: str, layer_paths: List[str]) -> None:
    """Set the variables by which children run the environment's programs and find the layer."""
    os.environ[KERNEL_LAYER] = os.pathsep.join([prefix, *layer_paths])
    os.environ["VIRTUAL_ENV"] = prefix
    os.environ["PATH"] = os.pathsep.join(
        [_scripts(prefix), *filter(None, [os.environ.get("PATH")])]
    )
