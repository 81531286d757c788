"""Files are read within bounds, and written without harm to what is no file of the user's alone."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from headstart import files
from headstart.files import read_regular, replace_file, write_file

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices and gives files")

OTHER_USER = 65534


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """What ``/dev/null`` is, in a folder of the test's own."""
    path = tmp_path / "null"
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    return path


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- reading --------------------------------------------------------------------------------------


def test_a_file_is_read_behind_a_link(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "link").symlink_to("a")

    assert read_regular(tmp_path / "link") == b"content"


def test_a_file_that_says_it_has_no_size_is_read():
    assert read_regular("/proc/self/status").startswith(b"Name:")


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path):
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)

    with pytest.raises(OSError, match="larger than 512 MiB"):
        read_regular(path)
    with pytest.raises(OSError, match="larger than 10 KiB"):
        read_regular(path, 10 * 1024)


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="not a regular file"):
        read_regular(tmp_path / "pipe")


@root_only
def test_a_device_is_not_opened(device: Path):
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(device)


@pytest.mark.parametrize("number", [errno.ELOOP, errno.EISDIR, errno.ENOENT])
def test_what_is_no_file_is_an_error(tmp_path: Path, number: int):
    (tmp_path / "loop").symlink_to("loop")
    name = {errno.ELOOP: "loop", errno.EISDIR: ".", errno.ENOENT: "none"}[number]

    with pytest.raises(OSError, match=r".") as caught:
        read_regular(tmp_path / name)

    assert caught.value.errno == number


# -- writing --------------------------------------------------------------------------------------


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path):
    (tmp_path / "plain").touch()

    write_file(tmp_path / "new", b"content")

    assert (tmp_path / "new").read_bytes() == b"content"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_is_replaced_and_its_permissions_stay(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with path.open("rb") as reader:
        write_file(path, b"new")
        assert reader.read() == b"old"

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path):
    (tmp_path / "to").mkdir()
    (tmp_path / "link").symlink_to("to/file")

    write_file(tmp_path / "link", b"one")
    write_file(tmp_path / "link", b"two")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "to" / "file").read_bytes() == b"two"
    assert entries(tmp_path / "to") == ["file"]


def test_all_names_of_a_file_get_the_new_content(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"old and longer")
    (tmp_path / "b").hardlink_to(tmp_path / "a")

    write_file(tmp_path / "a", b"new")

    assert (tmp_path / "b").read_bytes() == b"new"
    assert (tmp_path / "a").samefile(tmp_path / "b")
    assert entries(tmp_path) == ["a", "b"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EOPNOTSUPP])
def test_a_file_that_is_written_in_place_stays_if_there_is_no_room_for_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").hardlink_to(tmp_path / "a")

    def run_out_of_space(descriptor: int, _offset: int, length: int) -> None:
        os.ftruncate(descriptor, length - 1)  # as a disk that has become full half-way
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", run_out_of_space)
    with contextlib.ExitStack() as expected:
        if number == errno.ENOSPC:
            expected.enter_context(pytest.raises(OSError, match="No space left"))
        write_file(tmp_path / "a", b"new content")

    assert (tmp_path / "b").read_bytes() == (b"old" if number == errno.ENOSPC else b"new content")


def test_attributes_that_cannot_be_kept_are_no_reason_not_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    before = path.stat().st_ino
    monkeypatch.setattr(os, "listxattr", lambda _path: ["system.nfs4_acl"])

    write_file(path, b"new")

    assert (path.read_bytes(), path.stat().st_ino) == (b"new", before)
    assert entries(tmp_path) == ["a"]


def test_a_write_protected_file_stays_for_root_too(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)

    with pytest.raises(PermissionError, match="write-protected"):
        write_file(path, b"new")

    assert path.read_bytes() == b"old"
    assert entries(tmp_path) == ["a"]


@root_only
def test_the_owner_of_a_file_stays_if_root_writes_it(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    os.chown(path, OTHER_USER, OTHER_USER)

    write_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert (path.stat().st_uid, path.stat().st_gid) == (OTHER_USER, OTHER_USER)


WRITE = """
import os, sys
from headstart.files import write_file
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
write_file(sys.argv[1], b"new")
"""


def write_as_a_user(path: Path) -> None:
    """Write a file as a user whom permissions hold."""
    for folder in path.parents[1:4]:
        folder.chmod(folder.stat().st_mode | 0o011)
    done = subprocess.run([sys.executable, "-c", WRITE, path], capture_output=True, text=True)
    assert done.stderr == ""


@root_only
def test_a_file_of_another_owner_is_written_in_place_where_that_is_allowed(tmp_path: Path):
    tmp_path.chmod(0o777)
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o666)
    before = path.stat()

    write_as_a_user(path)

    assert path.read_bytes() == b"new"
    assert (path.stat().st_uid, path.stat().st_ino) == (before.st_uid, before.st_ino)
    assert entries(tmp_path) == ["a"]


def test_a_file_in_a_folder_that_cannot_be_written_is_written_in_place(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o666)
    tmp_path.chmod(0o555)

    write_as_a_user(path)

    tmp_path.chmod(0o700)
    assert path.read_bytes() == b"new"


def test_extended_attributes_stay(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("This file system has no attributes of users.")

    write_file(path, b"new")

    assert os.getxattr(path, "user.note") == b"kept"


@root_only
def test_a_device_is_written_to_and_stays_a_device(device: Path):
    write_file(device, b"content" * 10_000)

    assert stat.S_ISCHR(device.stat().st_mode)
    assert entries(device.parent) == ["null"]


def test_a_pipe_gets_the_content_if_somebody_reads_it(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = os.urandom(300_000)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    with pytest.raises(OSError, match="a pipe without a reader"):
        write_file(pipe, content)
    # Held open, so that it does not matter who comes first; it has room for a part only.
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    reader.start()

    write_file(pipe, content)

    reader.join(30)
    os.close(held)
    assert got == [content]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_that_nobody_empties_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(files, "_PIPE_TIMEOUT", 0.1)
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    with pytest.raises(TimeoutError, match="its reader has stopped reading"):
        write_file(pipe, b"x" * 300_000)

    os.close(held)


def test_standard_output_can_be_named(tmp_path: Path):
    code = "from headstart.files import write_file; write_file('/dev/stdout', b'content')"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True)

    assert done.stdout == b"content"
    assert done.stderr == b""


def test_a_folder_stays(tmp_path: Path):
    (tmp_path / "a").mkdir()

    with pytest.raises(IsADirectoryError, match="a folder"):
        write_file(tmp_path / "a", b"content")


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_a_regular_file_is_replaced(tmp_path: Path, kind: str):
    path = tmp_path / "a"
    {
        "folder": path.mkdir,
        "link": lambda: path.symlink_to("elsewhere"),
        "pipe": lambda: os.mkfifo(path),
    }[kind]()
    before = path.lstat()

    with pytest.raises(OSError, match="it is"):
        replace_file(path, b"content")

    assert path.lstat() == before
    assert entries(tmp_path) == ["a"]
