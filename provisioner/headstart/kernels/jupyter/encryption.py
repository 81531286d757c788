"""Start a kernel without encryption where its ipykernel cannot do it.

Relies on: jupyter_client >= 8.9: the private ``_transport_encryption_policy`` of kernel managers,
and ``transport_encryption`` among the arguments of ``pre_launch``.
Why: the kernelspec promises CurveZMQ for all kernels, for most can. The layer of a notebook that
asks for an older ipykernel cannot, and would never answer.
Without it: such a kernel starts with whatever jupyter_client decides by the kernelspec.
Noticed by: tests/kernels/jupyter/test_encryption.py
"""

from __future__ import annotations

from typing import Any

from ...errors import LaunchError
from ..launch.kernel_launch import KernelLaunch

__all__ = ["without_encryption"]


def without_encryption(
    manager: Any, arguments: dict[str, Any], launch: KernelLaunch
) -> dict[str, Any]:
    """The arguments of ``pre_launch``, without encryption if the kernel cannot do it.

    :param manager: the KernelManager.
    :raises LaunchError: if Jupyter is set to require it.
    """
    policy = getattr(manager, "_transport_encryption_policy", None)
    if policy is None or launch.can_encrypt:
        return arguments
    if policy(arguments.get("transport_encryption")) == "required":
        raise LaunchError(
            f"ipykernel {launch.ipykernel} cannot encrypt, and Jupyter is set to require it.",
            hint="Ask for ipykernel>=7.3 in the header, or for nothing that keeps it older.",
        )
    return {**arguments, "transport_encryption": "disabled"}
