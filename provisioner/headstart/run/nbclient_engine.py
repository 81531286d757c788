"""Run a notebook headless, with nbclient, in the environment that its header asks for."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from jupyter_client.client import KernelClient
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from ..core.messages import shown
from ..core.notebook.find import Notebook
from ..core.notebook.language import is_python, language_of
from ..errors import BuildCancelled, ExecutionError, LaunchError, NotebookError
from ..kernels.jupyter.prompt_manager import PromptKernelManager

KERNEL = "headstart"
"""Name of the kernelspec whose kernels are always ours."""

_CRASHES = frozenset({"ABRT", "BUS", "FPE", "ILL", "SEGV", "SYS", "TRAP"})
"""Signals that a process gets for what it did itself."""


class Runs:
    """Runs notebooks one after the other. Used in a ``with`` statement, which waits for the last.

    A kernel ends while the next one starts. No cell of the next notebook runs before it has ended:
    it may give back then what that one needs.
    """

    def __init__(self) -> None:
        # One loop for all runs: the end of a kernel is a task of it, during the next start.
        self._runner = asyncio.Runner()
        self._ending: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        with self._runner:
            if self._ending is not None:
                self._runner.run(_end_of(self._ending))

    def execute(
        self,
        notebook: NotebookNode,
        folder: Path,
        *,
        on_cell: Callable[[int], None] = lambda _index: None,
        allow_errors: bool = False,
        text: Notebook | None = None,
    ) -> None:
        """Run every code cell of a notebook; its outputs are put into it as they come.

        Outputs of an earlier run are removed first: what a failed run did not reach is empty.
        Ctrl-C ends the run, or the build that it waits for.

        :param notebook: nbformat 4. Whatever Python kernel it names, Headstart's is used.
        :param folder: the kernel's working directory.
        :param on_cell: told the 0-based index of each code cell before it runs.
        :param allow_errors: go on after a cell that failed.
        :param text: the text notebook that the cells were made of, if they were: it has the header.
        :raises ExecutionError: if a cell failed, or the kernel died.
        :raises BuildCancelled: if the run was interrupted.
        :raises NotebookError: if `check_notebook` does; nothing has run then.
        :raises HeadstartError: if the environment could not be had.
        """
        check_notebook(notebook)
        _clear(notebook)
        client = _Client(
            notebook,
            kernel_name=KERNEL,
            kernel_manager_class=PromptKernelManager,
            resources={"metadata": {"path": str(folder)}},
            allow_errors=allow_errors,
        )

        def before_cell(cell: NotebookNode, cell_index: int) -> None:
            client.cell = cell_index
            on_cell(cell_index)

        client.on_cell_execute = before_cell
        # Here `find_notebook` looks for it: the cells that were made of a text have no header.
        client.headstart_notebook = text
        client.before = self._ending
        self._runner.run(self._execute(client))

    async def _execute(self, client: _Client) -> None:
        try:
            await _execute(client)
        finally:
            self._ending = asyncio.create_task(client.end())
            if client.before is not None:
                await client.before
            if client.interrupted:  # no run follows during which the kernel could end
                await self._ending


class _Client(NotebookClient):
    """An nbclient whose run ends when it is interrupted, whatever it is waiting for."""

    interrupted = False
    cell = -1
    headstart_notebook: Notebook | None = None
    before: asyncio.Task[None] | None = None
    """The end of the kernel before."""

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel. nbclient handles the signals by now, and would go on waiting."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt() -> None:
            self.interrupted = True
            task.cancel()

        # Only the main thread can have signal handlers.
        with contextlib.suppress(RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGINT, interrupt)
            loop.add_signal_handler(signal.SIGTERM, interrupt)
        await super().async_start_new_kernel(**kwargs)

    async def async_start_new_kernel_client(self) -> KernelClient:
        """Connect to the kernel; return when the one before has ended, too."""
        client = await super().async_start_new_kernel_client()
        if self.before is not None:
            await asyncio.wait({self.before})
        return client

    async def exit_status(self) -> int | None:
        """How the kernel's process ended, as `subprocess` has it; None if it has not."""
        provisioner = self.km.provisioner if self.km is not None else None
        return await provisioner.poll() if provisioner is not None else None

    async def end(self) -> None:
        """End the kernel, if there is one."""
        if self.km is None or not self.km.has_kernel:
            return
        try:
            await ensure_async(self.km.shutdown_kernel(now=self.interrupted))
        finally:
            if self.kc is not None:
                self.kc.stop_channels()


async def _end_of(task: asyncio.Task[None]) -> None:
    await task


async def _execute(client: _Client) -> None:
    try:
        # Not cleaned up here: `end` does so while the next notebook's kernel starts.
        await client.async_execute(cleanup_kc=False)
    except CellExecutionError as error:
        raise _cell_failed(error, client.cell) from error
    except (asyncio.CancelledError, DeadKernelError) as error:
        if client.interrupted:
            raise BuildCancelled("The run was interrupted.") from error
        if isinstance(error, DeadKernelError):
            raise _kernel_died(client.cell, await client.exit_status()) from error
        raise
    except NoSuchKernel as error:
        raise LaunchError(
            f'Jupyter knows no kernel "{KERNEL}".',
            hint="Install Headstart in the Python that Jupyter runs in: pip install headstart.",
        ) from error


def check_notebook(notebook: NotebookNode) -> None:
    """Refuse what a Python kernel cannot run, or nbclient would stumble over.

    :raises NotebookError: if the notebook is written in another language than Python, or a cell is
        not as nbformat has it.
    """
    language = language_of(notebook.metadata)
    if not is_python(language):
        raise NotebookError(
            f"The notebook is written in {shown(language)}.",
            hint="Headstart runs Python notebooks.",
        )
    for number, cell in enumerate(notebook.cells, 1):
        if problem := _problem(cell):
            raise NotebookError(
                f"Cell {number} of the notebook {problem}.",
                hint="Open it in Jupyter and save it, or restore it from a copy.",
            )


def _problem(cell: NotebookNode) -> str:
    """Where a cell is not as nbformat has it, if nbclient would stumble there; else ``""``."""
    kinds = {"cell_type": str, "source": str, "metadata": Mapping}
    for name, kind in kinds.items():
        if not isinstance(cell.get(name), kind):
            return f"has no {name}" if cell.get(name) is None else f"has an odd {name}"
    if not isinstance(cell.metadata.get("tags", []), list):
        return "has odd tags"
    try:
        cell.source.encode("utf-8")
    except UnicodeEncodeError:
        return "has half of a surrogate pair in it, which is not a character"
    return ""


def _clear(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
            cell.metadata.pop("execution", None)  # when it ran


def _cell_failed(error: CellExecutionError, index: int) -> ExecutionError:
    first = next(iter(error.evalue.splitlines()), "")
    reason = f"{error.ename}: {first}".rstrip(": .")
    return ExecutionError(
        f"Cell {index + 1} failed: {reason}.",
        traceback=error.traceback,
        details={"cell": index + 1, "ename": error.ename, "evalue": error.evalue},
    )


def _kernel_died(index: int, status: int | None) -> ExecutionError:
    """The error of a kernel that has ended during a run.

    :param index: 0-based index of the cell that ran, or -1.
    :param status: its exit status as `subprocess` has it; None if it is not known.
    """
    where = f"in cell {index + 1}" if index >= 0 else "before its first cell"
    cell = {"cell": index + 1} if index >= 0 else {}
    how, hint = _end_by(status)
    return ExecutionError(
        f"The kernel died {where}{how and ': '}{how}.",
        hint=hint,
        details={**cell, "status": status},
    )


def _end_by(status: int | None) -> tuple[str, str]:
    """How a process ended, and what most often is the reason; both may be ``""``."""
    if status is None:
        return "", ""
    if status >= 0:
        hint = "Something that the cell calls ended the process, as os._exit does."
        return f"it ended with exit code {status}", hint
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"SIG{-status}"
    name = name.removeprefix("SIG")
    if name == "KILL":
        hint = "Most often it ran out of memory."
    elif name in _CRASHES:
        hint = "A library in compiled code crashed: try another version of what the cell uses."
    else:
        hint = "The cell itself or another program sent the signal: a scheduler, a time limit."
    return f"it was ended by signal {name}", hint
