"""The settings of the command line: those that a Jupyter server of the same user has."""

from __future__ import annotations

from .. import settings
from ..settings import Settings, configuration_files


def read_settings() -> Settings:
    """Settings from environment variables, then Jupyter's configuration files, then defaults.

    :raises SettingsError: if a value means nothing.
    """
    if not configuration_files():
        return settings.read_settings()
    from ..traits import headless_settings  # imports traitlets, needed for such files alone

    return headless_settings()
