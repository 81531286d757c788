"""Settings, from traits, environment variables and the command line.

A frozen value that is passed along; nothing else in Headstart reads the process's environment for
a setting. Environment variables win over traits, for headless clients read no traits at all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

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
    given = {name: value for name, value in (traits or {}).items() if value is not None}

    def look(variable: str, name: str) -> tuple[str, Any]:
        """Where the value stands, and the value; the value is None if nothing is said."""
        if environ.get(variable):
            return variable, environ[variable]
        return f"Headstart.{name}", given.get(name)

    def words(variable: str, name: str) -> tuple[str, ...]:
        _, value = look(variable, name)
        return tuple(value.split() if isinstance(value, str) else value or ())

    def choice(variable: str, name: str, choices: tuple[str, ...], default: str) -> str:
        place, value = look(variable, name)
        if value is None:
            return default
        if value not in choices:
            raise SettingsError(f"{place} is {value!r}.", hint=f"It can be {' or '.join(choices)}.")
        return str(value)

    _, store = look(envvars.STORE, "store")
    return Settings(
        store=Path(store).expanduser().absolute() if store else default_store(),
        offline=_flag(*look(envvars.OFFLINE, "offline")),
        default_index=str(look(envvars.DEFAULT_INDEX, "default_index")[1] or ""),
        extra_indexes=words(envvars.EXTRA_INDEXES, "extra_indexes"),
        find_links=words(envvars.FIND_LINKS, "find_links"),
        python_downloads=cast(
            PythonDownloads,
            choice(
                envvars.PYTHON_DOWNLOADS,
                "python_downloads",
                get_args(PythonDownloads),
                "automatic",
            ),
        ),
        link_mode=cast(
            LinkMode, choice(envvars.LINK_MODE, "link_mode", get_args(LinkMode), "auto")
        ),
        build_timeout=_seconds(*look(envvars.BUILD_TIMEOUT, "build_timeout")),
        transport=cast(
            Transport, choice(envvars.TRANSPORT, "transport", get_args(Transport), "auto")
        ),
        environ=dict(environ),
    )


def _flag(place: str, value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise SettingsError(f"{place} is {value!r}.", hint="It can be 1 or 0.")


def _seconds(place: str, value: Any) -> float:
    try:
        seconds = 900.0 if value is None else float(value)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise SettingsError(f"{place} is {value!r}.", hint="It is a number of seconds above 0.")
    return seconds
