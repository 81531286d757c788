"""From a lock to an environment: an empty venv, uv's install of the lock, our files, a manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..core.environment import EnvironmentKind, Interpreter, Manifest
from ..core.key import environment_key
from ..core.lock import Lock, select
from ..core.progress import Phase
from ..core.spec import EnvironmentSpec
from ..store.leases import LeasedEnvironment
from ..uv.commands import make_venv, sync_lock
from ..uv.process import installed_version
from .context import Context
from .installed import read_distributions
from .linking import choose_link_mode
from .seal import Seal

__all__ = ["Stopwatch", "build_environment", "install_lock"]


@dataclass(slots=True)
class Stopwatch:
    """Seconds that steps took, by their names."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a block, also one that fails."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - started, 6)


def build_environment(
    lock: Lock,
    interpreter: Interpreter,
    spec: EnvironmentSpec,
    context: Context,
    kind: EnvironmentKind = EnvironmentKind.ENVIRONMENT,
) -> LeasedEnvironment:
    """Build what a lock says, or wait for somebody else who is building it.

    :param spec: says which packages the header asks for itself.
    :param kind: ``ENVIRONMENT``, or ``EPHEMERAL`` for one that serves one kernel only.
    :raises BuildError: if the lock cannot be installed.
    :raises HeadstartError: whatever else goes wrong on the way.
    """

    def fill(prefix: Path) -> Manifest:
        return _fill(prefix, lock, interpreter, spec, context)

    if kind is EnvironmentKind.EPHEMERAL:
        return context.store.build_ephemeral(fill)
    return context.store.build(
        kind,
        environment_key(lock, interpreter),
        fill,
        waiting=_waiting(context),
        cancelled=context.cancelled,
    )


def install_lock(
    prefix: Path,
    lock: Lock,
    interpreter: Interpreter,
    spec: EnvironmentSpec,
    context: Context,
    *,
    compile_bytecode: bool = False,
    finish: Callable[[Path], tuple[str, ...]] = lambda _prefix: (),
) -> Manifest:
    """Make a prefix that holds exactly what a lock says.

    :param finish: adds our own files; gets the prefix's site-packages, and says which
        distributions a kernel has loaded when it attaches.
    """
    watch = Stopwatch()
    link_mode = choose_link_mode(context.settings.link_mode, prefix.parent)
    selected = select(lock, interpreter)
    exact = Lock(tuple(package for package, _ in selected), lock.requires_python)
    with watch.step("venv"):
        context.run(make_venv(prefix, interpreter))
    seal = Seal(prefix)
    with watch.step("install"):
        context.tell(Phase.INSTALL, "Installing")
        command = sync_lock(
            prefix, exact.render(), link_mode=link_mode, compile_bytecode=compile_bytecode
        )
        context.run(command)
    with watch.step("check"):
        seal.check()
        site_packages = _site_packages(prefix)
        wheels = {package.name: wheel.sha256 for package, wheel in selected}
        found = read_distributions(site_packages, interpreter.markers, spec.requirements, wheels)
    with watch.step("finish"):
        loaded = finish(site_packages)
    return Manifest(
        key="",
        kind=EnvironmentKind.ENVIRONMENT,
        lock_digest=lock.digest,
        python_path=interpreter.path,
        python_version=interpreter.version,
        site_packages=site_packages.relative_to(prefix).as_posix(),
        uv_version=installed_version(),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        distributions=found,
        timings=watch.seconds,
        loaded=loaded,
    )


def _fill(
    prefix: Path, lock: Lock, interpreter: Interpreter, spec: EnvironmentSpec, context: Context
) -> Manifest:
    from headstart_kernel.install import START_OF_PATH

    # Users of a public store cannot put bytecode anywhere near it.
    public = context.store.public

    def finish(site_packages: Path) -> tuple[str, ...]:
        _add_our_files(prefix, site_packages, interpreter, lock)
        if public:
            (site_packages / START_OF_PATH).unlink()
        return ()

    return install_lock(
        prefix, lock, interpreter, spec, context, compile_bytecode=public, finish=finish
    )


def _add_our_files(prefix: Path, site_packages: Path, interpreter: Interpreter, lock: Lock) -> None:
    from headstart_kernel.install import files_for_environment

    files = files_for_environment(
        interpreter.short_version,
        site_packages.relative_to(prefix).as_posix(),
        has_pip="pip" in lock.versions,
        has_uv="uv" in lock.versions,
    )
    for name, (text, executable) in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A script of that name may be a link into uv's cache: never write through it.
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if executable else 0o644)


def _site_packages(prefix: Path) -> Path:
    """``lib/python3.11/site-packages`` of a venv; also where the version has a suffix."""
    return next((prefix / "lib").glob("python*/site-packages"))


def _waiting(context: Context) -> Callable[[float], None]:
    def waiting(seconds: float) -> None:
        context.tell(Phase.WAIT, f"Waiting for another build of it ({seconds:.0f} s)")

    return waiting
