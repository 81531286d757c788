"""Hatch build hook: build the JupyterLab extension and place it where Jupyter looks for it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHARE = "share/jupyter/labextensions/headstart"


class LabextensionHook(BuildHookInterface[BuilderConfig]):
    """Makes the bundle anew in a source tree, and takes that of an sdist as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and add the bundle and ``install.json`` to the wheel.

        :raises SystemExit: if the bundle cannot be had; an editable build only warns.
        """
        source = Path(self.root, "labextension")
        problem = "" if Path(self.root, "PKG-INFO").exists() else build(source)
        if not problem and not (source / "build" / "package.json").exists():
            problem = "the bundle is missing"
        if problem and version != "editable":
            raise SystemExit(f"The JupyterLab extension cannot be built: {problem}.")
        if problem:
            self.app.display_warning(f"Headstart is installed without its panel: {problem}.")
        elif self.target_name == "wheel":
            build_data["shared_data"][str(source / "build")] = SHARE
            build_data["shared_data"][str(source / "install.json")] = f"{SHARE}/install.json"


def build(source: Path) -> str:
    """Install what the lock says if that is newer than what is there, build; say what failed."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm was not found; install Node.js 20.19 or newer"
    installed = source / "node_modules" / ".package-lock.json"
    lock = source / "package-lock.json"
    steps = [["run", "--silent", "build"]]
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        steps.insert(0, ["ci", "--no-audit", "--no-fund"])
    for step in steps:
        if subprocess.run([npm, *step], cwd=source, check=False).returncode:
            return f"'npm {' '.join(step)}' failed in {source.name}"
    return ""
