"""The environment variables of a kernel's process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from ... import envvars
from ...core.header.spec import NO_OPTIONS, KernelOptions
from ...core.notebook.find import FoundHeader, HeaderPlace

_LONGEST_HEADER = 32 * 1024
"""Characters: no program starts with a variable that is longer than the system allows (on Linux
128 KiB), and all that a kernel runs inherits this one."""


def kernel_environ(
    environ: Mapping[str, str],
    options: KernelOptions = NO_OPTIONS,
    *,
    session: bool = True,
    header: FoundHeader | None = None,
) -> dict[str, str]:
    """What a kernel gets of its client's environment variables, with those of its header.

    No other Python's home, and nothing of a kernel that the client itself runs in. The kernel
    puts its environment's programs before ``PATH`` when it attaches the environment.

    :param options: what the notebook's header says of the kernel's process.
    :param session: is the notebook that Jupyter's variable names this kernel's?
    :param header: the notebook's, which the kernel's ``pip`` shows as it would have to be.
    """
    left_out = {envvars.PYTHONHOME, envvars.KERNEL_LAYER, envvars.HEADER}
    if environ.get(envvars.DEFAULT_PROVISIONER) == "headstart":
        # For Jupyter's own kernels: one in the environment does not know us, and would find none
        # of its kernelspecs usable.
        left_out.add(envvars.DEFAULT_PROVISIONER)
    if not session:
        left_out.add(envvars.SESSION_NAME)
    kept = {name: value for name, value in environ.items() if name not in left_out}
    kept.update(notebook_environ(options, header))
    if options.prepend_paths:
        path = filter(None, [kept.get(envvars.PATH)])
        kept[envvars.PATH] = os.pathsep.join([*options.prepend_paths, *path])
    return kept


def notebook_environ(options: KernelOptions, header: FoundHeader | None) -> dict[str, str]:
    """The variables that a kernel has of its notebook, but for ``PATH``."""
    variables = dict(options.env)
    if header is not None:
        variables[envvars.HEADER] = _header_json(header)
    return variables


def must_be_there_first(options: KernelOptions) -> list[str]:
    """Names of a header's variables that come too late for a process that runs.

    Those that Python, the loader, the C library and a kernel's own modules read when they start.
    """
    if not options.env:
        return []
    from .zygote.fingerprint import counts  # not on every system, and few headers have variables

    return [name for name, _ in options.env if counts(name)]


def _header_json(header: FoundHeader) -> str:
    """Where the header is, and its TOML if it is a block: others are changed by a command."""
    if header.place is HeaderPlace.CELL and header.cell is not None:
        location = {"where": f"cell {header.cell + 1}"}
        with_text = json.dumps({**location, "text": header.text})
        return with_text if len(with_text) <= _LONGEST_HEADER else json.dumps(location)
    return json.dumps({"where": str(header.at(header.line))})
