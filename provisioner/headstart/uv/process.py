"""The only place that starts uv."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO

from .. import envvars
from ..core.progress import Reporter
from ..core.redact import redact, redact_users, secrets_in, without_secrets
from ..errors import BuildCancelled, BuildTimeout, UvError
from .child import child_process
from .commands import UvCommand, UvResult
from .configuration import DEFAULT_INDEX, UvConfiguration
from .diagnosis import diagnose
from .events import EventReader

__all__ = ["addresses_of", "default_index", "find_binary", "installed_version", "run_process"]

# No file may have a say in it (see `configuration`), and pylock.toml is a preview of uv's.
_EVERY_CALL = ("--no-config", "--color", "never", "--preview-features", "pylock")
_WITH_INDEXES = frozenset({"compile", "install", "locate", "newest", "sync"})
_HELP = 10.0
"""Seconds that uv may take to print its help."""
# A header may name any file, one with passwords too, and errors are saved in notebooks: the lines
# that uv quotes of it are left out.
_SNIPPET = re.compile(r"(TOML parse error at line \d+, column \d+\n)(?:\s*\d*\s*\|.*\n?)+.*")

_POLL = 0.05
"""Seconds between two looks at whether the call was cancelled."""


def run_process(
    command: UvCommand,
    configuration: UvConfiguration,
    cache_dir: Path,
    *,
    binary: str,
    report: Reporter,
    cancelled: Callable[[], bool],
    timeout: float,
) -> UvResult:
    """Run uv to its end; see `runner.Uv.run` for the parameters and the errors."""
    started = time.monotonic()
    if cancelled():
        raise BuildCancelled("The build was cancelled.")
    with (
        # Empty, for uv looks for a project, a Python and an environment where it runs.
        tempfile.TemporaryDirectory(prefix="headstart-uv-") as folder,
        _process(binary, command, configuration, cache_dir, Path(folder)) as process,
        _Reading(process, report, _secrets(configuration), command.sizes) as reading,
    ):
        while not reading.finished(_POLL):
            if cancelled():
                raise BuildCancelled("The build was cancelled.")
            if time.monotonic() - started > timeout:
                raise _timed_out(command, timeout, reading.stderr)
        code = process.wait()
    if code != 0:
        raise diagnose(command, code, reading.stderr, addresses_of(configuration))
    return UvResult(reading.stdout, reading.stderr, time.monotonic() - started)


def find_binary() -> str:
    """Path of the binary that the ``uv`` package brings.

    :raises UvError: if there is none.
    """
    # Here, for it is asked only where no other binary was named.
    import uv

    try:
        return os.fsdecode(uv.find_uv_bin())
    except FileNotFoundError as error:
        message = "The uv package has no binary on this platform."
        raise UvError(message, hint="Install uv next to Jupyter again.") from error


@cache
def default_index() -> str:
    """The address of uv's own default index, as its help has it; ``""`` if that does not say."""
    # For headers that name an unknown index, and for failures of uv: no start that works asks.
    command = [find_binary(), "pip", "compile", "--no-config", "--help"]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, env={}, cwd="/", timeout=_HELP
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(
        rb"--default-index .*?by default:\s+<(https?://[^\s>]+)>", done.stdout, re.DOTALL
    )
    return match[1].decode() if match else ""


def addresses_of(configuration: UvConfiguration) -> list[str]:
    """The addresses of the indexes, without credentials; that of uv's own default, too."""
    urls = (default_index() if url == DEFAULT_INDEX else url for url in configuration.indexes)
    return list(filter(None, urls))


def installed_version() -> str:
    """The version of uv, without starting it."""
    return metadata.version("uv")


@contextmanager
def _process(
    binary: str,
    command: UvCommand,
    configuration: UvConfiguration,
    cache_dir: Path,
    folder: Path,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running uv, which is killed with all its children when the block is left."""
    for name, text in command.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    # The other commands refuse the options of an index.
    sources = configuration.arguments if command.verb in _WITH_INDEXES else ()
    composed = {**configuration.environ, envvars.UV_CACHE_DIR: str(cache_dir)}
    if command.confined:
        composed = _confined(configuration.environ, folder)
    environ = {**composed, **command.environ}
    for name in command.omit:
        environ.pop(name, None)
    argv = [binary, *_EVERY_CALL, *command.argv, *sources]
    scratch, largest = str(folder), command.largest_file
    with child_process(argv, folder, environ, scratch=scratch, largest_file=largest) as process:
        yield process


def _confined(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment for a stranger's build back end: no credentials, an empty home."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    return {
        **{name: environ[name] for name in envvars.CONFINED_PASSED_ON if name in environ},
        envvars.HOME: str(home),
        envvars.UV_CACHE_DIR: str(folder / "cache"),
        envvars.UV_OFFLINE: "1",
        envvars.UV_PYTHON_DOWNLOADS: "never",
    }


def _timed_out(command: UvCommand, seconds: float, log: str) -> BuildTimeout:
    return BuildTimeout(
        f"uv was not done after {seconds:g} seconds.",
        hint=f"If the network is slow, raise the limit: {envvars.BUILD_TIMEOUT}, in seconds.",
        log=log,
        details={"verb": command.verb},
    )


class _Reading:
    """Both outputs of a process, read as they come; lines of stderr are reported."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        report: Reporter,
        secrets: set[str],
        sizes: Mapping[str, int],
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._texts = {"stdout": bytearray(), "stderr": bytearray()}
        self._report = report
        self._secrets = secrets
        self._events = EventReader(sizes)
        self._line_start = 0
        for name in self._texts:
            stream: IO[bytes] = getattr(process, name)
            self._selector.register(stream, selectors.EVENT_READ, name)

    def __enter__(self) -> _Reading:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._selector.close()

    def finished(self, seconds: float) -> bool:
        """Read what has come, waiting so long at most; True when both outputs have ended."""
        # Both at a time: uv would wait for ever to write into a pipe that is full.
        for key, _ in self._selector.select(seconds):
            chunk = os.read(key.fd, 1 << 16)
            self._texts[key.data] += chunk
            if not chunk:
                self._selector.unregister(key.fileobj)
        self._report_lines()
        return not self._selector.get_map()

    def _report_lines(self) -> None:
        text = self._texts["stderr"]
        while (end := text.find(b"\n", self._line_start)) >= 0:
            line = self._redacted(text[self._line_start : end])
            self._line_start = end + 1
            if (progress := self._events.read(line)) is not None:
                self._report(progress)

    @property
    def stdout(self) -> str:
        """The output, as far as it was read, without users and passwords: it is for programs."""
        # Not by value, as in stderr: in a lock a password could be part of a name.
        return redact_users(self._texts["stdout"].decode(errors="replace"))

    @property
    def stderr(self) -> str:
        """What uv wrote for people, redacted."""
        return _SNIPPET.sub(r"\1", self._redacted(self._texts["stderr"]))

    def _redacted(self, text: bytes | bytearray) -> str:
        return redact(without_secrets(text.decode(errors="replace"), self._secrets))


def _secrets(configuration: UvConfiguration) -> set[str]:
    """What uv is told that no reader of its output may see, wherever uv repeats it."""
    environ = configuration.environ
    addresses = [address for value in environ.values() for address in re.split(r"[\s,]+", value)]
    credentials = filter(re.compile(envvars.UV_INDEX_CREDENTIALS).fullmatch, environ)
    passwords = {environ[name] for name in credentials if name.endswith("_PASSWORD")}
    return passwords | secrets_in(addresses)
