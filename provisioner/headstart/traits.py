"""Define the settings as traits, for Jupyter's configuration: ``c.Headstart.store = "/srv/x"``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from traitlets import Bool, Enum, Float, Integer, List, TraitError, TraitType, Unicode, Union
from traitlets.config import Config, Configurable
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from .core.redact import redact
from .errors import SettingsError
from .settings import (
    SETTINGS,
    OneOf,
    Parse,
    Setting,
    Settings,
    configuration_files,
    count,
    days,
    flag,
    folder,
    read_settings,
    seconds,
    size,
    text,
    words,
)

logger = logging.getLogger(__name__)

_TRAITS: Mapping[Parse, Callable[..., TraitType[Any, Any]]] = {
    folder: Unicode,
    flag: Bool,
    text: Unicode,
    words: lambda **options: List(Unicode(), **options),
    seconds: Float,
    days: Float,
    count: Integer,
    size: lambda **options: Union((Integer(), Unicode()), **options),
}
"""The trait for each parser of a setting; that of `OneOf` is an `Enum`."""


def _trait(setting: Setting) -> TraitType[Any, Any]:
    parse = setting.parse
    make = partial(Enum, parse.choices) if isinstance(parse, OneOf) else _TRAITS[parse]
    # Not the setting's own default: `read_settings` has to tell which traits are not set.
    return make(default_value=None, allow_none=True, help=setting.help).tag(config=True)


class Headstart(Configurable):
    """Headstart's settings. Environment variables (``HEADSTART_*``) win over these."""

    # In the body of a class, locals() is the namespace that its metaclass gets (PEP 667). Traits
    # have to be in there: traitlets' metaclass sets up none that are added later.
    locals().update({setting.name: _trait(setting) for setting in SETTINGS})

    def settings(self) -> Settings:
        """These traits, with the environment variables that win over them.

        :raises SettingsError: if a value is invalid.
        """
        values = {name: getattr(self, name) for name in self.trait_names(config=True)}
        return read_settings(traits=values)


def settings_of(config: Config) -> Settings:
    """The settings that the configuration of a Jupyter application gives.

    :raises SettingsError: if a value is invalid.
    """
    try:
        return Headstart(config=config).settings()
    except TraitError as error:
        raise SettingsError(
            f"A setting in Jupyter's configuration is invalid: {error}",
            hint="Change it, and start Jupyter again.",
        ) from error


def headless_settings(config: Config | None = None) -> Settings:
    """The settings without a server: those that a server would read from its configuration files.

    So all kernels of a user share one store, whatever client starts them.

    :param config: the configuration of the client; it wins.
    :raises SettingsError: if a value is invalid.
    """
    merged = Config()
    for path in configuration_files():
        merged.merge(_load(path))
    merged.merge(config or Config())
    return settings_of(merged)


def _load(path: Path) -> Config:
    loader = PyFileConfigLoader if path.suffix == ".py" else JSONFileConfigLoader
    try:
        return loader(path.name, str(path.parent)).load_config()
    except Exception as error:  # noqa: BLE001  (a program of the user; a server also starts without it)
        logger.warning("Headstart: %s cannot be read: %s", path, redact(repr(error)))
        return Config()
