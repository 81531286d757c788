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

MAX_PACKAGES: Final = "HEADSTART_MAX_PACKAGES"
"""How many packages an environment may have."""

MAX_ENV_BYTES: Final = "HEADSTART_MAX_ENV_BYTES"
"""How much its packages may take, unpacked: ``20GiB``, ``500MB`` or bytes."""

MAX_ENV_FILES: Final = "HEADSTART_MAX_ENV_FILES"
"""How many files its packages may have."""

TRANSPORT: Final = "HEADSTART_TRANSPORT"
"""``ipc``, ``tcp`` or ``auto``: how clients talk to the kernels that Headstart launches."""

QUOTA_BYTES: Final = "HEADSTART_QUOTA_BYTES"
"""How large the store may become, uv's cache included: ``20GiB``, ``500MB`` or bytes."""

QUOTA_INODES: Final = "HEADSTART_QUOTA_INODES"
"""How many files and folders the store may hold."""

RESERVE: Final = "HEADSTART_RESERVE"
"""Free space that is left on the store's disk, in the same units."""

MAX_AGE: Final = "HEADSTART_MAX_AGE"
"""Days after which an environment goes that nobody has used; ``0``: it never goes for its age."""

AUTO_PRUNE: Final = "HEADSTART_AUTO_PRUNE"
"""``0``: only ``headstart prune`` prunes the store."""

COMPILE_BYTECODE: Final = "HEADSTART_COMPILE_BYTECODE"
"""``0``: wheels are not compiled in the background, and no environment has its bytecode inside."""

SYSTEM_STORE: Final = "HEADSTART_SYSTEM_STORE"
"""Folder of a store that an administrator has filled: looked into first. Only
``headstart ensure --system`` adds to it."""

REQUIREMENTS_FILES: Final = "HEADSTART_REQUIREMENTS_FILES"
"""``1``: a ``requirements.txt`` beside a notebook without a header stands for one."""

RECEIPTS: Final = "HEADSTART_RECEIPTS"
"""``off``, ``headless`` or ``save``: do headless runs leave in the notebook what they ran with,
and does each save in a server?"""

ZYGOTE: Final = "HEADSTART_ZYGOTE"
"""``auto``, ``on`` or ``off``: are kernels forked from a process that has in memory what they
import? ``auto`` is ``on`` on Linux; elsewhere there is none."""

ZYGOTE_IDLE: Final = "HEADSTART_ZYGOTE_IDLE"
"""Seconds after which that process ends if nobody has used it."""

PARKED: Final = "HEADSTART_PARKED"
"""``1``: a kernel of each layer is started ahead, and waits for its notebook."""

PRELOAD_MEMORY: Final = "HEADSTART_PRELOAD_MEMORY"
"""How much memory kernels may take that are started ahead with a notebook's modules: ``512MiB``."""

# -- read from Jupyter and the system -------------------------------------------------------------

SESSION_NAME: Final = "JPY_SESSION_NAME"
"""Set by jupyter_server: the path of the notebook whose kernel is starting."""

DEFAULT_PROVISIONER: Final = "JUPYTER_DEFAULT_PROVISIONER_NAME"
"""Names the provisioner of kernelspecs that name none; ``headstart`` makes every kernel ours."""

PATH: Final = "PATH"
VIRTUAL_ENV: Final = "VIRTUAL_ENV"
PYTHONHOME: Final = "PYTHONHOME"

# -- set for the self-test's imports --------------------------------------------------------------

MPLBACKEND: Final = "MPLBACKEND"
MPLCONFIGDIR: Final = "MPLCONFIGDIR"
"""What matplotlib draws with, and where it keeps its list of fonts: no window, no user's folder."""

# -- set in kernels and passed on to their children ----------------------------------------------

HEADER: Final = "HEADSTART_HEADER"
"""JSON: ``where`` the notebook's header is, and its ``text`` if it is a block of comments; for the
``pip`` of the kernel's environment, which shows it as it would have to be."""

KERNEL_LAYER: Final = "HEADSTART_KERNEL_LAYER"
"""``<environment's prefix><os.pathsep><the layer's site-packages>``: Python processes of that
environment, started below a kernel, find there what only the kernel layer has."""

# -- the user's own settings of uv: read, shown and passed on explicitly (`uv.configuration`) -----

UV_CONFIG_FILE: Final = "UV_CONFIG_FILE"
"""A ``uv.toml`` in place of the user's and the system's."""

UV_DEFAULT_INDEX: Final = "UV_DEFAULT_INDEX"
UV_INDEX_URL: Final = "UV_INDEX_URL"
"""Older name of ``UV_DEFAULT_INDEX``."""

UV_INDEX: Final = "UV_INDEX"
UV_EXTRA_INDEX_URL: Final = "UV_EXTRA_INDEX_URL"
"""Older name of ``UV_INDEX``; its URLs come after those."""

UV_FIND_LINKS: Final = "UV_FIND_LINKS"
UV_NO_INDEX: Final = "UV_NO_INDEX"
UV_OFFLINE: Final = "UV_OFFLINE"
UV_EXCLUDE_NEWER: Final = "UV_EXCLUDE_NEWER"
UV_PYTHON_DOWNLOADS: Final = "UV_PYTHON_DOWNLOADS"
UV_TORCH_BACKEND: Final = "UV_TORCH_BACKEND"

UV_OPTIONS: Final = {
    "UV_INDEX_STRATEGY": "index-strategy",
    "UV_KEYRING_PROVIDER": "keyring-provider",
    "UV_INSECURE_HOST": "allow-insecure-host",
    "UV_SYSTEM_CERTS": "system-certs",
    "UV_NATIVE_TLS": "native-tls",
    "UV_PRERELEASE": "prerelease",
    "UV_RESOLUTION": "resolution",
    UV_TORCH_BACKEND: "torch-backend",
    "UV_PYTHON_PREFERENCE": "python-preference",
    "UV_PYTHON_INSTALL_MIRROR": "python-install-mirror",
    "UV_PYPY_INSTALL_MIRROR": "pypy-install-mirror",
    "UV_PYTHON_DOWNLOADS_JSON_URL": "python-downloads-json-url",
    "UV_CONCURRENT_DOWNLOADS": "concurrent-downloads",
    "UV_CONCURRENT_INSTALLS": "concurrent-installs",
}
"""Options of uv's that are passed on as they are, with their names in ``uv.toml``."""

UV_PASSED_ON: Final = (
    "UV_CREDENTIALS_DIR",
    "UV_HTTP_CONNECT_TIMEOUT",
    "UV_HTTP_RETRIES",
    "UV_HTTP_TIMEOUT",
    "UV_PYTHON_INSTALL_DIR",
    "UV_REQUEST_TIMEOUT",
)
"""Variables of uv's that are passed on as they are and have no place in ``uv.toml``."""

UV_CHOICES: Final = (UV_EXCLUDE_NEWER, "UV_PRERELEASE", "UV_RESOLUTION", UV_TORCH_BACKEND)
"""Variables that say which of the versions that the indexes have are chosen. The kernel layer is
not the user's: they do not count for it."""

UV_INDEX_CREDENTIALS: Final = r"UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)"
"""Regular expression of the variables that hold an index's credentials."""

SYSTEM_PASSED_ON: Final = (
    "ALL_PROXY",
    "all_proxy",
    "DBUS_SESSION_BUS_ADDRESS",
    "DYLD_LIBRARY_PATH",
    "HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "NETRC",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SSL_CLIENT_CERT",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
)
"""What uv gets of the rest of the process's environment: who the user is, certificates, proxies,
the keyring's bus, and where libraries of the base Python lie."""

_ACCESS = "it lets uv in, or says whom to trust; what is served is the index's"
_PYTHON = "it decides which Python there is, and a lock is remembered for its Python"
_SPEED = "it decides how long something takes"
_PLACES = "it says who the user is, how the network is reached and where things lie here"

UV_CHOOSE_NOTHING: Final = {
    UV_OFFLINE: "a lock says what the index had at some moment: offline, what the cache has of it",
    UV_PYTHON_DOWNLOADS: _PYTHON,
    "UV_CONCURRENT_DOWNLOADS": _SPEED,
    "UV_CONCURRENT_INSTALLS": _SPEED,
    "UV_CREDENTIALS_DIR": _ACCESS,
    "UV_HTTP_CONNECT_TIMEOUT": _SPEED,
    "UV_HTTP_RETRIES": _SPEED,
    "UV_HTTP_TIMEOUT": _SPEED,
    "UV_INSECURE_HOST": _ACCESS,
    "UV_KEYRING_PROVIDER": _ACCESS,
    "UV_NATIVE_TLS": _ACCESS,
    "UV_PYPY_INSTALL_MIRROR": _PYTHON,
    "UV_PYTHON_DOWNLOADS_JSON_URL": _PYTHON,
    "UV_PYTHON_INSTALL_DIR": _PYTHON,
    "UV_PYTHON_INSTALL_MIRROR": _PYTHON,
    "UV_PYTHON_PREFERENCE": _PYTHON,
    "UV_REQUEST_TIMEOUT": _SPEED,
    "UV_SYSTEM_CERTS": _ACCESS,
    **dict.fromkeys(SYSTEM_PASSED_ON, _PLACES),
    PATH: _PYTHON,
}
"""What uv gets and cannot choose a version by, with the reason: locks are not remembered under it.

Whatever is not named here is part of what a lock is remembered under. Credentials are none of it
either (`UV_INDEX_CREDENTIALS`, and those in URLs): no digest is made of a secret."""

CONFINED_PASSED_ON: Final = (
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
)
"""What builds of source trees get of that: where programs and libraries lie, and no more."""

# -- set for uv ------------------------------------------------------------------------------------

UV_CACHE_DIR: Final = "UV_CACHE_DIR"

# -- where the user's and the system's settings lie -----------------------------------------------

HOME: Final = "HOME"
XDG_CONFIG_HOME: Final = "XDG_CONFIG_HOME"
XDG_CONFIG_DIRS: Final = "XDG_CONFIG_DIRS"
