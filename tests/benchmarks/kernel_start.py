"""From start_kernel to the first execute_reply: Headstart, warm, against plain ipykernel.

Both through jupyter_client's AsyncKernelManager, in a venv and in an environment of the same
packages; Headstart is told of the notebook as a Jupyter server tells it.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from tests.benchmarks.measure import by_turns, compare
from tests.benchmarks.workbench import Workbench, close

DEPENDENCIES = ("pandas", "matplotlib")
BUDGET = 1.2
PLAIN = "headstart-bench-plain"


def run(bench: Workbench, rounds: int) -> str:
    """Compare over the same transport, and with each side's own choice of transport."""
    notebook = bench.notebook("start.ipynb", DEPENDENCIES)
    _plain_kernel(bench, notebook)
    environ = {
        **os.environ,
        "HEADSTART_STORE": str(bench.context.settings.store),
        "JPY_SESSION_NAME": str(notebook),
    }
    os.environ["HEADSTART_STORE"] = environ["HEADSTART_STORE"]

    def start(kernel: str, transport: str) -> float:
        os.environ["HEADSTART_TRANSPORT"] = transport
        sockets = str(bench.folder / "s") if transport == "ipc" else ""
        return asyncio.run(_first_reply(kernel, sockets, environ, bench.folder))

    samples = by_turns(
        {
            "headstart ipc": lambda: start("headstart", "ipc"),
            "plain ipc": lambda: start(PLAIN, "ipc"),
            "headstart tcp": lambda: start("headstart", "tcp"),
            "plain tcp": lambda: start(PLAIN, "tcp"),
        },
        rounds,
    )
    title = f"Start to first execute_reply ({', '.join(DEPENDENCIES)}; warm)"
    return "\n".join(
        compare(f"{title}, {kind}", samples[ours], samples[theirs], BUDGET)
        for kind, ours, theirs in (
            ("both over ipc", "headstart ipc", "plain ipc"),
            ("both over tcp", "headstart tcp", "plain tcp"),
            ("stock: each as it comes", "headstart ipc", "plain tcp"),
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
    close(ready)
    spec = Path(os.environ["JUPYTER_DATA_DIR"], "kernels", PLAIN, "kernel.json")
    spec.parent.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": PLAIN, "language": "python"}))


async def _first_reply(kernel: str, sockets: str, environ: dict[str, str], cwd: Path) -> float:
    """Seconds until the kernel has answered its first request; it is shut down after."""
    manager = AsyncKernelManager(kernel_name=kernel)
    if sockets and kernel == PLAIN:
        manager.transport, manager.ip = "ipc", sockets
    begin = time.perf_counter()
    await manager.start_kernel(env=dict(environ), cwd=str(cwd))
    client = manager.client()
    client.start_channels(stdin=False, hb=False)
    try:
        request = client.execute("1 + 1")
        while (await client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != request:
            pass
        return time.perf_counter() - begin
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
