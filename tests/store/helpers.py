"""Small environments that need no uv, and processes that use the store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.core.store.manifest import EnvironmentKind, Manifest
from tests.waiting import LIMIT

KIND = EnvironmentKind.ENVIRONMENT
LAYER = EnvironmentKind.LAYER
EPHEMERAL = EnvironmentKind.EPHEMERAL
KEY = "a" * 64
OTHER_KEY = "b" * 64
SITE_PACKAGES = "lib/python3/site-packages"
TOP = Path(__file__).parents[2]
OTHER_USER = 65534


def manifest(**fields) -> Manifest:
    values = {
        "key": KEY,
        "kind": KIND,
        "lock_digest": "c" * 64,
        "python_path": sys.executable,
        "python_version": "3.11.7",
        "site_packages": SITE_PACKAGES,
        "uv_version": "0",
        "built_at": "2026-11-20T00:00:00+00:00",
    }
    return Manifest(**{**values, **fields})


def fill(prefix: Path) -> Manifest:
    """Make the smallest environment that the store accepts, with one distribution."""
    site_packages = prefix / SITE_PACKAGES
    add_distribution(site_packages, "answer", {"answer/__init__.py": "value = 42\n"})
    (prefix / "pyvenv.cfg").write_text("home = elsewhere\n")
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to("/bin/sh")  # every user may run it
    return manifest()


def add_distribution(site_packages: Path, name: str, modules: dict[str, str]) -> Path:
    """Write files and a RECORD that lists them; the RECORD's path."""
    record = site_packages / f"{name}-1.0.dist-info" / "RECORD"
    record.parent.mkdir(parents=True)
    lines = [f"{record.parent.name}/RECORD,,\n"]
    for path, text in modules.items():
        (site_packages / path).parent.mkdir(parents=True, exist_ok=True)
        (site_packages / path).write_text(text)
        lines.append(f"{path},sha256=0,{len(text)}\n")
    record.write_text("".join(lines))
    return record


def tree(top: Path) -> dict[str, bytes | str]:
    """Every file below ``top`` with its content, every link with its target."""
    return {
        str(path.relative_to(top)): (
            str(path.readlink())
            if path.is_symlink()
            else path.read_bytes()
            if path.is_file()
            else b""
        )
        for path in sorted(top.rglob("*"))
    }


@contextmanager
def start(
    script: str, *arguments: object, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run Python code in a process of its own, with pipes for its input and output.

    At the end the pipes are closed, and the process is killed if it still runs.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            pipe.close()


def answer(script: str, *arguments: object) -> str:
    """What the code prints, after it ended well."""
    with start(script, *arguments) as process:
        output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    return output.strip()


def kill_here() -> None:
    """End this process as if its power were cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def become_ordinary(top: Path, *, owner: bool) -> None:
    """Give up root's rights, if this process has them, for those of a user.

    With ``owner`` everything at ``top`` is made that user's; else the user may only read it.
    """
    # What a user may not be able to import any more.
    import ctypes  # noqa: F401

    import headstart.store.publish  # noqa: F401

    root = os.geteuid() == 0
    for path in [top, *top.rglob("*")]:
        if root and owner:
            os.chown(path, OTHER_USER, OTHER_USER, follow_symlinks=False)
        elif not owner and not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    if root:
        os.setgroups([])
        os.setgid(OTHER_USER)
        os.setuid(OTHER_USER)
