"""The files of wheels, as parts of the store; what it lacks is installed by uv, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...core.interpreter import Interpreter
from ...core.lock.pylock import Lock, LockedPackage, Wheel
from ...core.progress import Phase, Progress
from ...core.store.parts import part_name, python_tag
from ...errors import (
    BuildError,
    BuildTimeout,
    BuildTooLarge,
    DiskFull,
    EnvironmentDamaged,
    HashMismatch,
)
from ...store.parts.extract import Extracted, extract, open_stage
from ...store.parts.part_store import Part
from ...uv.commands import clean_cache, make_venv, sync_lock
from ..context import Context
from .enforce_limits import Tally
from .venv_guard import VenvGuard

__all__ = ["are_cached", "wheel_parts"]

logger = logging.getLogger(__name__)

Selected = Sequence[tuple[LockedPackage, Wheel]]


def wheel_parts(
    selected: Selected, interpreter: Interpreter, context: Context, link_mode: str
) -> list[Part]:
    """A part for each wheel, in the order of the wheels.

    :param link_mode: how uv gets files out of its cache.
    :raises BuildError: if a wheel cannot be installed.
    :raises HeadstartError: for other failures, of uv, the index or the store.
    """
    tally = Tally(selected, context)
    tag = python_tag(interpreter)
    names = {package.name: part_name(wheel.sha256, tag) for package, wheel in selected}
    parts = {name: context.store.parts.find(part) for name, part in names.items()}
    # Each with the one wheel that the part is named after: uv is not to choose another.
    missing = [
        replace(package, wheels=(wheel,))
        for package, wheel in selected
        if parts[package.name] is None
    ]
    tally.expect({name: part.record.amount for name, part in parts.items() if part is not None})
    if missing:
        _check_urls(missing)
        size = sum(wheel.size or 0 for package in missing for wheel in package.wheels)
        message = f"Fetching {len(missing)} package{'' if len(missing) == 1 else 's'}"
        context.report(Progress(Phase.DOWNLOAD, message, 0, len(missing), bytes_total=size))
        installer = _Installer(interpreter, context, link_mode, tally)
        made = installer.install(missing, names)
        parts.update({name: made[part] for name, part in names.items() if part in made})
    return [_installed(part, name) for name, part in parts.items()]


def are_cached(selected: Selected, interpreter: Interpreter, context: Context) -> bool:
    """Whether the store has a part for each wheel, so that nothing has to be fetched."""
    tag, parts = python_tag(interpreter), context.store.parts
    return all(parts.has(part_name(wheel.sha256, tag)) for _, wheel in selected)


def _check_urls(packages: Sequence[LockedPackage]) -> None:
    """Refuse wheels that have no URL to be fetched from: a local extra, or what no index was asked.

    The store had their parts a moment ago.
    """
    for package in packages:
        if any("://" not in wheel.url for wheel in package.wheels):
            raise EnvironmentDamaged(
                f"What the store kept of {package.name} is missing or damaged.",
                hint="Start the kernel again: it is made again then.",
            )


def _installed(part: Part | None, name: str) -> Part:
    if part is None:
        raise EnvironmentDamaged(f"{name} was not installed.")
    return part


class _Installer:
    """Installs wheels with uv into prefixes that are used for their files only."""

    def __init__(
        self, interpreter: Interpreter, context: Context, link_mode: str, tally: Tally
    ) -> None:
        self._interpreter = interpreter
        self._context = context
        self._link_mode = link_mode
        self._tally = tally

    def install(
        self, packages: Sequence[LockedPackage], names: Mapping[str, str]
    ) -> dict[str, Part]:
        """Install packages and publish their files as parts; by the names of the parts."""
        store = self._context.store
        with store.parts.building() as folder:
            extracted = self._again_if_damaged(packages, names, folder / "all")
            folders, amounts = dict(extracted.folders), dict(extracted.amounts)
            # Where two wheels bring the same file uv leaves either, and a file may be in no
            # RECORD: such wheels are installed alone.
            for package in packages:
                if package.name in extracted.unclear:
                    apart = folder / "alone" / package.name
                    alone = self._again_if_damaged([package], names, apart)
                    folders.update(alone.folders)
                    amounts.update(alone.amounts)
            self._tally.check(amounts)
            return store.parts.publish({names[name]: path for name, path in folders.items()})

    def _again_if_damaged(
        self, packages: Sequence[LockedPackage], names: Mapping[str, str], folder: Path
    ) -> Extracted:
        """Stage packages; once more, from the index, if what uv's cache has is damaged.

        uv never waits for the disk: after a power cut its cache may hold wheels whose files are
        empty, and uv installs them as they are.
        """
        context = self._context
        try:
            return self._stage(packages, names, folder / "first")
        # What another download would not change.
        except (HashMismatch, DiskFull, BuildTimeout, BuildTooLarge):
            raise
        except (EnvironmentDamaged, BuildError) as damage:
            if context.settings.offline:
                raise
            logger.warning("%s The packages are downloaded again.", damage.message)
            context.tell(Phase.DOWNLOAD, "Downloading again what may be damaged")
            context.run(clean_cache(tuple(package.name for package in packages)))
            # In another folder: where an install has failed, uv may report success and leave files
            # out. Only what was just downloaded is trusted without a hash, for a RECORD that a
            # power cut has emptied would vouch for anything.
            return self._stage(packages, names, folder / "second", trusted=True)

    def _stage(
        self,
        packages: Sequence[LockedPackage],
        names: Mapping[str, str],
        folder: Path,
        *,
        trusted: bool = False,
    ) -> Extracted:
        folder.mkdir(parents=True)
        prefix, context = folder / "stage", self._context
        context.run(make_venv(prefix, self._interpreter))
        stage, guard = open_stage(prefix), VenvGuard(prefix)
        lock = Lock(tuple(packages))
        self._tally.run(
            sync_lock(
                prefix,
                lock.render(),
                link_mode=self._link_mode,
                largest_file=self._tally.largest_file,
                sizes={package.name: package.wheels[0].size or 0 for package in packages},
            )
        )
        guard.check()
        parts = {package.name: names[package.name] for package in packages}
        return extract(stage, parts, folder / "parts", trusted=trusted)
