from __future__ import annotations

import errno
from pathlib import Path

import pytest

from headstart.store.disk import syscalls
from headstart.store.disk.syscalls import rename_exclusive, sync_file_system


@pytest.fixture(params=["the system's", "none"])
def renames(request, monkeypatch):
    """Renaming as this system does it, and as one without such a system call does."""
    if request.param == "none":
        monkeypatch.setattr(syscalls, "_call", lambda *_: errno.ENOSYS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").touch()
    return tmp_path / "source"


@pytest.mark.usefixtures("renames")
def test_a_folder_is_renamed_to_where_nothing_is(source: Path, tmp_path: Path) -> None:
    assert rename_exclusive(source, tmp_path / "target")
    assert (tmp_path / "target/file").exists()
    assert not source.exists()


@pytest.mark.usefixtures("renames")
@pytest.mark.parametrize("content", [[], ["file"]])
def test_a_folder_is_never_renamed_onto_another(source, tmp_path, content) -> None:
    (tmp_path / "target").mkdir()
    for name in content:
        (tmp_path / "target" / name).write_text("theirs")
    assert not rename_exclusive(source, tmp_path / "target")
    assert [path.name for path in (tmp_path / "target").iterdir()] == content
    assert (source / "file").exists()


@pytest.mark.usefixtures("renames")
def test_a_folder_is_never_renamed_onto_a_link(source: Path, tmp_path: Path) -> None:
    (tmp_path / "target").symlink_to("nowhere")
    assert not rename_exclusive(source, tmp_path / "target")


@pytest.mark.usefixtures("renames")
def test_a_rename_that_fails_with_nothing_at_the_target_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rename_exclusive(tmp_path / "missing", tmp_path / "target")


def test_a_plain_rename_would_replace_an_empty_folder(source: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    source.rename(tmp_path / "target")
    assert (tmp_path / "target/file").exists()


def test_a_rename_that_failed_because_it_was_done_before_is_lost(source, monkeypatch) -> None:
    monkeypatch.setattr(syscalls, "_call", lambda *_: errno.ENOENT)
    assert not rename_exclusive(source.parent / "missing", source)


def test_a_sync_that_fails_is_an_error(tmp_path: Path, monkeypatch) -> None:
    sync_file_system(tmp_path)
    monkeypatch.setattr(syscalls, "_call", lambda *_: errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        sync_file_system(tmp_path)
    monkeypatch.setattr(syscalls, "_call", lambda *_: errno.ENOSYS)
    sync_file_system(tmp_path)
