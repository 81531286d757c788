"""A store that cannot be written is still good for what is in it."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from headstart.errors import DiskFull, StoreError
from headstart.store.disk.os_errors import explained
from headstart.store.layout import Layout
from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, answer, fill

READ = """
import fcntl, os, sys
from pathlib import Path
from headstart.errors import StoreError
from headstart.store.store import Store
from tests.store.helpers import *

become_ordinary(Path(sys.argv[1]), owner=False)
store = Store(Path(sys.argv[1]))
with store.find(KIND, KEY) as leased:
    print(leased.environment.key == KEY, leased.lease.fileno() > 2)
print(store.find(KIND, OTHER_KEY), store.recall_lock(KEY), len(store.entries()))
for act in (lambda: store.build(KIND, OTHER_KEY, fill), lambda: store.remember_lock(KEY, "new"),
            lambda: store.scratch().__enter__(), lambda: store.build_ephemeral(fill)):
    try:
        act()
    except StoreError as error:
        print("HEADSTART_STORE" in str(error) and str(store.root) in str(error))
"""


@pytest.mark.parametrize("leases", [True, False])
def test_a_store_that_cannot_be_written_is_used_as_it_is(store: Store, leases: bool) -> None:
    store.build(KIND, KEY, fill).close()
    store.remember_lock(KEY, "old")
    if not leases:  # as in a copy
        Layout(store.root).lease(KEY).unlink()
    lines = answer(READ, store.root).split("\n")
    assert lines == ["True True", "None old 1", *["True"] * 4]


def test_a_damaged_environment_in_such_a_store_is_not_used(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    (Layout(store.root).prefix(KIND, KEY) / "pyvenv.cfg").unlink()
    read = READ.split("with store")[0] + "print(store.find(KIND, KEY))"
    assert answer(read, store.root) == "None"


def test_the_lease_of_a_reader_counts_for_users_who_can_write(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    with Layout(store.root).lease(KEY).open("r") as readable:
        fcntl.flock(readable, fcntl.LOCK_SH)
        assert not store.remove(KIND, KEY)
    assert store.remove(KIND, KEY)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_an_error_of_its_own(number: int) -> None:
    with pytest.raises(DiskFull, match="no room left for the store some"), explained(Path("some")):
        raise OSError(number, "Full", "file")


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE])
def test_every_other_error_names_the_file_and_the_way_out(number: int) -> None:
    with pytest.raises(StoreError, match=r"\(file\)\. Set HEADSTART_STORE"), explained(Path("a")):
        raise OSError(number, "Wrong", "file")
