"""The METADATA of a wheel that has been installed once."""

from __future__ import annotations

from contextlib import suppress
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.store.parts import BYTECODE, TREE, Record
from ...errors import EnvironmentDamaged
from ..disk.trees import digest_of, read_text
from ..layout import NAME, Layout
from .part_store import RECORD


def wheel_metadata(layout: Layout, name: str, sha256: str) -> str | None:
    """The METADATA of a wheel, as it was installed; None if the store does not have it whole.

    :param name: of the distribution, normalised.
    :param sha256: of the wheel, in hex.
    """
    if NAME.fullmatch(sha256) is None:
        return None
    for folder in sorted((layout.wheels / sha256).glob("*")):
        if not folder.name.endswith(BYTECODE):
            with suppress(OSError, EnvironmentDamaged, UnicodeDecodeError):
                text = read_text(folder / RECORD)
                record = Record.from_json(text, f"{sha256}/{folder.name}")
                if text := _metadata_of(folder / TREE, record, name):
                    return text
    return None


def _metadata_of(tree: Path, record: Record, name: str) -> str:
    for path, (sha256, _, _) in record.files.items():
        # By its digest, for what the store has may be damaged, and a wheel may hold several.
        if path.endswith(".dist-info/METADATA") and digest_of(f"{tree}/{path}") == sha256:
            # Without the description after the first empty line, which is often the whole README.
            text = (tree / path).read_text("utf-8", "replace").partition("\n\n")[0]
            if canonicalize_name(str(HeaderParser().parsestr(text)["Name"])) == name:
                return text
    return ""
