"""From a lock to an environment: an empty venv, uv's install of the lock, our files, a manifest."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, LockedPackage
from ...core.lock.selection import select
from ...core.progress import Phase
from ...core.store.file_conflicts import InstalledWheel
from ...core.store.key import environment_key
from ...core.store.manifest import EnvironmentKind, Manifest
from ...core.timestamp import timestamp
from ...errors import LockError
from ...store.leases import LeasedEnvironment
from ...store.parts.assemble import Assembled, PartDamaged, assemble
from ...store.parts.extract import site_packages_of
from ...store.parts.part_store import Part
from ...store.publish import Filled
from ...uv.process import installed_version
from ..context import Context
from ..installed import Source, read_distributions
from .bytecode import bytecode_of
from .conflict_warnings import check_brought
from .empty_venv import File, skeleton_for
from .link_mode import choose_link_mode, safe_link_mode
from .wheel_parts import Selected, wheel_parts

__all__ = ["Stopwatch", "build_environment", "install_lock"]

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 20
"""To assemble an environment while another process prunes its parts; one more for each wheel, for
the parts of all of them may be damaged."""

OurFiles = Callable[[bool, str], Mapping[str, File]]
"""From whether an environment has its bytecode inside, and its site-packages relative to the
prefix, to our own files, by path."""


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
    """Build what a lock says, or wait for another process that builds it.

    :param spec: says which packages the header asks for itself.
    :param kind: ``ENVIRONMENT``, or ``EPHEMERAL`` for one that serves one kernel only.
    :raises BuildError: if the lock cannot be installed.
    :raises BuildCancelled: if the caller has cancelled it.
    :raises HeadstartError: for other failures, of uv, the index or the store.
    """

    def fill(prefix: Path) -> Filled:
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
    files: OurFiles,
    compile_first: bool = False,
    finish: Callable[[Path], tuple[str, ...]] | None = None,
) -> Filled:
    """Make a prefix that holds exactly what a lock says, out of parts of the store.

    :param compile_first: compile what has no bytecode yet, instead of doing without.
    :param finish: tries the prefix out; says which distributions a kernel has loaded when it
        attaches.
    """
    watch = Stopwatch()
    selected = select(lock, interpreter)
    damaged = set[str]()
    for attempt in itertools.count(1):
        try:
            built = _assemble(
                prefix, selected, interpreter, context, files, compile_first, finish is None, watch
            )
            break
        except PartDamaged as damage:
            part = damage.part
            if part.name in damaged or attempt == MOST_ATTEMPTS + len(selected):
                raise
            # Else it was pruned meanwhile, or another process makes it again already.
            if context.store.parts.discard(part.name, part.inode):
                damaged.add(part.name)
                context.tell(Phase.INSTALL, f"{damage.message} It is made again.")
    site_packages = site_packages_of(prefix)
    with watch.step("check"):
        # Not strict, here and below: after the parts of the wheels come the skeleton and bytecode.
        sources = {
            package.name: Source(wheel.sha256, part.record.size)
            for (package, wheel), part in zip(selected, built.parts, strict=False)
        }
        markers, direct = interpreter.markers, spec.requirements
        distributions = read_distributions(prefix / site_packages, markers, direct, sources)
        versions = {item.name: item.version for item in distributions}
        # First a wheel of another package altogether, for it brings that one's metadata, and
        # `_clashes` would refuse it for that.
        _check_hashes(selected, lambda package: package.name in versions)
        clashes = _clashes(selected, built, site_packages, context)
        _check_hashes(selected, lambda package: _same(versions[package.name], package.version))
    with watch.step("finish"):
        loaded = finish(prefix) if finish else ()
    manifest = Manifest(
        key="",
        kind=EnvironmentKind.ENVIRONMENT,
        lock_digest=lock.digest,
        python_path=interpreter.path,
        python_version=interpreter.version,
        site_packages=site_packages,
        uv_version=installed_version(),
        built_at=timestamp(datetime.now(UTC)),
        distributions=distributions,
        timings=watch.seconds,
        loaded=loaded,
        parts=tuple(part.name for part in built.parts),
        bytecode=built.bytecode,
        shares_bytecode=built.shares_bytecode,
        clashes=clashes,
    )
    # A trial runs the environment's Python, so that what was assembled may not be all there is.
    return Filled(manifest, None if finish else built.assembled)


def _clashes(
    selected: Selected, built: _Built, site_packages: str, context: Context
) -> tuple[str, ...]:
    """Say which wheels bring each other's files."""
    wheels = [
        InstalledWheel(package.name, package.version, part.name, part.record)
        for (package, _), part in zip(selected, built.parts, strict=False)
    ]
    lines = check_brought(wheels, built.parts, built.assembled.content, site_packages)
    for line in lines:
        logger.warning("%s", line)
        context.tell(Phase.CHECK, line)
    return lines


def _check_hashes(selected: Selected, installed: Callable[[LockedPackage], bool]) -> None:
    """Parts are found by the hashes that a lock has, and a lock may have a wrong one."""
    for package, _ in selected:
        if not installed(package):
            raise LockError(
                f"The lock has the hash of another file for {package.name} {package.version}.",
                hint="Make the lock again.",
                details={"package": package.name},
            )


def _same(version: str, other: str) -> bool:
    try:
        return Version(version) == Version(other)
    except InvalidVersion:
        return version == other


@dataclass(frozen=True, slots=True)
class _Built:
    """What was assembled: the parts, those of the wheels first and in their order."""

    parts: tuple[Part, ...]
    assembled: Assembled
    bytecode: bool
    shares_bytecode: bool


def _assemble(
    prefix: Path,
    selected: Selected,
    interpreter: Interpreter,
    context: Context,
    files: OurFiles,
    compile_first: bool,
    may_share: bool,
    watch: Stopwatch,
) -> _Built:
    """Fill a prefix with the wheels and the skeleton, and their bytecode if all have theirs.

    :param may_share: link to folders of bytecode where files are linked too. The links are right
        only where the environment will be published, so nothing can be tried out in it before.
    :raises PartDamaged: if a part is; then there is no prefix.
    """
    setting = context.settings.link_mode
    link_mode = choose_link_mode(setting, prefix.parent)
    with watch.step("wheels"):
        wheels = wheel_parts(selected, interpreter, context, link_mode)
        context.tell(Phase.INSTALL, "Installing")
        compiled = bytecode_of(wheels, interpreter, context, compile_missing=compile_first)
    with watch.step("venv"):
        ours = partial(files, compiled is not None)
        skeleton = skeleton_for(interpreter, ours, context)
    with watch.step("install"):
        # All or nothing: the manifest says of the whole environment whether it has its bytecode.
        code = () if compiled is None else (*compiled, *skeleton.bytecode)
        parts = (*wheels, skeleton.part, *code)
        mode = safe_link_mode(setting, link_mode)
        share = may_share and mode == "hardlink"
        assembled = assemble(prefix, parts, mode, share_bytecode=share, cancelled=context.cancelled)
    return _Built(parts, assembled, compiled is not None, share)


def _fill(
    prefix: Path, lock: Lock, interpreter: Interpreter, spec: EnvironmentSpec, context: Context
) -> Filled:
    def files(bytecode: bool, site_packages: str) -> dict[str, File]:
        # Reads the files that kernels get: only a build needs them.
        from headstart_kernel.install import files_for_environment

        texts = files_for_environment(
            interpreter.short_version,
            site_packages,
            has_pip="pip" in lock.versions,
            has_uv="uv" in lock.versions,
            # Users of a public store cannot write bytecode there.
            bytecode=bytecode or context.store.public,
        )
        return {name: File(text.encode(), executable) for name, (text, executable) in texts.items()}

    return install_lock(
        prefix, lock, interpreter, spec, context, files=files, compile_first=context.store.public
    )


def _waiting(context: Context) -> Callable[[float], None]:
    def waiting(seconds: float) -> None:
        context.tell(Phase.WAIT, f"Waiting for another build of it ({seconds:.0f} s)")

    return waiting
