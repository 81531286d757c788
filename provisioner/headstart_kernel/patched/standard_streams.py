"""Give a forked process standard streams like those that Python, or ipykernel, has made.

Relies on: Python 3.8 to 3.14: text files of ``sys`` are made as ``create_stdio`` (pylifecycle.c)
makes them; ipykernel >= 6.29: the private ``_original_stdstream_copy`` of its `OutStream`.
Why: the streams of a forked process are the zygote's; those of a parked kernel are captured, and
what a program writes to them below Python goes where ipykernel has kept the first ones.
Without it: without the copy such output goes where the captured one does.
Noticed by: tests/kernels/launch/zygote/test_parked.py
"""

import io
import os
import sys
from typing import Any, List

__all__ = ["STANDARD", "open_standard_files", "redirect_captured"]

STANDARD = ("stdin", "stdout", "stderr")


def open_standard_files() -> None:
    """Have new file objects for descriptors 0 to 2, in place of those for others before."""
    # typeshed has the names with underscores as final; Python itself sets them once, before a fork.
    sys.stdin = sys.__stdin__ = _standard_file(0, sys.stdin, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _standard_file(1, sys.stdout, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _standard_file(2, sys.stderr, "w")  # type: ignore[misc]


def redirect_captured(standard: List[int]) -> None:
    """Put descriptors where the standard ones went when ipykernel began to capture them."""
    for number, name in enumerate(STANDARD):
        stream: Any = getattr(sys, name)
        # Captured, the descriptor itself leads to a pipe, and this is where the output goes.
        target = getattr(stream, "_original_stdstream_copy", None) or number
        os.dup2(standard[number], target, inheritable=os.get_inheritable(target))
        original: Any = getattr(sys, "__%s__" % name)
        if os.isatty(target) and not original.line_buffering:
            original.reconfigure(line_buffering=True)
    for descriptor in set(standard):
        os.close(descriptor)


def _standard_file(descriptor: int, old: Any, mode: str) -> Any:
    """The file object as Python makes it when it starts (``create_stdio``, pylifecycle.c)."""
    unbuffered = old.write_through
    file: Any = os.fdopen(descriptor, mode + "b", 0 if unbuffered else -1, closefd=False)
    raw = file if unbuffered else file.raw
    raw.name = old.name
    text: Any = io.TextIOWrapper(
        file,
        encoding=old.encoding,
        errors=old.errors,
        newline="\n",
        line_buffering=os.isatty(descriptor) or old.line_buffering,
        write_through=unbuffered,
    )
    text.mode = mode
    return text
