"""What uv is told: the settings of the user and the administrator, and what is to be resolved.

uv itself runs with ``--no-config`` and an environment composed here, so that no file next to a
notebook, no header and no kernel spec has a say. What counts, the first that sets an option:
Headstart's settings, the ``UV_*`` of the Jupyter process, the user's ``uv.toml``, the system's.

All of it is what a lock is remembered under, so each kernel start composes it: that must be fast.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .. import envvars
from ..core.header.exclude_newer import parse_users_limit
from ..core.header.spec import EnvironmentSpec
from ..core.messages import shown
from ..core.redact import redact_value
from ..errors import SettingsError
from ..settings import Settings

__all__ = [
    "Composed",
    "UvConfiguration",
    "compose",
    "read_configuration",
]


REQUIREMENTS = "requirements.in"
CONSTRAINTS = "constraints.txt"
OVERRIDES = "overrides.txt"
EXCLUDE_NEWER = "--exclude-newer"
LOCK = "pylock.toml"
WHEELS_ONLY = ("--only-binary", ":all:")

_SOURCES = frozenset({envvars.UV_INDEX, envvars.UV_DEFAULT_INDEX, envvars.UV_FIND_LINKS})
"""They may hold credentials: `UvConfiguration` has them without."""
_EXCLUDE_NEWER = "exclude-newer"
_OF_PACKAGES = "exclude-newer-package"
_DRIVER = Path("/sys/module/nvidia/version")

DEFAULT_INDEX = "default"
"""Means uv's own default index among the addresses of others."""


# No named tuple, though each start makes one: its repr would show the credentials in `environ`.
@dataclass(frozen=True, slots=True)
class UvConfiguration:
    """What every call of uv gets.

    :param indexes: URLs of the indexes in the order in which uv looks, without credentials;
        ``default`` means uv's own default index.
    :param find_links: URLs of folders or pages of wheels, without credentials.
    :param exclude_newer: the user's own limit on upload times: a moment in UTC (RFC 3339), a span
        as ``7 days``, or ``""``.
    :param arguments: options that have no environment variable.
    :param environ: the whole environment in which uv runs. Holds credentials: never shown.
    """

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    exclude_newer: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False, hash=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """Everything that packages come from."""
        return (*self.indexes, *self.find_links)

    def choosing(self, omit: Collection[str] = ()) -> list[Any]:
        """All of it that can decide which packages a resolution chooses, as JSON, no secrets.

        Whatever uv gets is part of it, unless `envvars.UV_CHOOSE_NOTHING` says why not.

        :param omit: variables that the call does not get.
        """
        # A list of what counts would miss uv's next option, and give a wrong lock; what the list of
        # what does not count misses costs one more resolution.
        ignored = {*_SOURCES, *envvars.UV_CHOOSE_NOTHING, *omit}
        credentials = re.compile(envvars.UV_INDEX_CREDENTIALS)
        variables = {
            name: value
            for name, value in self.environ.items()
            if name not in ignored and not credentials.fullmatch(name)
        }
        # uv then looks at the machine, so that a lock is right for this one only.
        machine = _graphics() if variables.get(envvars.UV_TORCH_BACKEND) == "auto" else []
        return [self.arguments, self.indexes, self.find_links, sorted(variables.items()), machine]

    @property
    def offline(self) -> bool:
        """Whether uv opens no connection."""
        return envvars.UV_OFFLINE in self.environ

    @property
    def folders(self) -> tuple[str, ...]:
        """``file:`` URLs below which wheels may be."""
        return tuple(source for source in self.sources if source.startswith("file:"))


def read_configuration(settings: Settings) -> UvConfiguration:
    """Compose what uv gets to see.

    :raises SettingsError: if a ``uv.toml`` cannot be read, or the user's limit on upload times.
    """
    environ = settings.environ
    options = _read_files(environ)
    indexes = _extra_indexes(settings, options)
    default = _default_index(settings, options)
    find_links = _find_links(settings, options)
    no_index = bool(environ.get(envvars.UV_NO_INDEX) or options.get("no-index"))
    # Where no setting names one the default index is uv's own, and only uv knows its address.
    urls = [] if no_index else [*map(_url, indexes), _url(default) or DEFAULT_INDEX]
    exclude_newer = str(options.get(_EXCLUDE_NEWER, ""))
    if users := environ.get(envvars.UV_EXCLUDE_NEWER):
        exclude_newer = _limit(users, f"the variable {envvars.UV_EXCLUDE_NEWER}")
    composed = {
        **_passed_on(environ, options),
        envvars.PATH: _path(environ),
        envvars.UV_INDEX: " ".join(indexes),
        envvars.UV_DEFAULT_INDEX: default,
        envvars.UV_FIND_LINKS: ",".join(find_links),
        envvars.UV_EXCLUDE_NEWER: exclude_newer,
        envvars.UV_OFFLINE: "1" if _offline(settings, options) else "",
        # uv would download a Python wherever none fits: a setting of ours decides that.
        envvars.UV_PYTHON_DOWNLOADS: "never",
    }
    return UvConfiguration(
        indexes=tuple(map(redact_value, urls)),
        find_links=tuple(map(redact_value, find_links)),
        exclude_newer=exclude_newer,
        arguments=("--no-index",) if no_index else (),
        environ={name: value for name, value in composed.items() if value},
    )


class Composed(NamedTuple):
    """A resolution: uv's arguments without the Python's path, and the lines of its files.

    The lines are the spec's, unchecked: `commands` writes them for uv.
    """

    argv: tuple[str, ...]
    files: dict[str, tuple[str, ...]]


def compose(
    spec: EnvironmentSpec, *, exclude_newer: str = "", universal_from: str = ""
) -> Composed:
    """All that a spec and a limit say of its resolution. Whatever decides it has to come from here.

    :param exclude_newer: RFC 3339 time; nothing uploaded then or later is chosen.
    :param universal_from: resolve for all platforms, and for all Pythons from this version on.
    """
    files = {REQUIREMENTS: spec.requirements}
    # Wheels only: to resolve from a source uv runs the source's build back end.
    argv = [*WHEELS_ONLY, "--format", LOCK, "--output-file", LOCK, "--no-header"]
    if spec.constraints:
        files[CONSTRAINTS] = spec.constraints
        argv += ["--constraints", CONSTRAINTS]
    if spec.overrides:
        files[OVERRIDES] = spec.overrides
        argv += ["--overrides", OVERRIDES]
    argv += [EXCLUDE_NEWER, exclude_newer] if exclude_newer else []
    argv += ["--universal", "--python-version", universal_from] if universal_from else []
    return Composed((*argv, REQUIREMENTS), files)


def _read_files(environ: Mapping[str, str]) -> dict[str, Any]:
    """The options of all files, the user's before the system's; lists of both are joined."""
    merged: dict[str, Any] = {}
    for path in _files(environ):
        for name, value in _read_file(path).items():
            if isinstance(value, list) and isinstance(merged.get(name, []), list):
                merged[name] = [*merged.get(name, []), *value]
            else:
                merged.setdefault(name, value)
    return merged


def _files(environ: Mapping[str, str]) -> list[Path]:
    if environ.get(envvars.UV_CONFIG_FILE):
        return [Path(environ[envvars.UV_CONFIG_FILE])]
    folders = []
    if environ.get(envvars.XDG_CONFIG_HOME):
        folders = [Path(environ[envvars.XDG_CONFIG_HOME])]
    elif environ.get(envvars.HOME):
        folders = [Path(environ[envvars.HOME], ".config")]
    system = (environ.get(envvars.XDG_CONFIG_DIRS) or "/etc/xdg").split(os.pathsep)
    # As uv does: the first of the system's files that exists is the only one.
    files = [Path(folder, "uv", "uv.toml") for folder in (*system, "/etc")]
    users = [folder / "uv" / "uv.toml" for folder in folders]
    return [*filter(_exists, users), *[*filter(_exists, files)][:1]]


def _exists(path: Path) -> bool:
    # As uv does: what is in a folder that this user may not enter is not for them. `Path.exists`
    # would raise.
    return os.access(path, os.F_OK)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"uv's settings in {path} cannot be read: {error}.") from error
    # For `uv pip`, which does all that is resolved and installed here, `[pip]` goes first.
    options.update(options.pop("pip", {}))
    if _EXCLUDE_NEWER in options:
        options[_EXCLUDE_NEWER] = _limit(options[_EXCLUDE_NEWER], str(path))
    _refuse_limits_of_packages(options.get(_OF_PACKAGES), path)
    options["find-links"] = [_located(item, path.parent) for item in options.get("find-links", [])]
    return options


def _limit(value: Any, origin: str) -> str:
    """The user's limit in one form. What only uv might understand could loosen a header's."""
    text = parse_users_limit(value)
    if text is None:
        raise SettingsError(
            f"{_EXCLUDE_NEWER} in {origin} is {shown(str(value))}, which means nothing.",
            hint='It is a date ("2026-01-31"), a time with its zone, or a span of weeks, days, '
            'hours, minutes or seconds ("7 days", "P7D").',
        )
    return text


def _refuse_limits_of_packages(limits: Any, path: Path) -> None:
    """Refuse what limits single packages, for it would be ignored.

    ``false`` exempts a package from the limit of all, which holds here all the same: it is the
    stricter.

    :raises SettingsError: if there is a limit.
    """
    values = limits.values() if isinstance(limits, Mapping) else [limits]
    if any(value not in (None, False) for value in values):
        raise SettingsError(
            f"{_OF_PACKAGES} in {path} limits single packages, which Headstart cannot do.",
            hint=f"Use {_EXCLUDE_NEWER} for all packages, or name versions under constraints in "
            "the header.",
        )


def _located(link: str, folder: Path) -> str:
    """A folder of wheels as a URL (a comma separates them in uv's variable), a URL as it is."""
    if "://" in link:
        return link
    return (folder / Path(link).expanduser()).absolute().as_uri().replace(",", "%2C")


def _extra_indexes(settings: Settings, options: Mapping[str, Any]) -> list[str]:
    """Indexes before the default one; each a URL or, as uv writes named ones, ``name=URL``."""
    environ = settings.environ
    named = [_index(entry) for entry in options.get("index", []) if _is_extra(entry)]
    # uv takes a package from the first index that has it: the order protects private names, and a
    # repeated index keeps the place of the first.
    indexes = [
        *settings.extra_indexes,
        *environ.get(envvars.UV_INDEX, "").split(),
        *named,
        *(environ.get(envvars.UV_EXTRA_INDEX_URL) or "").split(),
        *options.get("extra-index-url", []),
    ]
    return list(dict.fromkeys(indexes))


def _is_extra(entry: Mapping[str, Any]) -> bool:
    # An explicit index serves only packages that a project pins to it; headers have no such pins.
    return not entry.get("default") and not entry.get("explicit")


def _index(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']}={entry['url']}" if entry.get("name") else str(entry["url"])


def _default_index(settings: Settings, options: Mapping[str, Any]) -> str:
    environ = settings.environ
    configured = [_index(entry) for entry in options.get("index", []) if entry.get("default")]
    return (
        settings.default_index
        or environ.get(envvars.UV_DEFAULT_INDEX)
        or environ.get(envvars.UV_INDEX_URL)
        or next(iter(configured), "")
        or str(options.get("index-url", ""))
    )


def _find_links(settings: Settings, options: Mapping[str, Any]) -> list[str]:
    entries = [*settings.find_links, *settings.environ.get(envvars.UV_FIND_LINKS, "").split(",")]
    links = [_located(link, Path.cwd()) for link in entries if link]
    return list(dict.fromkeys([*links, *options.get("find-links", [])]))


def _offline(settings: Settings, options: Mapping[str, Any]) -> bool:
    value = settings.environ.get(envvars.UV_OFFLINE, "").lower()
    return settings.offline or value in {"1", "true", "yes", "on"} or bool(options.get("offline"))


def _url(index: str) -> str:
    """The URL of ``name=URL`` or of a URL."""
    name, separator, url = index.partition("=")
    return url if separator and re.fullmatch(r"[\w.-]+", name) else index


def _passed_on(environ: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, str]:
    names = (*envvars.SYSTEM_PASSED_ON, *envvars.UV_PASSED_ON)
    # uv obeys its variables in spite of --no-config, and has more than 160: only those pass that
    # are listed.
    passed = {name: environ[name] for name in names if environ.get(name)}
    credentials = re.compile(envvars.UV_INDEX_CREDENTIALS)
    passed |= {name: value for name, value in environ.items() if credentials.fullmatch(name)}
    for name, option in envvars.UV_OPTIONS.items():
        if value := environ.get(name) or _text(options.get(option)):
            passed[name] = value
    return passed


def _text(value: object) -> str:
    """A value of ``uv.toml`` as uv's variables write it."""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _graphics() -> list[str]:
    """What uv chooses a torch for by itself: this machine, and its driver."""
    # Few users have a torch-backend, and each start imports this module.
    import platform

    try:
        return [platform.node(), _DRIVER.read_text(encoding="utf-8", errors="replace")]
    except OSError:
        return [platform.node()]


def _path(environ: Mapping[str, str]) -> str:
    """The search path, with pyenv's shims replaced by the Pythons that they may start.

    A shim starts the Python that is chosen for a folder or a shell, or none at all. Folders that
    this user may not enter stay as they are: a search for a program skips them.
    """
    entries: list[str] = []
    for entry in environ.get(envvars.PATH, os.defpath).split(os.pathsep):
        versions = Path(entry).parent / "versions"
        if Path(entry).name == "shims" and os.access(versions, os.R_OK | os.X_OK):
            entries += sorted(map(str, versions.glob("*/bin")), reverse=True)
        elif entry:
            entries.append(entry)
    return os.pathsep.join(dict.fromkeys(entries))
