"""Statuses, environments and notebooks as the server's tests need them."""

from __future__ import annotations

from typing import Any

from headstart.core.notebook.find import notebook_of
from headstart.core.plan import KernelState
from headstart.core.progress import Phase, Progress
from headstart.core.store.manifest import Distribution, Environment, EnvironmentKind, Manifest
from headstart.kernels.status import KernelStatus
from headstart.request.directory import NoFolder
from headstart.request.read import Request, request_of
from headstart.testing.notebooks import header_cell, make_notebook

KEY = "ab" * 32
LAYER_KEY = "cd" * 32
NUMPY = Distribution("numpy", "2.1.0", size=17, direct=True, summary="Arrays", license="BSD")
SIX = Distribution("six", "1.16.0", required_by=("python-dateutil",))


def request(*requirements: str) -> Request:
    """What a header in the first cell asks for."""
    return request_of(notebook_of(make_notebook(header_cell(*requirements))), NoFolder())


def environment(kind: EnvironmentKind = EnvironmentKind.ENVIRONMENT, key: str = KEY) -> Environment:
    """An environment that was never built: only its manifest."""
    manifest = Manifest(
        key=key,
        kind=kind,
        lock_digest="ef" * 32,
        python_path="/usr/bin/python3.12",
        python_version="3.12.1",
        site_packages="lib/python3.12/site-packages",
        uv_version="0.13.8",
        built_at="2026-11-20T10:00:00+00:00",
        distributions=(NUMPY, SIX),
        size=1234,
    )
    return Environment(f"/store/v1/environments/{key}", manifest)


def ready(kernel_id: str = "k1", path: str = "sub/a.ipynb", **values: Any) -> KernelStatus:
    """A kernel that runs in an environment."""
    values = {
        "request": request("numpy"),
        "environment": environment(),
        "layer": environment(EnvironmentKind.LAYER, LAYER_KEY),
        **values,
    }
    return KernelStatus(kernel_id, path, KernelState.READY, **values)


def building(
    message: str = "Downloading numpy", done: int = 1, kernel_id: str = "k1", **values: Any
) -> KernelStatus:
    """A kernel whose environment is being built."""
    progress = Progress(Phase.DOWNLOAD, message, done, 3, 16)
    return KernelStatus(kernel_id, "sub/a.ipynb", KernelState.BUILDING, progress=progress, **values)
