"""The only place that writes the store: leases, builds, publishing, removal.

Leases are file locks that a kernel inherits, as POSIX has them: elsewhere nothing of this can be
imported.
"""

from importlib.util import find_spec

from ..errors import StoreError

if find_spec("fcntl") is None:
    raise StoreError(
        "Headstart's store needs POSIX file locks; Windows is not supported yet.",
        hint="Use Headstart on Linux, in WSL for example.",
    )
