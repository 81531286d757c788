"""Small parts, and environments that are put together from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from headstart.core.store.manifest import Manifest
from headstart.core.store.parts import TREE, part_name
from headstart.store.parts.assemble import assemble
from headstart.store.parts.part_store import Part, record_part
from headstart.store.store import Fill, Store
from tests.store.helpers import SITE_PACKAGES, manifest

TAG = "cp311"
MODULE = f"{SITE_PACKAGES}/answer/__init__.py"
SKELETON = {"pyvenv.cfg": "home = elsewhere\n", f"{SITE_PACKAGES}/zz.pth": ""}


def name_of(digit: str, end: str = "") -> str:
    return part_name(digit * 64, TAG) + end


def add_part(store: Store, name: str, files: Mapping[str, str], links: object = ()) -> Part:
    """Publish a part that has these files."""
    with store.parts.building() as folder:
        top = folder / "part" / TREE
        top.mkdir(parents=True)
        for path, text in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text)
        for path, link in dict(links).items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).symlink_to(link)
        record_part(folder / "part", name)
        return store.parts.publish({name: folder / "part"})[name]


def two_parts(store: Store) -> list[Part]:
    """What a wheel brings, and a skeleton; both are added if they are missing."""
    wheel = {MODULE: "value = 42\n", "bin/tool": "#!/bin/sh\n"}
    existing = [store.parts.find(name_of("1")), store.parts.find(name_of("2"))]
    return [
        existing[0] or add_part(store, name_of("1"), wheel),
        existing[1] or add_part(store, name_of("2"), SKELETON, {"bin/python": "/bin/sh"}),
    ]


def filling(parts: Sequence[Part], mode: str = "hardlink", *, share_bytecode: bool = False) -> Fill:
    """Assemble an environment from parts, with one file of its own."""

    def fill(prefix: Path) -> Manifest:
        assemble(prefix, parts, mode, share_bytecode=share_bytecode)
        (prefix / "share").mkdir(exist_ok=True)
        (prefix / "share/ours").write_text("ours")
        names = tuple(part.name for part in parts)
        return manifest(parts=names, shares_bytecode=share_bytecode)

    return fill
