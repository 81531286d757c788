"""Make wheels for tests, so that they need no index and no network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["make_sdist", "make_wheel", "record_digest"]

# Fixed, so that the same call yields the same bytes and the same hash.
_ZIP_DATE = (2020, 2, 2, 0, 0, 0)


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    modules: Mapping[str, str] | None = None,
    requires: Iterable[str] = (),
    *,
    tag: str = "py3-none-any",
    requires_python: str = "",
    scripts: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    compressed: bool = False,
) -> Path:
    """Write a wheel and return its path. The same arguments yield the same bytes.

    :param folder: where the wheel goes; made if it is missing.
    :param modules: paths in site-packages to their text; one module named like the distribution,
        with ``__version__``, if it is None.
    :param requires: PEP 508 lines.
    :param tag: compatibility tag of the file name.
    :param scripts: console scripts, name to ``module:function``.
    :param files: other files, by their path in the archive (``{dist_info}`` and ``{data}`` are
        replaced by the two folders whose names depend on the distribution's).
    :param metadata: other fields of METADATA, such as ``Summary``.
    :param compressed: deflate what is in it; the bytes then depend on the zlib that does it.
    """
    stem = f"{name.replace('-', '_')}-{version}"
    if modules is None:
        modules = {f"{name.replace('-', '_')}.py": f"__version__ = {version!r}\n"}
    folders = {"dist_info": f"{stem}.dist-info", "data": f"{stem}.data"}
    fields = [("Metadata-Version", "2.1"), ("Name", name), ("Version", version)]
    fields += [*(metadata or {}).items()]
    fields += [("Requires-Python", requires_python)] if requires_python else []
    fields += [("Requires-Dist", line) for line in requires]
    content = {
        **modules,
        **{path.format(**folders): text for path, text in (files or {}).items()},
        f"{stem}.dist-info/METADATA": "".join(f"{key}: {value}\n" for key, value in fields),
        f"{stem}.dist-info/WHEEL": _wheel_file(tag),
    }
    if scripts:
        lines = "".join(f"{script} = {target}\n" for script, target in scripts.items())
        content[f"{stem}.dist-info/entry_points.txt"] = f"[console_scripts]\n{lines}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{tag}.whl"
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    _write_archive(path, content, f"{stem}.dist-info/RECORD", method)
    return path


def make_sdist(folder: Path, name: str, version: str) -> Path:
    """Write an empty file that an index lists as a source distribution."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}.tar.gz"
    path.write_bytes(b"")
    return path


def _wheel_file(tag: str) -> str:
    pure = str(tag.endswith("-any")).lower()
    return f"Wheel-Version: 1.0\nGenerator: headstart\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"


def _write_archive(path: Path, content: Mapping[str, str], record: str, method: int) -> None:
    lines = [
        f"{name},{record_digest(text.encode())},{len(text.encode())}\n"
        for name, text in content.items()
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**content, record: "".join([*lines, f"{record},,\n"])}.items():
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            # Readable by all; zipfile's default is 0600.
            info.external_attr = 0o644 << 16
            archive.writestr(info, text, method)


def record_digest(content: bytes) -> str:
    """The hash of a file, as RECORD has it."""
    digest = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
