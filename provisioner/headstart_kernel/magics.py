"""``%pip`` and ``%uv`` in a kernel of ours: they answer questions and change nothing."""

import shlex
import sys
from typing import Any


def register(shell: Any) -> None:
    """Put our ``%pip`` and ``%uv`` in place of IPython's, which tell users to restart the kernel.

    :param shell: the kernel's InteractiveShell.
    """

    def pip(line: str) -> None:
        """Run the environment's pip: list, show and freeze answer; install explains itself."""
        shell.system("%s -m pip %s" % (shlex.quote(sys.executable), line))

    def uv(line: str) -> None:
        """Run the environment's uv: ``pip list`` and the like answer; the rest explains itself."""
        shell.system("uv %s" % line)

    shell.register_magic_function(pip, magic_name="pip")
    shell.register_magic_function(uv, magic_name="uv")
