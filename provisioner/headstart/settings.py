"""Read the settings, from environment variables and traits, into one frozen value.

The value is passed along; no other module reads the process's environment for a setting.
Environment variables win over traits.

A setting is one row in `Settings`: its name, type, default, parser, and meaning. Its variable
(`envvars`), its trait (`traits`) and its line in the README come from there.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import platformdirs

from . import envvars
from .errors import SettingsError
from .files import read_regular

LinkMode = Literal["auto", "clone", "hardlink", "copy"]
Transport = Literal["auto", "ipc", "tcp"]
PythonDownloads = Literal["automatic", "never"]
Receipts = Literal["off", "save", "headless"]
Zygote = Literal["auto", "on", "off"]
Trust = Literal["run", "always"]

GIB = 1 << 30
"""Bytes."""

MIB = 1 << 20
"""Bytes."""

Parse = Callable[[str, Any], Any]
"""Parses a value of a setting. The first argument is the variable or trait, for the error.

:raises SettingsError: if it is invalid."""

_T = TypeVar("_T")
_SIZE = r"(\d+(?:\.\d*)?) ?([kMGT]?)(i?)B?"


def default_store() -> Path:
    """The store's folder if none is set: in the platform's cache folder."""
    return Path(platformdirs.user_cache_dir("headstart", appauthor=False))


# -- what a setting can be -------------------------------------------------------------------------


def folder(_name: str, value: str) -> Path | None:
    """An absolute path; None, which is the setting's default, for ``""``."""
    return Path(value).expanduser().absolute() if value else None


def flag(name: str, value: str | bool) -> bool:
    """A truth value; as text ``1`` or ``0``, or ``true``, ``no`` and the like."""
    if isinstance(value, bool):
        return value
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise SettingsError(f"{name} is {value!r}.", hint="It can be 1 or 0.")


def text(_name: str, value: str) -> str:
    """Any text."""
    return value


def words(_name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """Several texts; in a variable they are separated by white space."""
    return tuple(value.split() if isinstance(value, str) else value)


def seconds(name: str, value: str | float) -> float:
    """A time above 0."""
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if number <= 0:
        raise SettingsError(f"{name} is {value!r}.", hint="It is a number of seconds above 0.")
    return number


def size(name: str, value: str | int) -> int:
    """Bytes; ``kB`` to ``TB`` are powers of 1000, ``KiB`` to ``TiB`` of 1024."""
    match = re.fullmatch(_SIZE, str(value).strip(), re.IGNORECASE)
    if match is None:
        raise SettingsError(f"{name} is {value!r}.", hint="It is a size: 20GiB, or 500MB.")
    power = " kmgt".index(match[2].lower() or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def count(name: str, value: str | int) -> int:
    """A whole number from 0 on."""
    return int(_from_zero(name, value, int))


def days(name: str, value: str | float) -> float:
    """A time from 0 on."""
    return float(_from_zero(name, value, float))


def _from_zero(name: str, value: Any, convert: Callable[[Any], float]) -> float:
    try:
        number = convert(value)
    except ValueError:
        number = -1
    if not 0 <= number < math.inf:
        raise SettingsError(f"{name} is {value!r}.", hint="It is a number from 0 on.")
    return number


class OneOf:
    """Parser for one of the texts of a ``Literal``."""

    def __init__(self, literal: Any) -> None:
        self.choices: tuple[str, ...] = get_args(literal)

    def __call__(self, name: str, value: str) -> str:
        """The value, if it is one of them."""
        if value not in self.choices:
            hint = f"It can be {' or '.join(self.choices)}."
            raise SettingsError(f"{name} is {value!r}.", hint=hint)
        return value


# -- the settings ----------------------------------------------------------------------------------


def _row(parse: Parse, help: str) -> dict[str, Any]:
    return {"parse": parse, "help": help}


def _setting(default: _T, parse: Parse, help: str, *, shown: bool = True) -> _T:
    """A row of `Settings`.

    :param help: its meaning and its unit, for the README and for Jupyter's ``--help-all``.
    :param shown: whether a ``repr`` has its value: URLs may hold credentials.
    """
    # Typed as the default, though it is a Field: so mypy compares the default with the annotation.
    row: _T = field(default=default, repr=shown, metadata=_row(parse, help))
    return row


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the user and the administrator: a row each, in the order of the README.

    :param environ: not a setting, but the environment of the process: uv's environment takes from
        it what is on its allow-list. Never shown.
    """

    store: Path = field(
        default_factory=default_store,
        metadata=_row(folder, "Folder of the store; else `headstart` in the user's cache folder."),
    )
    system_store: Path | None = _setting(
        None,
        folder,
        "Folder of a store that an administrator has filled, looked into first. Only "
        "`headstart ensure --system` adds to it.",
    )
    offline: bool = _setting(
        False, flag, "Never open a connection: only known locks and cached wheels are used."
    )
    default_index: str = _setting(
        "",
        text,
        "URL of the package index, instead of the one that uv is configured with.",
        shown=False,
    )
    extra_indexes: tuple[str, ...] = _setting(
        (),
        words,
        "URLs of package indexes, looked into before the default index, in this order. In the "
        "variable white space separates them.",
        shown=False,
    )
    find_links: tuple[str, ...] = _setting(
        (),
        words,
        "Folders or URLs of wheels. In the variable white space separates them.",
        shown=False,
    )
    trust: Trust = _setting(
        "run",
        OneOf(Trust),
        "When a notebook that is opened gets what its header asks for: `run`: when a cell is run, "
        "unless the same was agreed to before; `always`: at once, files beside it excepted.",
    )
    python_downloads: PythonDownloads = _setting(
        "automatic",
        OneOf(PythonDownloads),
        "Whether uv may download a Python that `requires-python` asks for; else a Python that is "
        "missing is an error.",
    )
    quota_bytes: int = _setting(
        20 * GIB, size, "How large the store may become, uv's cache included."
    )
    quota_inodes: int = _setting(2_000_000, count, "How many files and folders the store may hold.")
    reserve: int = _setting(2 * GIB, size, "How much is left free on the store's disk.")
    max_packages: int = _setting(300, count, "How many packages an environment may have.")
    max_env_bytes: int = _setting(
        20 * GIB, size, "How much the packages of an environment may take, unpacked."
    )
    max_env_files: int = _setting(
        500_000, count, "How many files the packages of an environment may have."
    )
    max_age: float = _setting(
        0.0, days, "Days after which an unused environment is removed; `0`: never for its age."
    )
    auto_prune: bool = _setting(
        True, flag, "Prune the store in the background; else only `headstart prune` does."
    )
    link_mode: LinkMode = _setting(
        "auto",
        OneOf(LinkMode),
        "How files get into an environment; `auto`: the best way that works.",
    )
    compile_bytecode: bool = _setting(
        True,
        flag,
        "Compile new wheels in the background; else no environment has their bytecode inside.",
    )
    receipts: Receipts = _setting(
        "off",
        OneOf(Receipts),
        "Which runs leave in the notebook what they ran with: `headless` ones, or with `save` "
        "each save in a server too.",
    )
    requirements_files: bool = _setting(
        False, flag, "A `requirements.txt` next to a notebook without a header counts as one."
    )
    zygote: Zygote = _setting(
        "auto",
        OneOf(Zygote),
        "Fork kernels from a process that has imported what they import, instead of starting a new "
        "Python for each; `auto`: where that works, which is on Linux.",
    )
    zygote_idle: float = _setting(
        600.0, seconds, "Seconds after which that process ends if no kernel was forked from it."
    )
    warm_up: bool = _setting(
        True,
        flag,
        "Make the kernel layer that notebooks share ready when a server starts, and a process to "
        "fork kernels from.",
    )
    parked: bool = _setting(
        False, flag, "Start a kernel of each layer ahead, which waits for its notebook."
    )
    preload_memory: int = _setting(
        512 * MIB,
        size,
        "How much memory kernels may take that are started ahead with a notebook's modules; `0`: "
        "there are none.",
    )
    transport: Transport = _setting(
        "auto",
        OneOf(Transport),
        "How clients talk to kernels; `auto`: over `ipc` where that works.",
    )
    build_timeout: float = _setting(900.0, seconds, "Seconds that one call of uv may take.")
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


class Setting:
    """A row of `Settings`; its ``default`` is None where that is not the same everywhere."""

    # Not a named tuple, as values are elsewhere: making its class takes longer than all rows, and
    # every kernel start may wait for it.
    __slots__ = ("default", "help", "name", "parse", "variable")

    def __init__(self, row: Field[Any]) -> None:
        self.name = row.name
        self.variable = envvars.of_setting(row.name)
        self.default: Any = None if row.default is MISSING else row.default
        self.parse: Parse = row.metadata["parse"]
        self.help: str = row.metadata["help"]


SETTINGS = tuple(Setting(row) for row in fields(Settings) if row.metadata)
"""Every setting, in the order of the rows."""


def read_settings(
    environ: Mapping[str, str] | None = None, traits: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from environment variables, then traits, then defaults.

    :param environ: the process's environment; ``os.environ`` if it is None.
    :param traits: values by the names of settings, as Jupyter's configuration gives them; a value
        of ``None`` counts as not given.
    :raises SettingsError: if a value is invalid; names the variable or trait.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        name, variable, value = setting.name, setting.variable, None
        # An empty variable counts as not set.
        if environ.get(variable):
            value = setting.parse(variable, environ[variable])
        elif traits and traits.get(name) is not None:
            value = setting.parse(f"Headstart.{name}", traits[name])
        if value is not None:
            values[name] = value
    return Settings(**values, environ=dict(environ))


def environ_of(settings: Settings) -> dict[str, str]:
    """An environment from which a child process reads the same settings."""
    values = {setting.variable: _written(getattr(settings, setting.name)) for setting in SETTINGS}
    return {**settings.environ, **values}


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)


def configuration_files() -> tuple[Path, ...]:
    """Jupyter's configuration files that name Headstart, in the order in which a server reads them.

    Later ones win. Other files are not read: they are programs of the user, which may do anything.
    """
    from jupyter_core.paths import jupyter_config_path  # few callers need it

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
