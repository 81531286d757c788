"""Settings, from traits, environment variables and the command line.

A frozen value that is passed along; nothing else in Headstart reads the process's environment for
a setting. Environment variables win over traits, for headless clients read no traits at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from . import envvars
from .errors import SettingsError

LinkMode = Literal["auto", "clone", "hardlink", "copy"]
Transport = Literal["auto", "ipc", "tcp"]
PythonDownloads = Literal["automatic", "never"]


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
    :param transport: how clients talk to kernels.
    :param environ: the environment of the process, from which uv's composed environment takes
        what is on its allow-list. Never shown.
    """

    store: Path = field(default_factory=default_store)
    offline: bool = False
    default_index: str = ""
    extra_indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    python_downloads: PythonDownloads = "automatic"
    link_mode: LinkMode = "auto"
    build_timeout: float = 900.0
    transport: Transport = "auto"
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


def _folder(_place: str, value: str) -> Path:
    return Path(value).expanduser().absolute() if value else default_store()


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
    "transport": (envvars.TRANSPORT, _one_of(get_args(Transport))),
}
"""Every setting but the environment: its variable, and how its value is read."""
