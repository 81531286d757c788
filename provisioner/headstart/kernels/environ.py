"""The environment variables of a kernel's process."""

from __future__ import annotations

from collections.abc import Mapping

from .. import envvars


def kernel_environ(environ: Mapping[str, str], *, session: bool = True) -> dict[str, str]:
    """What a kernel gets of its client's environment variables.

    No other Python's home, and nothing of a kernel that the client itself runs in.

    :param session: is the notebook that Jupyter's variable names this kernel's?
    """
    left_out = {envvars.PYTHONHOME, envvars.KERNEL_LAYER}
    if environ.get(envvars.DEFAULT_PROVISIONER) == "headstart":
        # For Jupyter's own kernels: one in the environment does not know us, and would find none
        # of its kernelspecs usable.
        left_out.add(envvars.DEFAULT_PROVISIONER)
    if not session:
        left_out.add(envvars.SESSION_NAME)
    return {name: value for name, value in environ.items() if name not in left_out}
