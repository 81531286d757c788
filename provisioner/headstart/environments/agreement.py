"""Whether the user has agreed to what a notebook would install and run."""

from __future__ import annotations

import logging

from ..core.consent import acts_locally, consent_text
from ..core.header.spec import EnvironmentSpec
from ..core.lock.pylock import Lock
from ..core.refresh import RefreshMode
from ..core.timestamp import timestamp
from ..errors import DiskFull, StoreError
from .context import Context

__all__ = ["KERNEL_NAME", "agree", "is_agreed"]

KERNEL_NAME = "headstart"
"""The name of Headstart's own kernelspec, for which a command agrees."""

logger = logging.getLogger(__name__)

_NOTHING = EnvironmentSpec()
"""What a notebook without a header asks for."""


def is_agreed(spec: EnvironmentSpec, lock: Lock | None, kernel_name: str, context: Context) -> bool:
    """Whether a kernel may have its environment without being asked for it.

    Unless the settings agree to whatever there is, not for an ephemeral spec, and not without a
    lock: what would be installed is not known before.

    :param lock: all that is installed, local extras among it: that of `ready.recall`; None if it
        is not known.
    :param kernel_name: the name of the kernel's kernelspec.
    """
    if spec == _NOTHING:
        return True
    if context.settings.trust == "always" and not acts_locally(spec):
        return True
    if spec.refresh is RefreshMode.EPHEMERAL or lock is None:
        return False
    return context.store.consents.has(consent_text(spec, lock.digest, kernel_name))


def agree(
    spec: EnvironmentSpec, lock: Lock, kernel_name: str, notebook: str, context: Context
) -> None:
    """Remember that the user has agreed to it; a store that cannot be written costs a warning.

    :param lock: all that was installed, local extras among it.
    :param notebook: the path of the notebook that was run, or ``""``.
    """
    if spec == _NOTHING or spec.refresh is RefreshMode.EPHEMERAL:
        return
    from ..store.consents import Consent

    text, date = consent_text(spec, lock.digest, kernel_name), timestamp(context.now())
    consent = Consent("", date, notebook, kernel_name, len(lock.packages))
    try:
        context.store.consents.record(text, consent)
    except (StoreError, DiskFull) as error:
        logger.warning("That you agreed to this notebook's header is not remembered: %s", error)
