"""An ipykernel that cannot encrypt its messages, whatever the kernelspec promises."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.errors import LaunchError
from headstart.kernels.jupyter.encryption import without_encryption
from headstart.kernels.launch.kernel_launch import KernelLaunch


@pytest.mark.parametrize("policy", ["auto", "required"])
def test_an_ipykernel_that_cannot_encrypt_is_not_asked_to(policy: str):
    manager = AsyncKernelManager(kernel_name="python3", transport_encryption=policy)
    manager.cache_ports = False
    old = KernelLaunch("python", "launcher.py", ipykernel="6.29.5")

    if policy == "required":
        with pytest.raises(LaunchError, match="cannot encrypt"):
            without_encryption(manager, {}, old)
    else:
        assert without_encryption(manager, {}, old) == {"transport_encryption": "disabled"}


def test_a_jupyter_client_that_never_encrypts_is_told_nothing() -> None:
    old = KernelLaunch("python", "launcher.py", ipykernel="6.29.5")
    assert without_encryption(SimpleNamespace(), {"env": {}}, old) == {"env": {}}
