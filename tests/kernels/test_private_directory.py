"""Where kernels and zygotes listen: never in a folder that others may enter, or have made."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_client.manager import AsyncKernelManager

from headstart.kernels.jupyter import transport
from headstart.kernels.launch.zygote.zygote_launcher import zygote_folder
from headstart.kernels.private_directory import private_folder

ANOTHER_USER = 65534


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hs-", dir="/tmp")) / "runtime"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder.parent))
    return folder


def socket_folder() -> Path:
    manager = AsyncKernelManager(kernel_name="python3")
    transport.prefer_ipc(manager, "auto")
    assert manager.transport == "ipc"
    return Path(manager.ip).parent


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o711])
def test_a_runtime_folder_that_others_may_enter_is_made_private(runtime: Path, mode: int) -> None:
    (runtime / "zygotes").mkdir(parents=True)
    for folder in (runtime / "zygotes", runtime):
        folder.chmod(mode)
    assert (socket_folder(), zygote_folder()) == (runtime, runtime / "zygotes")
    for folder in (runtime / "zygotes", runtime):
        assert folder.stat().st_mode & 0o777 == 0o700


def link(path: Path) -> None:
    (path.parent / "elsewhere").mkdir(exist_ok=True)
    path.symlink_to(path.parent / "elsewhere")


def another_users(path: Path) -> None:
    """Root's tests alone can make one; others use one that is there."""
    if os.geteuid() == 0:
        path.mkdir(mode=0o777)
        os.chown(path, ANOTHER_USER, ANOTHER_USER)
    else:
        path.symlink_to("/usr")


@pytest.mark.parametrize("plant", [link, another_users, Path.touch])
def test_a_folder_that_somebody_has_planted_is_not_used(
    runtime: Path, plant: Callable[[Path], None]
) -> None:
    plant(runtime)
    plant(runtime.with_name(f"headstart-{os.geteuid()}"))
    shared = socket_folder()
    assert shared.lstat().st_uid == os.geteuid()
    assert shared.lstat().st_mode & 0o777 == 0o700
    assert shared.name.startswith(f"headstart-{os.geteuid()}-")
    # All processes of a user find the one that they made.
    assert zygote_folder() == shared / "zygotes"
    assert socket_folder() == shared


def test_where_there_is_none_the_log_says_so(
    runtime: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runtime.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(runtime))
    manager = AsyncKernelManager(kernel_name="python3")
    transport.prefer_ipc(manager, "auto")
    assert manager.transport == "tcp"
    assert "there is no private folder" in caplog.text
    assert private_folder(longest=1) is None
