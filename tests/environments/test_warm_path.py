"""What a kernel start does whose environment is there: the same few things, however full the store.

Times are for the benchmarks; here it is what would make them grow.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from headstart.environments.context import Context
from headstart.environments.ready import ensure
from headstart.request.read import read_request
from headstart.testing.notebooks import header_cell, save_notebook
from tests.local_uv import spec
from tests.warm_decision import loaded_by_decision

START = """
import jupyter_client, json, sys
from dataclasses import replace
from pathlib import Path
from headstart.settings import read_settings
import headstart.kernels.provisioner
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.kernels.launch.kernel_launch import launch_in
from headstart.request.read import read_request
root, notebook, index = sys.argv[1:]
settings = replace(read_settings(), store=Path(root), default_index=index)

def start():
    ready = ensure(read_request(Path(notebook)).spec, open_context(settings))
    assert ready.reused
    launch_in(ready)

events = []
start()
loaded = list(sys.modules)
sys.addaudithook(lambda event, arguments: events.append([event, str(arguments[:1])]))
start()
print(json.dumps({"loaded": loaded, "events": events}))
"""

FOR_BUILDS = {
    "environments.build.build",
    "store.parts.extract",
    "store.publish",
    "uv.commands",
    "uv.process",
}
FOR_OTHERS = {
    "core.header.edit",
    "core.notebook.patch_notebook",
    "environments.resolve.provided",
    "request.includes",
    "request.local_trees",
    "server",
}
SELDOM = {
    "core.header.locations",
    "core.lock.satisfies",
    "core.notebook.markdown",
    "core.requirements.lines",
    "core.store.parts",
}
FOR_SERVERS = {
    "kernels.notebook.contents_directory",
    "kernels.notebook.contents_manager",
    "kernels.notebook.unsaved",
}
NEEDLESS = {f"headstart.{name}" for name in FOR_BUILDS | FOR_OTHERS | SELDOM | FOR_SERVERS}
TOO_LARGE = {"yaml", "jupytext", "nbformat", "rich", "jsonschema", "sqlite3", "uv"}


def warm_start(context: Context, notebook: Path) -> dict[str, Any]:
    """Start once more in a process of its own: what is loaded, and what the second start does."""
    settings = context.settings
    places = [str(settings.store), str(notebook), settings.default_index]
    done = subprocess.run(
        [sys.executable, "-c", START, *places],
        env=dict(settings.environ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture
def notebook(context: Context, tmp_path: Path) -> Path:
    """A notebook whose environment is there."""
    ensure(spec("alpha"), context).close()
    return save_notebook(tmp_path / "a.ipynb", header_cell("alpha"))


def fill(context: Context) -> None:
    """Two hundred environments more, as far as a look at one could stumble over them."""
    with ensure(spec("alpha"), context) as ready:
        prefix = Path(ready.environment.environment.prefix)
    for number in range(200):
        other = prefix.with_name(hashlib.sha256(b"%d" % number).hexdigest())
        other.mkdir()
        for file in prefix.glob("*.json"):
            shutil.copy(file, other)


def test_every_module_that_a_warm_start_must_not_load_exists() -> None:
    assert all(map(find_spec, NEEDLESS))


def test_a_warm_start_loads_nothing_that_it_does_not_use(context, notebook) -> None:
    loaded = set(warm_start(context, notebook)["loaded"])
    assert not loaded & (NEEDLESS | TOO_LARGE)


@pytest.mark.parametrize("asked", ["alpha", "alpha>=1,<4"])
def test_a_clients_warm_start_loads_nothing_that_it_does_not_use(context, tmp_path, asked) -> None:
    notebook = save_notebook(tmp_path / "a.ipynb", header_cell(asked))
    ensure(read_request(notebook).spec, context).close()
    loaded = set(loaded_by_decision(notebook, context.settings))
    assert {"headstart.kernels.provisioner", "headstart.environments.ready"} <= loaded
    assert not loaded & NEEDLESS


def test_a_warm_start_does_the_same_in_a_full_store(context, notebook) -> None:
    before = warm_start(context, notebook)["events"]
    fill(context)
    assert warm_start(context, notebook)["events"] == before


def test_a_warm_start_starts_no_process_and_lists_no_folder_of_the_store(context, notebook) -> None:
    events = warm_start(context, notebook)["events"]
    store = str(context.settings.store)
    assert {"open"} <= {event for event, _ in events}
    assert not [event for event, _ in events if event.startswith(("subprocess", "socket"))]
    assert not [where for event, where in events if event == "os.scandir" and store in where]
    assert not [where for event, where in events if event == "os.listdir" and store in where]
