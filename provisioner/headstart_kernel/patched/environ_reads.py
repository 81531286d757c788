"""Note which environment variables modules read, and change, when they are imported.

Relies on: Python 3.8 to 3.14: ``os.environ`` may be given another class with the same layout, and
is what modules read variables by.
Why: a zygote and a parked kernel can only become kernels for which what was read is the same.
Without it: no zygote starts; kernels are processes.
Noticed by: tests/headstart_kernel/zygote/test_preimport.py
"""

import os
from typing import Any, Dict, Optional

__all__ = ["Reads", "Variables"]

Variables = Dict[str, Optional[str]]
"""Names of variables with their values; None for one that is not set."""


class Reads:
    """Notes which variables are read and changed while it lasts.

    ``names`` are those that were read before they were changed; ``changes`` has what was set.
    """

    def __init__(self) -> None:
        self.names: "set[str]" = set()
        self.changes: Variables = {}

    def __enter__(self) -> "Reads":
        names, changes = self.names, self.changes
        plain: Any = type(os.environ)

        class Noting(plain):  # type: ignore[misc]
            def __getitem__(self, name: Any) -> str:
                if os.fsdecode(name) not in changes:
                    names.add(os.fsdecode(name))
                value: str = super().__getitem__(name)
                return value

            def __setitem__(self, name: Any, value: Any) -> None:
                super().__setitem__(name, value)
                changes[os.fsdecode(name)] = os.fsdecode(value)

            def __delitem__(self, name: Any) -> None:
                super().__delitem__(name)
                changes[os.fsdecode(name)] = None

        self._plain = plain
        environ: Any = os.environ
        environ.__class__ = Noting
        return self

    def __exit__(self, *_exception: object) -> None:
        environ: Any = os.environ
        environ.__class__ = self._plain
