"""What a header says of the kernel's process, from start to start; no kernel runs here.

Each environment was agreed to, and is there before the kernel: `test_follow` has those that follow.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.environments.agreement import KERNEL_NAME, agree
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.kernels.provisioner import HeadstartProvisioner
from headstart.request.read import read_request
from headstart.testing.notebooks import save_notebook
from headstart.testing.package_index import LocalIndex
from tests.core.factory import block
from tests.stub_kernel import make_ipykernel

from .managers import provisioner_in, server_at


@pytest.fixture
def house(tmp_path: Path) -> Path:
    make_ipykernel(tmp_path / "house")
    return tmp_path / "house"


@pytest.fixture
def provisioner(
    tmp_path: Path, store_root: Path, index: LocalIndex, monkeypatch
) -> Iterator[HeadstartProvisioner]:
    """Of a server whose notebooks lie in ``tmp_path``."""
    for name in (envvars.STORE, envvars.DEFAULT_INDEX):
        monkeypatch.delenv(name, raising=False)
    server = server_at(tmp_path, store=str(store_root), default_index=index.url)
    provisioner = provisioner_in(server)
    yield provisioner
    asyncio.run(provisioner.cleanup())
    asyncio.run(provisioner.parent.cleanup_resources())


def build(provisioner: HeadstartProvisioner, notebook: Path) -> None:
    """Build what the notebook asks for now, and agree to it."""
    settings = provisioner.session.owner.settings
    context = open_context(settings())
    spec = read_request(notebook, settings).spec
    with ensure(spec, context) as ready:
        agree(spec, ready.lock, KERNEL_NAME, str(notebook), context)


def prepared(
    provisioner: HeadstartProvisioner, notebook: Path, **variables: str
) -> tuple[dict[str, Any], str]:
    """The process's variables, and the prefix of its environment."""
    build(provisioner, notebook)
    environ = {envvars.SESSION_NAME: str(notebook), **variables}
    launch = asyncio.run(provisioner.pre_launch(env=environ))
    return launch["env"], json.loads(launch["cmd"][2])["environment"]


def test_a_restart_takes_the_new_variables_in_the_same_environment(provisioner, tmp_path):
    (tmp_path / "tools").mkdir()
    table = ["[tool.headstart]", 'prepend-paths = ["tools"]', 'env = {OLD = "1", BOTH = "1"}']
    notebook = save_notebook(tmp_path / "a.ipynb", block(*table))
    first, prefix = prepared(provisioner, notebook, PATH="/bin", BOTH="client's")
    assert (first["OLD"], first["BOTH"]) == ("1", "1")
    assert first["PATH"] == f"{tmp_path / 'tools'}:/bin"

    save_notebook(notebook, block("[tool.headstart.env]", 'BOTH = "2"'))
    second, same = prepared(provisioner, notebook, PATH="/bin", BOTH="client's")

    assert same == prefix
    assert (second.get("OLD"), second["BOTH"], second["PATH"]) == (None, "2", "/bin")


def test_a_kernel_that_died_comes_back_with_the_variables_that_it_had(provisioner, tmp_path):
    notebook = save_notebook(tmp_path / "a.ipynb", block("[tool.headstart.env]", 'A = "1"'))
    prepared(provisioner, notebook)
    save_notebook(notebook, block("[tool.headstart.env]", 'A = "2"'))
    provisioner._died = True
    assert prepared(provisioner, notebook)[0]["A"] == "1"
    assert prepared(provisioner, notebook)[0]["A"] == "2"
