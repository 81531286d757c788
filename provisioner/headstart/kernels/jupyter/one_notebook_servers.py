"""Servers that serve one notebook alone, and know which: Voilà, and a kernel gateway with a seed.

Relies on: voila >= 0.5: ``notebook_path`` of the application, and handlers with the path in their
URL; jupyter_kernel_gateway >= 2: ``seed_notebook`` and ``seed_uri`` of the application,
``seed_kernelspec`` of its kernel manager.
Why: neither has sessions, which name the notebook elsewhere; Voilà starts kernels before they are
asked for.
Without it: the notebook is not known, and its first cell with a header says so.
Noticed by: tests/clients/test_served.py
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Seed", "seed_of", "voila_notebook", "words_of_url"]


class Seed(NamedTuple):
    """The notebook that a gateway runs in each kernel; ``uri`` is a path or an address."""

    document: Mapping[str, Any]
    uri: str


def voila_notebook(server: Any) -> str | None:
    """The absolute path of the one notebook that Voilà serves, if it serves one alone.

    It is as it was written on the command line there.
    """
    path = getattr(server, "notebook_path", None)
    return str(Path(path).absolute()) if path else None


def words_of_url(handler: Any) -> tuple[Any, ...]:
    """What the URL of a request says; Voilà has the notebook's path there."""
    return (*handler.path_args, *handler.path_kwargs.values())


def seed_of(manager: Any) -> Seed | None:
    """The notebook that a gateway runs in kernels of this kind, if it runs one.

    :param manager: the KernelManager.
    """
    kernels = manager.parent
    gateway = getattr(kernels, "parent", None)
    document = getattr(gateway, "seed_notebook", None)
    if not document or getattr(kernels, "seed_kernelspec", None) != manager.kernel_name:
        return None
    return Seed(document, getattr(gateway, "seed_uri", None) or "")
