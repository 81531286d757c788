"""Whether an environment is right, by what the wheels themselves say: none of our own records.

Every file of every wheel must be there with the bytes that the zip file has, nothing else may be
there but what installers add, bytecode must be what its source compiles to, and every top-level
module must import.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.waiting import LIMIT

OUR_FILES = frozenset({"00_headstart.pth", "zz_headstart.pth", "_virtualenv.pth", "_virtualenv.py"})
INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"})
"""What an installer writes into ``.dist-info`` (PyPA's "Recording installed projects")."""

IMPORT = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


class Oracle:
    """Looks at environments; the same one is imported from once, and hashed every time.

    :param wheels: by the environment's key, the wheels that it must consist of.
    :param packages: folders of ours that a layer has besides its wheels.
    """

    def __init__(
        self, wheels: Mapping[str, Iterable[Path]], packages: Mapping[str, Path] | None = None
    ) -> None:
        self.wheels = {key: tuple(paths) for key, paths in wheels.items()}
        self.packages = dict(packages or {})
        self._imported: set[tuple[int, int]] = set()

    def check_store(self, root: Path, *, imports: bool = True) -> tuple[int, list[str]]:
        """How many environments and layers there are under their keys, and all that is wrong."""
        found = [
            prefix
            for kind in ("environments", "layers")
            for prefix in sorted((root / "v1" / kind).glob("*"))
        ]
        return len(found), [
            line for prefix in found for line in self.check(prefix, imports=imports)
        ]

    def check(self, prefix: Path, key: str = "", *, imports: bool = True) -> list[str]:
        """One line if anything is wrong with an environment.

        :param key: if its folder is not called like it.
        """
        wheels = self.wheels.get(key or prefix.name)
        if wheels is None:
            return [f"{prefix.name[:12]} was never asked for"]
        status = prefix.stat()
        wrong = list(self._wrong_files(prefix, wheels))
        if imports and not wrong and (status.st_ino, status.st_mtime_ns) not in self._imported:
            wrong += _wrong_imports(prefix, wheels)
            self._imported.add((status.st_ino, status.st_mtime_ns))
        return [f"{prefix.name[:12]}: {wrong[0]} ({len(wrong)} in all)"] if wrong else []

    def _wrong_files(self, prefix: Path, wheels: Iterable[Path]) -> Iterator[str]:
        site_packages = next(prefix.glob("lib/python*/site-packages"), None)
        if site_packages is None:
            yield "it has no site-packages"
            return
        expected = {
            path: digest
            for wheel in wheels
            for path, digest in installed_files(wheel, site_packages, prefix).items()
        }
        for name, source in self.packages.items():
            if (site_packages / name).exists():
                expected |= _folder(source, site_packages / name)
        for path, digest in expected.items():
            if _sha256(path) != digest:
                yield f"{path.relative_to(prefix)} is not as in its wheel"
        for path in _all_files(site_packages):
            if path not in expected:
                yield from _wrong_extra(path, site_packages)


def _all_files(top: Path) -> Iterator[Path]:
    """Every file below a folder, also in folders that are links."""
    for path in top.iterdir():
        if path.is_dir():
            yield from _all_files(path)
        elif path.is_file():
            yield path
        elif path.is_symlink():
            # Bytecode that is gone is missed by nobody but the full check.
            assert path.name == "__pycache__", f"{path} leads nowhere"


def installed_files(wheel: Path, site_packages: Path, prefix: Path) -> dict[Path, str]:
    """Where each file of a wheel goes, with its SHA-256; not those that installers rewrite."""
    places = {"purelib": site_packages, "platlib": site_packages, "data": prefix}
    found = {}
    for name, digest in _content(wheel).items():
        top, _, rest = name.partition("/")
        if top.endswith(".data"):
            scheme, _, rest = rest.partition("/")
            if scheme in places:
                found[places[scheme] / rest] = digest
        elif not (top.endswith(".dist-info") and rest in INSTALLERS):
            found[site_packages / name] = digest
    return found


def top_level_modules(wheel: Path) -> list[str]:
    """The names that a wheel brings to ``import``."""
    found = set()
    for name in _content(wheel):
        top, _, rest = name.partition("/")
        if not rest and top.endswith((".py", ".so")):
            found.add(top.partition(".")[0])
        elif rest == "__init__.py":
            found.add(top)
    return sorted(found)


@cache
def _content(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def _folder(source: Path, target: Path) -> dict[Path, str]:
    files = [path for path in source.rglob("*") if "__pycache__" not in path.parts]
    return {target / path.relative_to(source): _sha256(path) for path in files if path.is_file()}


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return str(error)


def _wrong_extra(path: Path, site_packages: Path) -> Iterator[str]:
    """What is wrong with a file that no wheel has."""
    place = path.relative_to(site_packages)
    if path.parent.name == "__pycache__":
        if not _is_bytecode_of(path, path.parent.parent / f"{path.name.partition('.')[0]}.py"):
            yield f"{place} is not the bytecode of its source"
    elif path.parent.name.endswith(".dist-info"):
        if path.name not in INSTALLERS or (path.name == "RECORD" and not path.stat().st_size):
            yield f"{place} is no installer's"
    elif not (path.parent == site_packages and path.name in OUR_FILES):
        yield f"{place} is in no wheel"


def _is_bytecode_of(path: Path, source: Path) -> bool:
    """Whether this file (PEP 552) holds the code of a source file, however it is checked."""
    if sys.implementation.cache_tag not in path.name:
        return True
    if not source.is_file():
        return False
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # a folder of bytecode, to which it has a link, was just pruned
        return path.parent.is_symlink()
    text = source.read_bytes()
    if int.from_bytes(data[4:8], "little") & 1 and data[8:16] != importlib.util.source_hash(text):
        return False
    compiled = compile(text, str(source), "exec", dont_inherit=True)
    return data[:4] == importlib.util.MAGIC_NUMBER and marshal.loads(data[16:]) == compiled


def _wrong_imports(prefix: Path, wheels: Iterable[Path]) -> list[str]:
    names = [name for wheel in wheels for name in top_level_modules(wheel)]
    python = prefix / "bin" / "python"
    if not python.exists():
        return ["it has no Python"]
    command = [python, "-I", "-B", "-c", IMPORT, *names]
    done = subprocess.run(command, env={}, capture_output=True, text=True, timeout=LIMIT)
    return [f"import: {done.stderr.strip()[-300:]}"] if done.returncode else []
