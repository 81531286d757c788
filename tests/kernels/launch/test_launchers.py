"""How the launcher of a kernel is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headstart.kernels.launch import launchers
from headstart.kernels.launch.launchers import launcher_for
from headstart.kernels.launch.process_launcher import Process, ProcessLauncher
from headstart.settings import Settings


class Remote:
    """A launcher of somebody's own."""

    def launch(self, command: list[str], descriptors: Sequence[int], **options: Any) -> Process:
        raise NotImplementedError


def test_settings_choose_the_launcher() -> None:
    assert isinstance(launcher_for(Settings(zygote="off")), ProcessLauncher)
    on, again = launcher_for(Settings(zygote="on")), launcher_for(Settings(zygote="auto"))
    assert on is again
    assert not isinstance(on, ProcessLauncher)


def test_a_row_of_the_table_is_all_that_a_launcher_needs(monkeypatch) -> None:
    def remote(settings: Settings) -> Remote | None:
        return Remote() if settings.offline else None

    monkeypatch.setattr(launchers, "LAUNCHERS", (remote, *launchers.LAUNCHERS))
    assert isinstance(launcher_for(Settings(offline=True)), Remote)
    assert isinstance(launcher_for(Settings(offline=False, zygote="off")), ProcessLauncher)
