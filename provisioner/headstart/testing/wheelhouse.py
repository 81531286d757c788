"""A folder of wheels for tests, with a minimal resolver and installer."""

from __future__ import annotations

import configparser
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from ..errors import NoCompatibleWheel, NoSuchPackage, NoSuchVersion, VersionConflict
from .wheels import record_digest

__all__ = ["LocalWheel", "Wheelhouse"]

# As uv's in relocatable environments: a shebang cannot name a Python relative to the script.
_SCRIPT = """\
#!/bin/sh
'''exec' "$(dirname -- "$0")/python" "$0" "$@"
'''
import sys
from {module} import {function}
sys.exit({function}())
"""


@dataclass(frozen=True, slots=True)
class LocalWheel:
    """One wheel of the folder, by its file name."""

    path: Path
    version: Version
    fits: bool

    @property
    def requires(self) -> list[Requirement]:
        """What its METADATA requires."""
        with zipfile.ZipFile(self.path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
            fields = Parser().parsestr(archive.read(name).decode())
        return [Requirement(line) for line in fields.get_all("Requires-Dist", [])]


class Wheelhouse:
    """A flat folder of wheels."""

    def __init__(self, folder: Path):
        self.folder = folder

    def versions(self, name: str) -> list[LocalWheel]:
        """The wheels of one distribution, by its normalised name; the newest first."""
        tags = frozenset(sys_tags())
        wheels: list[LocalWheel] = []
        for path in self.folder.glob("*.whl"):
            project, version, _, wheel_tags = parse_wheel_filename(path.name)
            if project == name:
                wheels.append(LocalWheel(path, version, not tags.isdisjoint(wheel_tags)))
        return sorted(wheels, key=lambda wheel: wheel.version, reverse=True)

    def resolve(
        self, requirements: Iterable[str], constraints: Iterable[str], overrides: Iterable[str]
    ) -> dict[str, LocalWheel]:
        """The newest wheels that satisfy everything, by normalised name. Never backtracks.

        :raises ResolutionError: if there are none.
        """
        limits: dict[str, SpecifierSet] = {}
        for line in constraints:
            _limit(limits, Requirement(line))
        replaced = {canonicalize_name(Requirement(line).name): line for line in overrides}
        while True:
            chosen: dict[str, LocalWheel] = {}
            waiting = [Requirement(line) for line in requirements]
            narrowed = False
            while waiting:
                requirement = waiting.pop()
                name = canonicalize_name(requirement.name)
                requirement = Requirement(replaced.get(name, str(requirement)))
                if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                    continue
                narrowed |= _limit(limits, requirement)
                if name not in chosen:
                    chosen[name] = self._choose(name, limits[name])
                    waiting += chosen[name].requires
            # A limit that came later may exclude what was chosen before: all is chosen again.
            if not narrowed:
                return chosen

    def _choose(self, name: str, limit: SpecifierSet) -> LocalWheel:
        wheels = self.versions(name)
        if not wheels:
            raise NoSuchPackage(f"No package index has a package named {name}.")
        allowed = [wheel for wheel in wheels if limit.contains(wheel.version)]
        if not allowed and len(limit) > 1:
            raise VersionConflict(f"The requirements {name}{limit} exclude each other.")
        if not allowed:
            raise NoSuchVersion(f"No version of {name} satisfies {name}{limit}.")
        fitting = [wheel for wheel in allowed if wheel.fits]
        if not fitting:
            raise NoCompatibleWheel(f"{name} has no wheel for this platform.")
        return fitting[0]

    def unpack(self, wheel: Path, site_packages: Path, scripts: Path) -> None:
        """Install a wheel: its files, its console scripts, the INSTALLER, and the RECORD."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site_packages)
            info = next(name for name in archive.namelist() if name.endswith("/RECORD"))
        folder = (site_packages / info).parent
        (folder / "INSTALLER").write_text("uv")
        (folder / "REQUESTED").touch()
        added = [folder / "INSTALLER", folder / "REQUESTED", *_add_scripts(folder, scripts)]
        with (folder / "RECORD").open("a", encoding="utf-8") as record:
            record.writelines(_record_line(path, site_packages) for path in added)


def _add_scripts(info: Path, scripts: Path) -> list[Path]:
    """Write the console scripts that a ``.dist-info`` folder lists."""
    entry_points, added = configparser.ConfigParser(), []
    entry_points.read(info / "entry_points.txt")
    if entry_points.has_section("console_scripts"):
        for name, target in entry_points.items("console_scripts"):
            module, _, function = target.partition(":")
            path = scripts / name
            path.write_text(_SCRIPT.format(module=module, function=function))
            path.chmod(0o755)
            added.append(path)
    return added


def _record_line(path: Path, site_packages: Path) -> str:
    name = os.path.relpath(path, site_packages)
    return f"{name},{record_digest(path.read_bytes())},{path.stat().st_size}\n"


def _limit(limits: dict[str, SpecifierSet], requirement: Requirement) -> bool:
    """Add a requirement to the limits of its name; whether that changed them."""
    name = canonicalize_name(requirement.name)
    before = limits.get(name, SpecifierSet())
    limits[name] = before & requirement.specifier
    return limits[name] != before
