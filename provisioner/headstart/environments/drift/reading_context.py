"""A context for checks: nothing in the stores is changed, and what is written is temporary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...core.progress import Reporter, silent
from ...settings import Settings
from ...store.read_only import ReadStore, stores_of
from ...uv.runner import UvRunner
from ..context import Context

__all__ = ["reading_context"]


@contextmanager
def reading_context(settings: Settings, report: Reporter = silent) -> Iterator[Context]:
    """A context with the stores of the settings, which are not changed; downloads no Python.

    What has to be remembered meanwhile, and uv's cache, are in a temporary folder.
    """
    # By its construction, and not by care at each call: a new path cannot write to the stores.
    settings = replace(settings, python_downloads="never")
    # uv writes to its cache in every call.
    with TemporaryDirectory(prefix="headstart-read-") as folder:
        stores = stores_of(settings.store, settings.system_store)
        store = ReadStore(Path(folder, "store"), stores)
        yield Context(settings, store, UvRunner(settings, store.uv_cache), report)
