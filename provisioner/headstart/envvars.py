"""Every environment variable that Headstart reads or sets, with its meaning.

Nothing else in the package spells the name of one.
"""

from __future__ import annotations

from typing import Final

# -- settings: read beside Jupyter, see `settings.Settings` -------------------------------------

STORE: Final = "HEADSTART_STORE"
"""Folder of the store. Default: ``headstart`` in the platform's cache folder."""

OFFLINE: Final = "HEADSTART_OFFLINE"
"""``1``: never open a connection; only known locks and cached wheels are used."""

DEFAULT_INDEX: Final = "HEADSTART_DEFAULT_INDEX"
"""URL of the package index, in place of the one that uv is configured with."""

EXTRA_INDEXES: Final = "HEADSTART_EXTRA_INDEXES"
"""More index URLs, separated by white space, looked into before the default index."""

FIND_LINKS: Final = "HEADSTART_FIND_LINKS"
"""Folders or URLs of wheels, separated by white space."""

PYTHON_DOWNLOADS: Final = "HEADSTART_PYTHON_DOWNLOADS"
"""``automatic`` or ``never``: may uv download a Python that ``requires-python`` asks for?"""

LINK_MODE: Final = "HEADSTART_LINK_MODE"
"""``clone``, ``hardlink`` or ``copy``: how uv puts files into an environment. Default: probed."""

BUILD_TIMEOUT: Final = "HEADSTART_BUILD_TIMEOUT"
"""Seconds that one call of uv may take."""

TRANSPORT: Final = "HEADSTART_TRANSPORT"
"""``ipc``, ``tcp`` or ``auto``: how clients talk to the kernels that Headstart launches."""

# -- read from Jupyter and the system -------------------------------------------------------------

SESSION_NAME: Final = "JPY_SESSION_NAME"
"""Set by jupyter_server: the path of the notebook whose kernel is starting."""

PATH: Final = "PATH"
VIRTUAL_ENV: Final = "VIRTUAL_ENV"
PYTHONHOME: Final = "PYTHONHOME"

# -- set in kernels and passed on to their children ----------------------------------------------

KERNEL_LAYER: Final = "HEADSTART_KERNEL_LAYER"
"""``<environment's prefix><os.pathsep><the layer's site-packages>``: Python processes of that
environment, started below a kernel, find there what only the kernel layer has."""
