"""A kernel manager that goes on as soon as a kernel has started or ended.

Relies on: jupyter_client >= 8.6: ``start_kernel`` and ``shutdown_kernel`` of `AsyncKernelManager`
are wrapped (by ``in_pending_state``, with `functools.wraps`).
Why: the wrapper sleeps for 10 ms each time, so that others see the kernel pending. The manager of
a headless run has no other users.
Without it: the two methods are the manager's own, and a run takes 20 ms more.
Noticed by: tests/kernels/jupyter/test_prompt_manager.py
"""

from __future__ import annotations

from inspect import unwrap

from jupyter_client.manager import AsyncKernelManager

__all__ = ["PromptKernelManager"]


class PromptKernelManager(AsyncKernelManager):
    """An AsyncKernelManager without pauses, for a kernel with one client."""

    start_kernel = unwrap(AsyncKernelManager.start_kernel)
    shutdown_kernel = unwrap(AsyncKernelManager.shutdown_kernel)
