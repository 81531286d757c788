"""``headstart keep``: exempt an environment from pruning."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from ...environments.context import Context, open_context
from ...environments.upkeep.gc_roots import is_short_key, keep, key_of_spec, key_that_begins
from ...errors import StoreError
from ...request.read import read_request
from ..cli_settings import read_settings
from ..common_arguments import add_key_or_notebook
from ..output import print_json

SUMMARY = "keep an environment in the store"
DESCRIPTION = "Keep an environment in the store: prune leaves it there until `headstart unkeep`."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_key_or_notebook(parser)


def main(what: str, as_json: bool) -> int:
    """Keep what a notebook or the beginning of a key names, and print its key.

    :raises HeadstartError: if there is no such environment.
    """
    context = open_context(read_settings())
    key = key_named_by(what, context)
    keep(key, context)
    print_json({"key": key, "kept": True}) if as_json else print(key)
    return 0


def key_named_by(what: str, context: Context) -> str:
    """The key that the command line means.

    :param what: path of a notebook, or the beginning of a key.
    :raises StoreError: if it is neither, or names no environment.
    """
    if not _may_exist(Path(what)):
        if is_short_key(what):
            return key_that_begins(what, context)
        raise StoreError(
            f"{what} is neither the path of a notebook nor the beginning of a key.",
            hint="Give at least 6 digits of the key: see `headstart list`.",
        )
    return key_of_spec(read_request(Path(what), read_settings).spec, context)


def _may_exist(path: Path) -> bool:
    """Whether there is such a file, or it cannot be known: then reading it says why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True
