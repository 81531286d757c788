"""Every environment variable that Headstart reads or sets, with its meaning.

No other module of the package has the name of one. What the variables of settings mean is in
`settings.Settings`.
"""

from __future__ import annotations

from typing import Final

# -- settings: `STORE` is the variable of `settings.Settings.store`, and so on ---------------------


def of_setting(name: str) -> str:
    """The variable of a setting: ``HEADSTART_STORE`` for ``store``."""
    return f"HEADSTART_{name.upper()}"


def __getattr__(name: str) -> str:
    # A setting is one row in `settings.py`, so its variable is not declared a second time here.
    if not name.isupper():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return of_setting(name)


# -- read from Jupyter and the system -------------------------------------------------------------

SESSION_NAME: Final = "JPY_SESSION_NAME"
"""Set by jupyter_server: the path of the notebook whose kernel is starting."""

DEFAULT_PROVISIONER: Final = "JUPYTER_DEFAULT_PROVISIONER_NAME"
"""The provisioner of kernelspecs that name none; with ``headstart`` every kernel is Headstart's."""

PATH: Final = "PATH"
VIRTUAL_ENV: Final = "VIRTUAL_ENV"
PYTHONHOME: Final = "PYTHONHOME"

PYTHONEXECUTABLE: Final = "PYTHONEXECUTABLE"
"""jupyter_client takes it from the variables of all Python kernels."""

# -- set for the self-test's imports --------------------------------------------------------------

MPLBACKEND: Final = "MPLBACKEND"
MPLCONFIGDIR: Final = "MPLCONFIGDIR"
"""matplotlib's backend and folder: imports open no window, and write to no folder of the user."""

# -- set in kernels and passed on to their children ----------------------------------------------

HEADER: Final = "HEADSTART_HEADER"
"""JSON: ``where`` the notebook's header is, and its ``text`` if it is a block of comments; for the
kernel's ``pip``, which shows the header with the change that would have to be made."""

KERNEL_LAYER: Final = "HEADSTART_KERNEL_LAYER"
"""``<environment's prefix><os.pathsep><the layer's site-packages>``: Python processes of that
environment that a kernel starts import from there what only the kernel layer has."""

# -- the user's own settings of uv: read, shown and passed on explicitly (`uv.configuration`) -----

UV_CONFIG_FILE: Final = "UV_CONFIG_FILE"
"""A ``uv.toml`` instead of the user's and the system's."""

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
"""Options of uv that are passed on unchanged, with their names in ``uv.toml``."""

UV_PASSED_ON: Final = (
    "UV_CREDENTIALS_DIR",
    "UV_HTTP_CONNECT_TIMEOUT",
    "UV_HTTP_RETRIES",
    "UV_HTTP_TIMEOUT",
    "UV_PYTHON_INSTALL_DIR",
    "UV_REQUEST_TIMEOUT",
)
"""Variables of uv that are passed on unchanged and have no counterpart in ``uv.toml``."""

UV_CHOICES: Final = (UV_EXCLUDE_NEWER, "UV_PRERELEASE", "UV_RESOLUTION", UV_TORCH_BACKEND)
"""Variables that decide which of the indexes' versions are chosen. They are ignored for the kernel
layer, which is not the user's."""

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
"""Other variables of the process that uv gets: the user's folders, certificates, proxies, the
keyring's bus, and the library paths of the base Python."""

_ACCESS = "it decides how uv authenticates and what it trusts, not what an index has"
_PYTHON = "it decides which Python is used, and a lock is remembered for its Python"
_SPEED = "it decides how long something takes"
_LOCATIONS = "it decides on the user's folders, the network and library paths of this machine"

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
    **dict.fromkeys(SYSTEM_PASSED_ON, _LOCATIONS),
    PATH: _PYTHON,
}
"""Variables that uv gets and that change no choice of a version, with the reason.

All others are part of what a lock is remembered under: a variable that is forgotten here costs a
resolution, and gives no wrong lock. Credentials are not part of it either (`UV_INDEX_CREDENTIALS`,
and those in URLs): no digest is made of a secret."""

CONFINED_PASSED_ON: Final = (
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
)
"""The variables that builds of source trees get: paths of programs and libraries, and no more.
Builds run code of others, so they get no proxies, credentials or home folder."""

# -- set for uv ------------------------------------------------------------------------------------

UV_CACHE_DIR: Final = "UV_CACHE_DIR"

# -- the folders of the user's and the system's settings -------------------------------------------

HOME: Final = "HOME"
XDG_CONFIG_HOME: Final = "XDG_CONFIG_HOME"
XDG_CONFIG_DIRS: Final = "XDG_CONFIG_DIRS"
