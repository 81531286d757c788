"""A child process that never outlives this one, however this one ends.

Neither a signal handler nor an exit handler runs in a process that is killed. So a shell starts
the child, and a watcher that runs in parallel: it reads a pipe whose other end only this process
has. When the pipe closes, for whatever reason, the watcher removes what the child worked in and
kills the whole group.

Linux could send the child a signal when its parent dies (``PR_SET_PDEATHSIG``), but there are
threads here, so nothing of ours may run between the fork and the exec. The shell does it
everywhere, takes 1 ms, and reaps the child and the watcher.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["child_process"]

_SHELL = "/bin/sh"

# With XFSZ ignored a write beyond the limit fails instead of ending uv, so that uv says of which
# package. The pipe becomes descriptor 3, for a shell gives /dev/null as input to what it runs in
# the background.
_SCRIPT = """\
scratch=$1
if [ "$2" -gt 0 ]; then
    trap '' XFSZ
    ulimit -f "$2" 2>/dev/null
fi
shift 2
exec 3<&0 </dev/null
{ read -r _ <&3; [ -z "$scratch" ] || rm -rf -- "$scratch"; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
"$@"
code=$?
exec >/dev/null 2>&1
kill -KILL $!
wait
exit $code
"""
_BLOCK = 512
"""Bytes of the unit of ``ulimit -f`` (POSIX)."""

_DYING = 10.0
"""Seconds that killed processes may take to end; only a broken file system takes longer."""


@contextmanager
def child_process(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    *,
    scratch: str = "",
    largest_file: int = 0,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command, which is killed with all its children when the block is left.

    Its outputs are pipes, which the caller reads; it has no input, and ``stdin`` is the pipe that
    ends it when it is closed. Its exit code is the shell's: 128 + N if signal N killed it.

    :param folder: its working directory.
    :param environ: its whole environment.
    :param scratch: a folder that is removed if this process is killed; else the caller removes it.
    :param largest_file: bytes that no file may exceed which it or a child of it writes: then a
        write fails, as on a full disk; 0 for no such limit. Counts in blocks of 512.
    """
    blocks = -(-largest_file // _BLOCK)
    process = subprocess.Popen(
        [_SHELL, "-c", _SCRIPT, "headstart", scratch, str(blocks), *command],
        cwd=folder,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the group unless it has ended, and wait until no process is left to write a file."""
    if process.poll() is None:
        # The shell leads a group of its own (start_new_session): what uv has started goes too.
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        # To the end of both outputs: it comes when the last process that has them has ended.
        process.communicate(timeout=_DYING)
