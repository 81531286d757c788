from __future__ import annotations

import os
import subprocess
from pathlib import Path

from headstart.core.store.accounting import Amount, total
from headstart.store.gc.disk_usage import REST, measure
from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, LAYER, OTHER_KEY, SITE_PACKAGES, fill


def held_by(layout: Layout, *holders: str) -> Amount:
    return total(share for share in measure(layout) if share.holders == {*holders})


def size_of(path: Path) -> Amount:
    return Amount(path.lstat().st_blocks * 512, 1)


def test_the_store_takes_what_du_says(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    store.build(LAYER, OTHER_KEY, fill).close()
    store.remember_lock(KEY, "text" * 5000)
    layout = Layout(store.root)
    (layout.uv_cache / "simple-v1").mkdir(parents=True)
    (layout.uv_cache / "simple-v1" / "index").write_bytes(b"x" * 10_000)
    os.link(layout.remembered(KEY), layout.uv_cache / "linked")
    expected = [
        int(subprocess.check_output(["du", "-s", *options, layout.version]).split()[0])
        for options in (["-B1"], ["--inodes"])
    ]
    assert total(measure(layout)) == Amount(*expected)


def test_files_are_held_by_all_that_link_to_them(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    layout = Layout(store.root)
    archive = layout.uv_cache / "archive-v0" / "random"
    wheel = layout.wheels / ("c" * 64)
    for folder in (archive, archive / "answer-1.0.dist-info", wheel / "cp311" / "tree"):
        folder.mkdir(parents=True)
    module = layout.prefix(KIND, KEY) / SITE_PACKAGES / "answer" / "__init__.py"
    os.link(module, archive / "module.py")
    os.link(module, archive / "twice.py")
    os.link(module, wheel / "cp311" / "tree" / "module.py")
    holders = (f"environment/{KEY}", "download/answer/1.0", f"wheel/{wheel.name}")
    assert held_by(layout, *holders) == size_of(module)
    assert held_by(layout, holders[1]).inodes == 2, "its folders"
    assert held_by(layout, holders[2]).inodes == 3


def test_bytecode_is_its_environments(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    layout = Layout(store.root)
    before = held_by(layout, f"environment/{KEY}")
    folder = store.pycache(KIND, KEY)
    folder.mkdir(parents=True)
    (folder / "module.pyc").write_bytes(b"x" * 9000)
    (layout.bytecode / "usr").mkdir()
    rest = held_by(layout, REST)
    assert held_by(layout, f"environment/{KEY}") - before == (
        size_of(folder) + size_of(folder / "module.pyc")
    )
    assert rest.inodes > 1


def test_an_empty_store_takes_its_folders(layout: Layout) -> None:
    (share,) = measure(layout)
    assert share.holders == {REST}
    assert share.amount.inodes == 1 + len(list(layout.version.iterdir()))
