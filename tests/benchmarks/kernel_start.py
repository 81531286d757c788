"""From start_kernel to the first execute_reply: Headstart, warm, against plain ipykernel.

Both through jupyter_client's AsyncKernelManager as nbclient starts it, in an environment and in a
venv of the same packages. Nobody waits for a silent iopub channel, as stock clients do for 0.2 s:
what is measured is the kernel, not the client.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.benchmarks.measure import by_turns, compare
from tests.benchmarks.workbench import Workbench

DEPENDENCIES = ("pandas", "matplotlib")
BUDGET = 1.2
PLAIN = "plain"


def run(bench: Workbench, rounds: int) -> str:
    """Compare over the same transport, and with each side's own choice of transport."""
    notebook = bench.notebook("start.ipynb", DEPENDENCIES)
    _plain_kernel(bench, notebook)
    os.environ["HEADSTART_STORE"] = str(bench.context.settings.store)
    document = nbformat.read(notebook, as_version=4)

    def start(kernel: str, transport: str) -> float:
        os.environ["HEADSTART_TRANSPORT"] = transport
        client = NotebookClient(document, kernel_name=kernel)
        manager = client.create_kernel_manager()
        if kernel == PLAIN and transport == "ipc":
            manager.transport, manager.ip = "ipc", str(bench.folder / "s")
        return asyncio.run(_first_reply(client))

    contenders = {
        f"{kernel} {transport}": lambda kernel=kernel, transport=transport: start(kernel, transport)
        for transport in ("ipc", "tcp")
        for kernel in ("headstart", PLAIN)
    }
    samples = by_turns(contenders, rounds)
    title = f"Start to first execute_reply ({', '.join(DEPENDENCIES)}; warm)"
    return "\n".join(
        compare(f"{title}, {kind}", samples[ours], samples[theirs], BUDGET)
        for kind, ours, theirs in (
            ("both over ipc", "headstart ipc", f"{PLAIN} ipc"),
            ("both over tcp", "headstart tcp", f"{PLAIN} tcp"),
            ("stock: each as it comes", "headstart ipc", f"{PLAIN} tcp"),
        )
    )


def _plain_kernel(bench: Workbench, notebook: Path) -> None:
    """A venv of the same packages and ipykernel, with bytecode, and a kernelspec for it."""
    ready = bench.ensure(notebook)
    layer = {item.name: item.version for item in ready.layer.environment.manifest.distributions}
    pins = [f"{name}=={version}" for name, version in {**layer, **ready.lock.versions}.items()]
    python = bench.folder / "plain" / "bin" / "python"
    base = ready.environment.environment.manifest.python_path
    bench.uv("venv", "--python", base, bench.folder / "plain")
    bench.uv("pip", "install", "--python", python, "--compile-bytecode", *pins)
    ready.close()
    spec = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", PLAIN, "kernel.json")
    spec.parent.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": PLAIN, "language": "python"}))


async def _first_reply(client: NotebookClient) -> float:
    """Seconds until the kernel has answered its first request; it is shut down after."""
    begin = time.perf_counter()
    await client.async_start_new_kernel(stderr=subprocess.DEVNULL)  # ipykernel warns of tcp
    channels = client.km.client()
    channels.start_channels(stdin=False, hb=False)
    try:
        request = channels.execute("1 + 1")
        while (await channels.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != request:
            pass
        return time.perf_counter() - begin
    finally:
        channels.stop_channels()
        await client.km.shutdown_kernel(now=True)
