"""Every environment variable that Headstart reads or sets, with its meaning.

Nothing else in the package spells the name of one. What the variables of settings mean stands with
the settings, in `settings.Settings`.
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
