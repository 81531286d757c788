"""Which package indexes a header may name: those that Jupyter is set up with."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.header.fields import refuse_field
from ..core.messages import shown
from ..core.notebook.find import FoundHeader
from ..core.policy import same_index
from ..settings import Settings
from ..uv.configuration import read_configuration


def refuse_other_indexes(urls: Iterable[str], found: FoundHeader, settings: Settings) -> None:
    """Do nothing if a header names only indexes that are configured: then nothing follows of it.

    :raises HeaderError: if it names another.
    :raises SettingsError: if a ``uv.toml`` cannot be read.
    """
    configured = read_configuration(settings)
    for url in urls:
        if same_index(url, configured.indexes):
            continue
        from ..uv.process import addresses_of  # few headers name an index, and most a known one

        known = addresses_of(configured)
        if not same_index(url, known):
            problem = f"{shown(url)} is not among the package indexes that Jupyter is set up with."
            hint = "Remove [[tool.uv.index]], or add the index to Jupyter's settings."
            if known:
                hint = f"{hint} Those are {', '.join(map(shown, known))}."
            refuse_field(found, url, problem, hint)
