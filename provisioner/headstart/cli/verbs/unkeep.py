"""``headstart unkeep``: exempt an environment from pruning no longer."""

from __future__ import annotations

from argparse import ArgumentParser

from ...environments.context import open_context
from ...environments.upkeep.gc_roots import unkeep
from ..cli_settings import read_settings
from ..common_arguments import add_key_or_notebook
from ..output import print_json
from .keep import key_named_by

SUMMARY = "treat a kept environment as any other again"
DESCRIPTION = "Treat a kept environment as any other again: it may be pruned."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_key_or_notebook(parser)


def main(what: str, as_json: bool) -> int:
    """Stop keeping what a notebook or the beginning of a key names, and print its key.

    :raises HeadstartError: if there is no such environment.
    """
    context = open_context(read_settings())
    key = key_named_by(what, context)
    unkeep(key, context)
    print_json({"key": key, "kept": False}) if as_json else print(key)
    return 0
