"""The paths of everything in the store, and the check that the store is this user's."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import envvars
from ..core.store.manifest import EnvironmentKind
from ..errors import StoreError
from .disk.trees import names_in

VERSION = "v1"
MANIFEST = "headstart.json"
DAMAGED = "headstart.damaged"
"""What a damaged environment has in place of its manifest: what is wrong with it."""

RECORDS = ".headstart"
"""The folder of an environment's records: one for each part, and one for what no part has."""
EPHEMERAL_NAME = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"[0-9a-f]{32,64}")
FOLDERS = {
    EnvironmentKind.ENVIRONMENT: "environments",
    EnvironmentKind.LAYER: "layers",
    EnvironmentKind.EPHEMERAL: "ephemeral",
}


def random_name() -> str:
    """32 random hexadecimal digits: a name that is not used yet."""
    return os.urandom(16).hex()


# A named tuple: every kernel start pays for making the class, which is slower for a dataclass.
class Layout(NamedTuple):
    """The folders of the store at ``root``. Making one reads and writes nothing.

    ``host`` names this host where each has leases of its own, and ``locks`` says whether locks
    work there; see `store.host_layout`. ``public`` makes a store that others can read.
    """

    root: Path
    host: str = ""
    locks: bool = True
    public: bool = False

    @property
    def version(self) -> Path:
        """All that this version of the store's format keeps."""
        return self.root / VERSION

    @property
    def building(self) -> Path:
        """Builds in progress: ``<key>.<random>``, each with a lock of its own."""
        return self.version / "building"

    @property
    def leases(self) -> Path:
        """Lease files and the build locks of keys."""
        return self.version / "leases" / self.host

    @property
    def remembered_locks(self) -> Path:
        """Remembered locks, under the digest of their resolution."""
        return self.version / "locks"

    @property
    def wheels(self) -> Path:
        """What is kept of wheels, under their SHA-256."""
        from ..core.store.parts import PARTS  # a start that builds nothing does not need it

        return self.version / PARTS

    @property
    def kept(self) -> Path:
        """Keys of environments that stay, as empty files."""
        return self.version / "kept"

    @property
    def users(self) -> Path:
        """Kernels that run, a file each; only for people to read."""
        return self.version / "users"

    @property
    def notebooks(self) -> Path:
        """Which notebooks asked for an environment, a file a key; only for people to read."""
        return self.version / "notebooks"

    @property
    def consents(self) -> Path:
        """What the user has agreed to, a file each, and the key that vouches for them."""
        return self.version / "consents"

    @property
    def pruned(self) -> Path:
        """Its modification time says when the store was last pruned."""
        return self.version / "pruned"

    @property
    def file_system(self) -> Path:
        """What this host has measured of the store's file system, if it is a local one."""
        return self.version / "file-system"

    @property
    def hosts(self) -> Path:
        """The same, measured by hosts that share the store, under their names."""
        return self.version / "hosts"

    @property
    def bytecode(self) -> Path:
        """Bytecode that environments lack: the ``sys.pycache_prefix`` of all of them.

        Python mirrors the paths of its sources below it, so that what many environments import
        from one path, the kernel layer and the standard library, is compiled once for all.
        """
        return self.version / "pycache"

    @property
    def verified(self) -> Path:
        """What was checked last when the store was checked a little at a time."""
        return self.version / "verified"

    @property
    def trash(self) -> Path:
        """What is about to be deleted."""
        return self.version / "trash"

    @property
    def uv_cache(self) -> Path:
        """The cache of uv: on the environments' file system, so that cloning and linking work."""
        return self.version / "uv-cache"

    def folder(self, kind: EnvironmentKind) -> Path:
        """The folder of all environments of a kind."""
        return self.version / FOLDERS[kind]

    def prefix(self, kind: EnvironmentKind, key: str) -> Path:
        """The path of the environment of that key once it is published."""
        return self.folder(kind) / checked(key)

    def lease(self, key: str) -> Path:
        """The file on which each process that uses the environment holds a shared lock."""
        return self.leases / checked(key)

    def other_leases(self, key: str) -> Iterator[Path]:
        """The same of other hosts; the files may be missing."""
        # A killed process may have left a temporary file, which is not a host's.
        hosts = {"", *(name for name in names_in(self.hosts) if not name.startswith("."))}
        for host in sorted(hosts - {self.host}):
            yield self._replace(host=host).lease(key)

    def build_lock(self, key: str) -> Path:
        """The file on which the builder of the environment holds an exclusive lock."""
        return self.leases / f"{checked(key)}.build"

    def removal_notice(self, key: str) -> Path:
        """The file whose time says since when an environment is due for removal; see `leases`."""
        return self.leases / f"{checked(key)}.leaving"

    @property
    def is_open(self) -> bool:
        """Whether other users may enter: then any of them may hold any lease."""
        # Not by ``public``, which is what new stores get: readers open one without it.
        return bool(os.stat(self.version).st_mode & (stat.S_IXGRP | stat.S_IXOTH))

    def kept_mark(self, key: str) -> Path:
        """The file that says that an environment stays."""
        return self.kept / checked(key)

    def notebook_uses(self, key: str) -> Path:
        """The file of the notebooks that asked for an environment."""
        return self.notebooks / checked(key)

    def remembered(self, digest: str) -> Path:
        """The file of a remembered lock."""
        return self.remembered_locks / checked(digest)

    def pycaches(self, kind: EnvironmentKind) -> Path:
        """The folder of the bytecode of all environments of a kind."""
        return self.bytecode.joinpath(*self.folder(kind).parts[1:])

    def pycache(self, kind: EnvironmentKind, key: str) -> Path:
        """Where a kernel's Python writes the bytecode that this environment lacks."""
        return self.pycaches(kind) / checked(key)

    def present(self) -> bool:
        """Whether there is a store.

        :raises StoreError: if there is one that others can write.
        """
        return _is_ours(self.root) and _is_ours(self.version, private=True)

    def make(self) -> None:
        """Make the store's folders, as far as they are missing.

        :raises StoreError: if others can write the store.
        """
        if not self.present():
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.root, self.version):
                folder.mkdir(mode=self._mode, exist_ok=True)
            self.present()
        kinds = [self.folder(kind) for kind in EnvironmentKind]
        leases = [self.version / "leases", self.leases]
        for folder in [*kinds, *leases, self.remembered_locks, self.bytecode]:
            folder.mkdir(mode=self._mode, exist_ok=True)
        for folder in (self.building, self.trash):
            folder.mkdir(mode=0o700, exist_ok=True)
        if self.public:
            # A user who can open uv's lock files can hold the locks, and uv waits for them.
            self.uv_cache.mkdir(mode=0o700, exist_ok=True)
            self.uv_cache.chmod(0o700)

    @property
    def _mode(self) -> int:
        return 0o755 if self.public else 0o700


def record_path(prefix: Path, part: str) -> Path:
    """Where an environment has the record of one of its parts."""
    return prefix / RECORDS / f"{part.replace('/', '.')}.json"


def recorded_part(record: str) -> str:
    """The name of the part whose record has that file name."""
    return record.removesuffix(".json").replace(".", "/", 1)


def checked(name: str) -> str:
    """``name``, if it is one that the store gives to files: hexadecimal digits.

    :raises StoreError: if it is anything else, a path for example.
    """
    if NAME.fullmatch(name) is None:
        raise StoreError(f"{name!r} does not name anything in a store.")
    return name


def _is_ours(folder: Path, *, private: bool = False) -> bool:
    """Whether the folder exists; an error if its owner is neither this user nor root.

    The store may be a link that the user has made, so that is followed if it is theirs;
    with ``private`` it must be a real folder that no other user can write.
    """
    # Kernels import from the store as this user, who must not run what others have put there.
    try:
        stat_result = os.lstat(folder)
        _check_owner(folder, stat_result)
        if stat.S_ISLNK(stat_result.st_mode) and not private:
            stat_result = os.stat(folder)
            _check_owner(folder, stat_result)
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(stat_result.st_mode):
        raise _not_usable(folder, "is not a folder")
    if private and stat_result.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _not_usable(folder, "can be written by other users")
    return True


def _check_owner(folder: Path, stat_result: os.stat_result) -> None:
    if stat_result.st_uid not in (0, os.geteuid()):
        raise _not_usable(folder, "belongs to another user")


def _not_usable(folder: Path, reason: str) -> StoreError:
    return StoreError(
        f"The store cannot be used: {folder} {reason}.",
        hint=f"Set {envvars.STORE} to a folder of your own.",
        details={"file": str(folder), "reason": reason},
    )
