"""``headstart unkeep``: let an environment go when its time comes."""

from __future__ import annotations

from ..environments.context import open_context
from ..environments.upkeep.kept import unkeep
from .cli_settings import read_settings
from .keep import named
from .output import print_json


def main(what: str, as_json: bool) -> int:
    """Let go what a notebook or the beginning of a key names, and print its key.

    :raises HeadstartError: if there is no such environment.
    """
    context = open_context(read_settings())
    key = named(what, context)
    unkeep(key, context)
    print_json({"key": key, "kept": False}) if as_json else print(key)
    return 0
