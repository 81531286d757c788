"""The settings as traits: ``c.Headstart.store = "/srv/headstart"`` in Jupyter's configuration."""

from __future__ import annotations

import logging
from pathlib import Path

from traitlets import Bool, Enum, Float, Integer, List, TraitError, Unicode, Union
from traitlets.config import Config, Configurable
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from .core.redact import redact
from .errors import SettingsError
from .settings import Settings, configuration_files, read_settings

logger = logging.getLogger(__name__)


class Headstart(Configurable):
    """Headstart's settings. Environment variables (``HEADSTART_*``) win over these."""

    store = Unicode(None, allow_none=True, help="Folder of the store.").tag(config=True)
    offline = Bool(None, allow_none=True, help="Never open a connection.").tag(config=True)
    default_index = Unicode(
        None, allow_none=True, help="URL of the package index, in place of uv's own."
    ).tag(config=True)
    extra_indexes = List(
        Unicode(), None, allow_none=True, help="URLs looked into before the default index."
    ).tag(config=True)
    find_links = List(Unicode(), None, allow_none=True, help="Folders or URLs of wheels.").tag(
        config=True
    )
    python_downloads = Enum(
        ("automatic", "never"), None, allow_none=True, help="May uv download a Python?"
    ).tag(config=True)
    link_mode = Enum(
        ("auto", "clone", "hardlink", "copy"),
        None,
        allow_none=True,
        help="How files get into an environment.",
    ).tag(config=True)
    build_timeout = Float(None, allow_none=True, help="Seconds that one call of uv may take.").tag(
        config=True
    )
    max_packages = Integer(
        None, allow_none=True, help="How many packages an environment may have."
    ).tag(config=True)
    max_env_bytes = Union(
        (Integer(), Unicode()),
        allow_none=True,
        default_value=None,
        help="How much its packages may take, unpacked: 20GiB.",
    ).tag(config=True)
    max_env_files = Integer(
        None, allow_none=True, help="How many files its packages may have."
    ).tag(config=True)
    transport = Enum(
        ("auto", "ipc", "tcp"), None, allow_none=True, help="How clients talk to kernels."
    ).tag(config=True)
    quota_bytes = Union(
        (Integer(), Unicode()),
        allow_none=True,
        default_value=None,
        help="How large the store may become: 20GiB.",
    ).tag(config=True)
    quota_inodes = Integer(
        None, allow_none=True, help="How many files and folders the store may hold."
    ).tag(config=True)
    reserve = Union(
        (Integer(), Unicode()),
        allow_none=True,
        default_value=None,
        help="What is left free on its disk: 2GiB.",
    ).tag(config=True)
    max_age = Float(
        None, allow_none=True, help="Days after which an unused environment goes; 0: never."
    ).tag(config=True)
    auto_prune = Bool(None, allow_none=True, help="Prune the store in the background?").tag(
        config=True
    )
    compile_bytecode = Bool(None, allow_none=True, help="Compile wheels in the background?").tag(
        config=True
    )
    system_store = Unicode(
        None, allow_none=True, help="Folder of a read-only store that is looked into first."
    ).tag(config=True)
    requirements_files = Bool(
        None,
        allow_none=True,
        help="Does a requirements.txt beside a notebook without a header stand for one?",
    ).tag(config=True)
    receipts = Enum(
        ("off", "save", "headless"),
        None,
        allow_none=True,
        help="Do runs leave in the notebook what they ran with: headless ones, or each save too?",
    ).tag(config=True)

    zygote = Enum(
        ("auto", "on", "off"),
        None,
        allow_none=True,
        help="Are kernels forked from a process that has in memory what they import?",
    ).tag(config=True)
    zygote_idle = Float(
        None, allow_none=True, help="Seconds after which such a process ends if nobody uses it."
    ).tag(config=True)
    parked = Bool(None, allow_none=True, help="Is a kernel of each layer started ahead?").tag(
        config=True
    )
    preload_memory = Union(
        (Integer(), Unicode()),
        allow_none=True,
        default_value=None,
        help="Memory for kernels that are started ahead with a notebook's modules: 512MiB.",
    ).tag(config=True)

    def settings(self) -> Settings:
        """These traits, with the environment variables that win over them.

        :raises SettingsError: if a value means nothing.
        """
        values = {name: getattr(self, name) for name in self.trait_names(config=True)}
        return read_settings(traits=values)


def settings_of(config: Config) -> Settings:
    """The settings that the configuration of a Jupyter application gives.

    :raises SettingsError: if a value means nothing.
    """
    try:
        return Headstart(config=config).settings()
    except TraitError as error:
        raise SettingsError(
            f"A setting in Jupyter's configuration means nothing: {error}",
            hint="Change it, and start Jupyter again.",
        ) from error


def headless_settings(config: Config | None = None) -> Settings:
    """The settings where no server runs: those that a server would read from its files.

    So all of a user's kernels have one store, whoever starts them.

    :param config: configuration that the client has all the same; it wins.
    :raises SettingsError: if a value means nothing.
    """
    found = Config()
    for path in configuration_files():
        found.merge(_load(path))
    found.merge(config or Config())
    return settings_of(found)


def _load(path: Path) -> Config:
    loader = PyFileConfigLoader if path.suffix == ".py" else JSONFileConfigLoader
    try:
        return loader(path.name, str(path.parent)).load_config()
    except Exception as error:  # noqa: BLE001  (a program of the user's; the server goes on too)
        logger.warning("Headstart: %s cannot be read: %s", path, redact(repr(error)))
        return Config()
