"""What a user agrees to when they run a notebook: all of it that acts, as canonical bytes."""

from __future__ import annotations

import json
import re
from typing import Any

from .header.spec import SPEC_FIELDS, EnvironmentSpec, LocalExtra, ProvidedLock

__all__ = ["acts_locally", "consent_text"]

FORMAT = 1
"""Version of the bytes; what was agreed to in another one is not agreed to."""

_RUNS_SOMETHING = re.compile(
    r"(PYTHON|LD_|DYLD_|IPYTHON|JUPYTER_|OPENSSL_|XDG_).*|GCONV_PATH|HOME|BASH_ENV|ENV|.*_PRELOAD"
)
"""Variables by which Python, the loader, Jupyter or a shell run a file that lies anywhere."""


def consent_text(spec: EnvironmentSpec, closure: str, kernel_name: str) -> bytes:
    """What is agreed to. Two texts are equal only if the same would be installed and run.

    :param closure: the digest of the lock that is installed, local extras among it.
    :param kernel_name: the name of the kernel's kernelspec.
    """
    # Without what is not set: a field that comes with another version of Headstart leaves what was
    # agreed to before as it is.
    asked = {field.name: _acting(value) for field in SPEC_FIELDS if (value := field.of(spec))}
    # ASCII: a header may have half of a surrogate pair, which has no bytes in UTF-8.
    return json.dumps([FORMAT, asked, closure, kernel_name], sort_keys=True).encode("ascii")


def acts_locally(spec: EnvironmentSpec) -> bool:
    """Whether a start obeys more of it than packages from indexes: files of the notebook's side."""
    if spec.local_extras or spec.kernel.prepend_paths:
        return True
    return any(_RUNS_SOMETHING.fullmatch(name) for name, _ in spec.kernel.env)


def _acting(value: Any) -> Any:
    """What of a field's value acts, as JSON."""
    if isinstance(value, ProvidedLock):
        # Not its origin, which is for messages only.
        return [value.digest, value.extras, value.groups]
    if isinstance(value, LocalExtra):
        # Not its folder: what is in it is what acts, and a project may be moved.
        return [value.path.rpartition("/")[2], value.digest]
    if isinstance(value, tuple):
        return [_acting(item) for item in value]
    return value
