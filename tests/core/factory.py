"""Notebooks, locks and interpreters for the tests of pure code."""

from __future__ import annotations

from typing import Any

from headstart.core.header.normalise import spec_of
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import EnvironmentSpec, Header
from headstart.core.interpreter import Interpreter
from headstart.core.notebook.find import Cell, Notebook, find_header

SHA = "ab" * 32
LINUX = Interpreter(
    path="/usr/bin/python3.12",
    version="3.12.1",
    implementation="cpython",
    platform="linux-x86_64",
    tags=(
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-abi3-manylinux_2_17_x86_64",
        "py3-none-any",
    ),
    markers={
        "implementation_name": "cpython",
        "implementation_version": "3.12.1",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "6.1",
        "platform_system": "Linux",
        "platform_version": "1",
        "python_full_version": "3.12.1",
        "python_version": "3.12",
        "sys_platform": "linux",
    },
)


def block(*lines: str) -> str:
    """A PEP 723 block with the TOML lines in it."""
    commented = [f"# {line}" if line else "#" for line in lines]
    return "\n".join(["# /// script", *commented, "# ///"])


def notebook(*sources: str, metadata: object = None, kind: str = "code") -> Notebook:
    """A notebook of code cells; ``metadata`` is the value under its ``headstart`` key."""
    cells = tuple(Cell(index, kind, source) for index, source in enumerate(sources))
    return Notebook(cells, {} if metadata is None else {"headstart": metadata})


def header_of(nb: Notebook) -> Header:
    """The header of a notebook that has one."""
    found = find_header(nb)
    assert found is not None
    return parse_header(found)


def cell_header(*lines: str) -> Header:
    """The header that the TOML lines give in a cell."""
    return header_of(notebook(block(*lines)))


def metadata_header(**fields: Any) -> Header:
    """The header that the fields give in the metadata; ``_`` in a name means ``-``."""
    return header_of(
        notebook(metadata={name.replace("_", "-"): value for name, value in fields.items()})
    )


def spec_for(dependencies: object) -> EnvironmentSpec:
    """The spec of ``dependencies`` in the metadata."""
    return spec_of(metadata_header(dependencies=dependencies))


def wheel_line(filename: str, *, sha: str = SHA, url: str = "") -> str:
    """One wheel of a lock, as uv writes it."""
    url = url or f"https://files.example.org/{filename}"
    return f'{{ url = "{url}", hashes = {{ sha256 = "{sha}" }} }}'


def package_lines(name: str, version: str, *wheels: str, extra: str = "") -> str:
    """One package of a lock, as uv writes it."""
    return (
        f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\n{extra}'
        f"\nwheels = [{', '.join(wheels)}]\n"
    )


def lock_text(*packages: str, top: str = "") -> str:
    """A lock, as uv writes it."""
    tables = "".join(packages) if packages or "packages" in top else "packages = []\n"
    return f'lock-version = "1.0"\ncreated-by = "uv"\n{top}\n{tables}'


def pure(name: str, version: str, *, sha: str = SHA) -> str:
    """A package with one wheel for every Python."""
    wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return package_lines(name, version, wheel_line(wheel, sha=sha))
