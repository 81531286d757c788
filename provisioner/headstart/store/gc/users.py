"""Who uses an environment, and which notebooks asked for it: for people to read.

Nothing is decided by it: only leases say what is in use. So it is written without a wait for the
disk, and what cannot be read is left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ...core.store.manifest import EnvironmentKind
from ..disk.filesystem import host_name
from ..disk.trees import delete_tree, is_fresh, names_in, read_text, replace_text
from ..layout import NAME, Layout

KIND = EnvironmentKind.ENVIRONMENT

NOTEBOOKS = 20
"""How many notebooks are recorded for an environment."""


WRITING = 60.0
"""Seconds after which a file that cannot be read counts as damaged, not as being written."""


@dataclass(frozen=True, slots=True)
class User:
    """A kernel's process: what it runs in, for which notebook, and who started it.

    ``environment`` and ``layer`` are keys; ``started`` is field 22 of ``/proc/<pid>/stat``, which
    tells a process from a later one of the same number; ``notebook`` is a path, that of a folder
    if only that is known; ``client`` is the name of the program that started the kernel.
    """

    environment: str
    layer: str
    pid: int
    started: int
    notebook: str
    client: str
    host: str = ""

    @property
    def file(self) -> str:
        """The name of the user's file."""
        return f"{self.host}.{self.pid}.{self.started}"


@dataclass(frozen=True, slots=True)
class NotebookUse:
    """A notebook that asked for an environment, and when it last did: seconds since the epoch."""

    notebook: str
    when: float


def record_user(layout: Layout, user: User) -> None:
    """Remember a kernel that was started, and the notebook that it was started for."""
    layout.users.mkdir(mode=0o700, exist_ok=True)
    replace_text(layout.users / user.file, json.dumps(asdict(user)))
    note_notebook(layout, user.environment, user.notebook)


def forget_user(layout: Layout, user: User) -> None:
    """The kernel has ended."""
    delete_tree(layout.users / user.file)


def list_users(layout: Layout) -> Iterator[User]:
    """The kernels that run; of other hosts, those whose end was not recorded.

    Records of this host's dead kernels are removed on the way.
    """
    for name in names_in(layout.users):
        file = layout.users / name
        user = _read_user(file)
        if user is None:  # it may just be written
            continue
        if user.host != host_name() or is_alive(user):
            yield user
        else:
            with suppress(OSError):  # the list is right all the same
                delete_tree(file)


def remove_dead_users(layout: Layout) -> None:
    """Remove the records of this host's kernels that were killed, and damaged ones."""
    for _user in list_users(layout):
        pass
    for name in names_in(layout.users):
        file = layout.users / name
        if _read_user(file) is None and not is_fresh(file, WRITING):
            delete_tree(file)


def is_alive(user: User) -> bool:
    """Whether the process runs, on this host."""
    return started_at(user.pid) == user.started


def started_at(pid: int) -> int:
    """When a process was started, in the system's ticks since it was; 0 if there is none."""
    try:
        # The program's name is in parentheses, and may itself have spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[19])
    except (OSError, IndexError, ValueError):
        return 0


def note_notebook(layout: Layout, key: str, notebook: str) -> None:
    """Remember that a notebook asked for an environment."""
    if not notebook:
        return
    layout.notebooks.mkdir(mode=0o700, exist_ok=True)
    others = [use for use in list_notebooks(layout, key) if use.notebook != notebook]
    kept = [NotebookUse(notebook, round(time.time())), *others][:NOTEBOOKS]
    replace_text(layout.notebook_uses(key), json.dumps([asdict(use) for use in kept]))


def list_notebooks(layout: Layout, key: str) -> list[NotebookUse]:
    """The notebooks that asked for an environment, the last one first."""
    try:
        return [NotebookUse(**item) for item in json.loads(read_text(layout.notebook_uses(key)))]
    except (OSError, ValueError, TypeError):
        return []


def forget_notebooks(layout: Layout) -> None:
    """Forget the notebooks of environments that were removed."""
    for key in names_in(layout.notebooks):
        if NAME.fullmatch(key) is None or not layout.prefix(KIND, key).exists():
            delete_tree(layout.notebooks / key)


def _read_user(file: Path) -> User | None:
    try:
        return User(**json.loads(read_text(file)))
    except (OSError, ValueError, TypeError):
        return None
