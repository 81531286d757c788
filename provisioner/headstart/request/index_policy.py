"""Check that a header names only package indexes that Jupyter is configured with."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.header.fields import refuse_field
from ..core.messages import shown
from ..core.notebook.find import FoundHeader
from ..core.policy import same_index
from ..settings import Settings
from ..uv.configuration import read_configuration


def refuse_other_indexes(urls: Iterable[str], found: FoundHeader, settings: Settings) -> None:
    """Do nothing if a header names only configured indexes: naming them has no effect.

    :raises HeaderError: if it names another.
    :raises SettingsError: if a ``uv.toml`` cannot be read.
    """
    configured = read_configuration(settings)
    for url in urls:
        if same_index(url, configured.indexes):
            continue
        # Only uv knows the address of its default index, so it is run: here, because few headers
        # name an index, and most of those a configured one.
        from ..uv.process import addresses_of

        addresses = addresses_of(configured)
        if not same_index(url, addresses):
            problem = f"{shown(url)} is not among the package indexes that Jupyter is set up with."
            hint = "Remove [[tool.uv.index]], or add the index to Jupyter's settings."
            if addresses:
                hint = f"{hint} Those are {', '.join(map(shown, addresses))}."
            refuse_field(found, url, problem, hint)
