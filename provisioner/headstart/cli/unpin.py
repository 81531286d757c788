"""``headstart unpin``: let an environment go when its time comes."""

from __future__ import annotations

from ..environments.context import open_context
from ..environments.pins import unpin
from .configured import read_settings
from .output import print_json
from .pin import named


def main(what: str, as_json: bool) -> int:
    """Unpin what a notebook or the beginning of a key names, and print its key.

    :raises HeadstartError: if there is no such environment.
    """
    context = open_context(read_settings())
    key = named(what, context)
    unpin(key, context)
    print_json({"key": key, "pinned": False}) if as_json else print(key)
    return 0
