"""Settings, from traits, environment variables and the command line.

A frozen value that is passed along; nothing else in Headstart reads the process's environment for
a setting. Environment variables win over traits.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from . import envvars
from .errors import SettingsError
from .files import read_regular

LinkMode = Literal["auto", "clone", "hardlink", "copy"]
Transport = Literal["auto", "ipc", "tcp"]
PythonDownloads = Literal["automatic", "never"]
Receipts = Literal["off", "save", "headless"]
Zygote = Literal["auto", "on", "off"]

GIB = 1 << 30
"""Bytes."""

MIB = 1 << 20
"""Bytes."""

_SIZE = r"(\d+(?:\.\d*)?) ?([kMGT]?)(i?)B?"


def default_store() -> Path:
    """The store's folder where nothing else is said: in the platform's cache folder."""
    return Path(platformdirs.user_cache_dir("headstart", appauthor=False))


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user and the administrator decide.

    :param store: folder of the store, absolute.
    :param offline: never open a connection.
    :param default_index: URL of the package index, or ``""`` for uv's own.
    :param extra_indexes: URLs looked into before the default index, in this order.
    :param find_links: folders or URLs of wheels.
    :param python_downloads: may uv download a Python?
    :param link_mode: how files get into an environment.
    :param build_timeout: seconds that one call of uv may take.
    :param max_packages: how many packages an environment may have.
    :param max_env_bytes: how many bytes its packages may have, unpacked.
    :param max_env_files: how many files they may have.
    :param transport: how clients talk to kernels.
    :param quota_bytes: how many bytes the store may take, uv's cache included.
    :param quota_inodes: how many files and folders it may hold.
    :param reserve: bytes that are left free on the store's disk.
    :param max_age: days after which an unused environment goes; 0 for no such limit.
    :param auto_prune: is the store pruned in the background?
    :param compile_bytecode: are wheels compiled in the background?
    :param system_store: folder of a read-only store that is looked into first, or None.
    :param requirements_files: does a ``requirements.txt`` beside a notebook without a header stand
        for one?
    :param receipts: do runs leave in the notebook what they ran with: headless runs only, or each
        save in a server too?
    :param zygote: are kernels forked from a process that has imported what they import? ``auto``:
        where that works, which is on Linux.
    :param zygote_idle: seconds after which such a process ends if nobody has used it.
    :param parked: is a kernel of each layer started ahead?
    :param preload_memory: bytes that kernels may take which are started ahead with a notebook's
        modules; 0 for none of them.
    :param environ: the environment of the process, from which uv's composed environment takes
        what is on its allow-list. Never shown.
    """

    store: Path = field(default_factory=default_store)
    offline: bool = False
    default_index: str = field(default="", repr=False)
    extra_indexes: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    python_downloads: PythonDownloads = "automatic"
    link_mode: LinkMode = "auto"
    build_timeout: float = 900.0
    max_packages: int = 300
    max_env_bytes: int = 20 * GIB
    max_env_files: int = 500_000
    transport: Transport = "auto"
    quota_bytes: int = 20 * GIB
    quota_inodes: int = 2_000_000
    reserve: int = 2 * GIB
    max_age: float = 0.0
    auto_prune: bool = True
    compile_bytecode: bool = True
    system_store: Path | None = None
    requirements_files: bool = False
    receipts: Receipts = "off"
    zygote: Zygote = "auto"
    zygote_idle: float = 600.0
    parked: bool = False
    preload_memory: int = 512 * MIB
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


def read_settings(
    environ: Mapping[str, str] | None = None, traits: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from environment variables, then traits, then defaults.

    :param environ: the process's environment; ``os.environ`` if it is None.
    :param traits: values by the names of `Settings`' fields, as Jupyter's configuration gives
        them; a value of ``None`` counts as not given.
    :raises SettingsError: if a value means nothing; names the variable or trait.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for name, (variable, parse) in _FIELDS.items():
        if environ.get(variable):
            values[name] = parse(variable, environ[variable])
        elif traits and traits.get(name) is not None:
            values[name] = parse(f"Headstart.{name}", traits[name])
    return Settings(**values, environ=dict(environ))


def configuration_files() -> tuple[Path, ...]:
    """Jupyter's configuration files that name Headstart, in the order in which a server reads them.

    Later ones win. The others are not to be run for our sake: they are programs of the user's.
    """
    from jupyter_core.paths import jupyter_config_path  # quick, but few callers need it

    return tuple(
        path
        for name in ("jupyter_config", "jupyter_server_config")
        for folder in reversed(jupyter_config_path())
        for path in (Path(folder, f"{name}.py"), Path(folder, f"{name}.json"))
        if _names_us(path)
    )


def _names_us(path: Path) -> bool:
    try:
        return b"Headstart" in read_regular(path)
    except OSError:
        return False


def _folder(place: str, value: str) -> Path:
    return _other_folder(place, value) or default_store()


def _other_folder(_place: str, value: str) -> Path | None:
    return Path(value).expanduser().absolute() if value else None


def _flag(place: str, value: str | bool) -> bool:
    if isinstance(value, bool):
        return value
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise SettingsError(f"{place} is {value!r}.", hint="It can be 1 or 0.")


def _text(_place: str, value: str) -> str:
    return value


def _words(_place: str, value: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(value.split() if isinstance(value, str) else value)


def _seconds(place: str, value: str | float) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise SettingsError(f"{place} is {value!r}.", hint="It is a number of seconds above 0.")
    return seconds


def _size(place: str, value: str | int) -> int:
    """Bytes; ``kB`` to ``TB`` are powers of 1000, ``KiB`` to ``TiB`` of 1024."""
    match = re.fullmatch(_SIZE, str(value).strip(), re.IGNORECASE)
    if match is None:
        raise SettingsError(f"{place} is {value!r}.", hint="It is a size: 20GiB, or 500MB.")
    power = " kmgt".index(match[2].lower() or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def _count(place: str, value: str | int) -> int:
    return int(_from_zero(place, value, int))


def _days(place: str, value: str | float) -> float:
    return float(_from_zero(place, value, float))


def _from_zero(place: str, value: Any, convert: Callable[[Any], float]) -> float:
    try:
        number = convert(value)
    except ValueError:
        number = -1
    if not 0 <= number < math.inf:
        raise SettingsError(f"{place} is {value!r}.", hint="It is a number from 0 on.")
    return number


def _one_of(choices: tuple[str, ...]) -> Parse:
    def parse(place: str, value: str) -> str:
        if value not in choices:
            raise SettingsError(f"{place} is {value!r}.", hint=f"It can be {' or '.join(choices)}.")
        return value

    return parse


Parse = Callable[[str, Any], Any]
"""Makes a value of a setting out of what was given for it at a place, or raises."""

_FIELDS: Mapping[str, tuple[str, Parse]] = {
    "store": (envvars.STORE, _folder),
    "offline": (envvars.OFFLINE, _flag),
    "default_index": (envvars.DEFAULT_INDEX, _text),
    "extra_indexes": (envvars.EXTRA_INDEXES, _words),
    "find_links": (envvars.FIND_LINKS, _words),
    "python_downloads": (envvars.PYTHON_DOWNLOADS, _one_of(get_args(PythonDownloads))),
    "link_mode": (envvars.LINK_MODE, _one_of(get_args(LinkMode))),
    "build_timeout": (envvars.BUILD_TIMEOUT, _seconds),
    "max_packages": (envvars.MAX_PACKAGES, _count),
    "max_env_bytes": (envvars.MAX_ENV_BYTES, _size),
    "max_env_files": (envvars.MAX_ENV_FILES, _count),
    "transport": (envvars.TRANSPORT, _one_of(get_args(Transport))),
    "quota_bytes": (envvars.QUOTA_BYTES, _size),
    "quota_inodes": (envvars.QUOTA_INODES, _count),
    "reserve": (envvars.RESERVE, _size),
    "max_age": (envvars.MAX_AGE, _days),
    "auto_prune": (envvars.AUTO_PRUNE, _flag),
    "compile_bytecode": (envvars.COMPILE_BYTECODE, _flag),
    "system_store": (envvars.SYSTEM_STORE, _other_folder),
    "requirements_files": (envvars.REQUIREMENTS_FILES, _flag),
    "receipts": (envvars.RECEIPTS, _one_of(get_args(Receipts))),
    "zygote": (envvars.ZYGOTE, _one_of(get_args(Zygote))),
    "zygote_idle": (envvars.ZYGOTE_IDLE, _seconds),
    "parked": (envvars.PARKED, _flag),
    "preload_memory": (envvars.PRELOAD_MEMORY, _size),
}
"""Every setting but the environment: its variable, and how its value is read."""


def environ_of(settings: Settings) -> dict[str, str]:
    """An environment from which a child process reads the same settings."""
    values = {
        variable: _written(getattr(settings, name)) for name, (variable, _) in _FIELDS.items()
    }
    return {**settings.environ, **values}


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)
