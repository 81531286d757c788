"""Where several hosts share a store, or locks do not work, what may be in use stays."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from pathlib import Path

import pytest

from headstart.store.disk.file_locks import try_lock
from headstart.store.disk.filesystem import host_name, mounted_type, type_in
from headstart.store.disk.trees import sealed
from headstart.store.host_layout import adapt
from headstart.store.layout import Layout
from headstart.store.leases import QUIET, take_lease
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, answer, fill, start

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:2 master:1 - nfs4 server:/export/home rw,vers=4.2
31 30 0:41 / /home/me/with\040space rw - fuse.sshfs there: rw
32 22 0:42 / /local rw - xfs /dev/sdb rw
33 32 0:43 / /local rw - tmpfs tmpfs rw
"""

# A file system without locks, as far as this process can tell.
NO_LOCKS = """
import errno, fcntl, os, sys
from pathlib import Path

def refuse(descriptor, operation):
    raise OSError(errno.ENOLCK, "No locks available")

fcntl.flock = refuse

from headstart.store.store import Store
from tests.store.helpers import *

store = Store(Path(sys.argv[1]))
with store.build(KIND, KEY, fill) as leased, store.find(KIND, KEY):
    store.remember_lock(KEY, "text")
    print(store.recall_lock(KEY), store.remove_leftovers(), store.remove(KIND, KEY))
    print([entry.in_use for entry in store.entries()])
print(store.remove(KIND, KEY))
os.utime(next(store.root.glob(f"v1/leases/*/{KEY}")), (1, 1))
print([entry.in_use for entry in store.entries()], store.remove(KIND, KEY))
"""


KILLED_BEFORE_THE_RENAME = """
import os, signal, sys
from pathlib import Path
from headstart.files import replace_file

os.replace = lambda *_paths: os.kill(os.getpid(), signal.SIGKILL)
replace_file(Path(sys.argv[1]), b"{}")
"""


def shared_store(root: Path, **fields) -> Store:
    """A store that seems to be on a network."""
    layout = Layout(root)
    layout.make()
    layout.hosts.mkdir()
    stamp = {"type": "nfs4", "locks": True, "device": root.stat().st_dev, **fields}
    (layout.hosts / host_name()).write_text(sealed(host_name(), json.dumps(stamp)))
    (layout.hosts / "elsewhere").touch()
    return Store(root)


def lease_elsewhere(root: Path, age: float = 0.0) -> Path:
    lease = Layout(root)._replace(host="elsewhere").lease(KEY)
    lease.parent.mkdir(exist_ok=True)
    take_lease(lease, create=True).close()
    os.utime(lease, (time.time() - age,) * 2)
    return lease


@pytest.mark.parametrize(
    "path, kind",
    [
        ("/srv", "ext4"),
        ("/home/me", "nfs4"),
        ("/home/me/with space/store", "fuse.sshfs"),
        ("/homework", "ext4"),
        ("/local/store", "tmpfs"),
    ],
)
def test_the_nearest_mount_says_what_a_path_is_on(path: str, kind: str) -> None:
    assert type_in(MOUNTS, path) == kind


def test_what_tests_run_on_is_known() -> None:
    assert mounted_type(Path("/proc/self")) == "proc"


def test_on_a_local_disk_leases_have_no_host(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    assert (store.root / "v1" / "leases" / KEY).is_file()
    assert not (store.root / "v1" / "hosts").exists()


def test_where_hosts_share_the_store_each_has_its_leases(store_root: Path) -> None:
    store = shared_store(store_root)
    with store.build(KIND, KEY, fill):
        lease = store_root / "v1" / "leases" / host_name() / KEY
        assert try_lock(lease) is None
        assert not store.remove(KIND, KEY)
    assert store.remove(KIND, KEY)


def test_what_a_killed_process_was_about_to_write_is_no_host(store_root: Path) -> None:
    layout = shared_store(store_root).layout
    others = list(layout.other_leases(KEY))
    with start(KILLED_BEFORE_THE_RENAME, layout.hosts / host_name()) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert len(list(layout.hosts.iterdir())) == 3
    assert list(layout.other_leases(KEY)) == others
    assert len(others) == 2


def test_what_another_host_used_lately_counts_as_used(store_root: Path) -> None:
    store = shared_store(store_root)
    store.build(KIND, KEY, fill).close()
    lease_elsewhere(store_root)
    assert [entry.in_use for entry in store.entries()] == [True]
    assert not store.remove(KIND, KEY)
    lease_elsewhere(store_root, age=QUIET + 60)
    assert [entry.in_use for entry in store.entries()] == [False]
    assert store.remove(KIND, KEY)


def test_a_lock_of_another_host_that_this_one_sees_counts_for_ever(store_root: Path) -> None:
    store = shared_store(store_root)
    store.build(KIND, KEY, fill).close()
    with take_lease(lease_elsewhere(store_root), create=False) as held:
        os.utime(held.fileno(), (1, 1))
        assert not store.remove(KIND, KEY)
    assert store.remove(KIND, KEY)


def test_the_last_use_on_any_host_is_the_last_use(store_root: Path) -> None:
    store = shared_store(store_root)
    store.build(KIND, KEY, fill).close()
    elsewhere = lease_elsewhere(store_root, age=-1000)
    assert store.entries()[0].last_used == elsewhere.stat().st_mtime


def test_a_build_of_another_host_is_no_leftover_for_a_day(store_root: Path) -> None:
    store = shared_store(store_root)
    folder = Layout(store_root).building / f"{KEY}.elsewhere"
    folder.mkdir()
    (folder / "lock").touch()
    assert store.remove_leftovers() == []
    os.utime(folder / "lock", (1, 1))
    assert store.remove_leftovers() == [f"building/{folder.name}"]


def test_without_locks_what_was_used_lately_counts_as_used(store_root: Path) -> None:
    lines = answer(NO_LOCKS, store_root).split("\n")
    assert lines == ["text [] False", "[True]", "False", "[False] True"]


def test_a_shared_store_is_logged_once(store_root, caplog) -> None:
    caplog.set_level(logging.WARNING)
    answer(NO_LOCKS, store_root)
    layout = Layout(store_root)
    stamp = layout.hosts / host_name()
    assert '"locks": false' in stamp.read_text()
    assert adapt(layout).host == host_name()
    assert caplog.messages == []
    stamp.unlink()
    adapt(layout)
    assert (layout.file_system).is_file(), "the locks of this process do work"


def test_a_store_that_was_moved_to_another_disk_is_looked_at_again(store_root: Path) -> None:
    store = shared_store(store_root, device=-1)
    with store.build(KIND, KEY, fill):
        assert (store_root / "v1" / "leases" / KEY).is_file()


def test_a_stamp_that_cannot_be_read_is_none(store_root: Path) -> None:
    layout = Layout(store_root)
    layout.make()
    layout.file_system.write_text('{"type": 1}')
    assert adapt(layout) == layout
    assert '"locks": true' in layout.file_system.read_text()
