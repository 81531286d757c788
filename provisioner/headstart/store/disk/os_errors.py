"""What the operating system says about the store, in words that help."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ... import envvars
from ...errors import DiskFull, StoreError

# A quota of the user (EDQUOT) is a full disk to them, whatever room the disk has.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into `DiskFull` or `StoreError`, which name the store."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        details = {"errno": error.errno, "file": str(error.filename or ""), "reason": reason}
        if error.errno in FULL:
            raise DiskFull(
                f"There is no room left for the store {root}: {reason}.",
                hint=f"Make room there, or set {envvars.STORE} to a folder on another disk.",
                details=details,
            ) from error
        where = f" ({error.filename})" if error.filename else ""
        denied = error.errno in READ_ONLY
        raise StoreError(
            f"The store {root} cannot be {'written' if denied else 'used'}: {reason}{where}.",
            hint=f"Set {envvars.STORE} to a folder of your own on a local disk.",
            details=details,
        ) from error
