"""What a kernel start loads whose environment is there: decided for real, by a client's process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from headstart.settings import Settings, environ_of

DECIDE = """
import asyncio, json, sys
import nbformat
from nbclient import NotebookClient

class Deciding(NotebookClient):
    async def decide(self):
        await self.km.pre_start_kernel()
        loaded = list(sys.modules)
        session = getattr(self.km.provisioner, "session", None)
        ready = session.ready if session is not None else None
        await self.km.cleanup_resources()
        assert ready is None or ready.reused, "The environment was built: this was no warm start."
        return loaded

def decide(kernel):
    client = Deciding(nbformat.read(sys.argv[1], 4), kernel_name=kernel)
    client.create_kernel_manager()
    return asyncio.run(client.decide())

plain = decide("python3")
ours = decide("headstart")
print(json.dumps([name for name in ours if name not in plain]))
"""


def loaded_by_decision(notebook: Path, settings: Settings) -> list[str]:
    """Modules that a warm start of a notebook loads until its kernel could be launched.

    Those that a plain kernel's start loads are not among them. In the order in which they were
    loaded: what a module needs stands before it.

    :param notebook: an ``.ipynb`` whose environment is there.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", DECIDE, str(notebook)],
        env=environ_of(settings),
        cwd=notebook.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded: list[str] = json.loads(done.stdout)
    return loaded
