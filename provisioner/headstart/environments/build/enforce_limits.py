"""The limits of one build, checked before anything is fetched, while uv unpacks, and after."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ... import envvars
from ...core.lock.pylock import LockedPackage, Wheel
from ...core.size_limits import (
    Bound,
    Bounds,
    Weight,
    check_count,
    check_inflation,
    check_room,
    check_weights,
    largest_unpacked,
    stopped,
)
from ...core.store.accounting import Amount
from ...errors import BuildCancelled, BuildTooLarge
from ...settings import Settings
from ...store.unpacking import Growth
from ...uv.commands import UvCommand
from ..context import Context

__all__ = ["Tally", "bounds_of"]

INTERVAL = 1.0
"""Seconds between two looks at what uv has unpacked, at least."""

SHARE = 20
"""The pause after a measurement, in times of what it took: so measuring costs one part in 20."""

SMALL_DISK = 10
"""No more than a tenth of a disk is left free: a container's volume may be smaller than the reserve
that is right for others."""


def bounds_of(settings: Settings) -> Bounds:
    """The bounds of one environment: no more than the whole store, either."""
    # What the store has already does not count: one at its quota is normal, and a prune follows.
    return Bounds(
        Bound(settings.max_packages, envvars.MAX_PACKAGES),
        min(
            Bound(settings.max_env_bytes, envvars.MAX_ENV_BYTES),
            Bound(settings.quota_bytes, envvars.QUOTA_BYTES),
        ),
        min(
            Bound(settings.max_env_files, envvars.MAX_ENV_FILES),
            Bound(settings.quota_inodes, envvars.QUOTA_INODES),
        ),
    )


class Tally:
    """The bounds of one build, and what is known of its size by now.

    :raises BuildTooLarge: if it has more packages than it may have.
    """

    def __init__(self, selected: Sequence[tuple[LockedPackage, Wheel]], context: Context) -> None:
        self._context = context
        self._bounds = bounds_of(context.settings)
        self._wheels = {package.name: wheel.size for package, wheel in selected}
        self._weights = {
            package.name: Weight(f"{package.name} {package.version}", wheel.size or 0)
            for package, wheel in selected
        }
        check_count(list(self._weights.values()), self._bounds)

    def expect(self, stored: Mapping[str, Amount]) -> None:
        """Refuse what is too large, before anything of it is fetched.

        :param stored: the sizes of packages that the store has already, by their names.
        :raises BuildTooLarge: if it is more than an environment may have.
        :raises DiskFull: if there is no room for what is not in the store.
        """
        self._note(stored)
        check_weights(list(self._weights.values()), self._bounds)
        needed = [weight for weight in self._weights.values() if weight.files is None]
        if any(weight.size for weight in needed):
            disk, store = self._context.store.parts.disk(), str(self._context.store.root)
            reserve = min(self._context.settings.reserve, disk.size // SMALL_DISK)
            check_room(needed, disk.free, reserve, store)

    def check(self, unpacked: Mapping[str, Amount]) -> None:
        """Refuse what has become too large, before any of it is published.

        :raises BuildTooLarge: naming the largest packages.
        """
        self._note(unpacked)
        for name in unpacked:
            check_inflation(self._weights[name], self._wheels[name])
        check_weights(list(self._weights.values()), self._bounds)

    @property
    def largest_file(self) -> int:
        """Bytes that no file may exceed which is unpacked now; above 0."""
        # 0 would be no limit.
        return max(1, min(self._left.size, self._largest_wheel))

    def run(self, command: UvCommand) -> None:
        """Run an install, and stop it if it unpacks more than the build may have.

        :raises BuildTooLarge: if it did.
        :raises HeadstartError: as `Context.run` does.
        """
        watch = _Watch(self._left, self._largest_wheel, self._bounds, self._context)
        try:
            self._context._replace(cancelled=watch.stops).run(command)
        except BuildCancelled:
            if watch.excess is None:
                raise
        else:
            # A small bomb is unpacked before the first measurement.
            watch.look()
        if watch.excess is not None:
            raise watch.excess

    def _note(self, amounts: Mapping[str, Amount]) -> None:
        for name, amount in amounts.items():
            package = self._weights[name].package
            self._weights[name] = Weight(package, amount.size, amount.inodes)

    @property
    def _left(self) -> Amount:
        """The bounds of what is not unpacked yet."""
        _, size, files = self._bounds
        unpacked = [weight for weight in self._weights.values() if weight.files is not None]
        return Amount(
            min(
                size.limit - sum(weight.size for weight in unpacked),
                sum(self._most(name) for name in self._unknown()),
            ),
            files.limit - sum(weight.files or 0 for weight in unpacked),
        )

    @property
    def _largest_wheel(self) -> int:
        """How many bytes one wheel may unpack to."""
        return max(map(self._most, self._unknown()), default=0)

    def _most(self, name: str) -> int:
        return largest_unpacked(self._wheels[name], self._bounds)

    def _unknown(self) -> list[str]:
        return [name for name, weight in self._weights.items() if weight.files is None]


class _Watch:
    """Measures from time to time what uv, which has no limit, has unpacked into its cache."""

    def __init__(self, limits: Amount, largest: int, bounds: Bounds, context: Context) -> None:
        self.excess: BuildTooLarge | None = None
        self._limits, self._largest, self._bounds = limits, largest, bounds
        self._context = context
        self._growth = Growth(context.store.uv_cache)
        self._next = time.monotonic() + INTERVAL
        self._published = context.store.parts.published_at()
        self._builders = context.store.parts.builders()

    def stops(self) -> bool:
        """Whether uv has to end; asked many times a second."""
        if self._context.cancelled():
            return True
        started = time.monotonic()
        if started >= self._next:
            self.look()
            now = time.monotonic()
            self._next = now + max(INTERVAL, SHARE * (now - started))
        return self.excess is not None

    def look(self) -> None:
        """Measure what is unpacked by now; `excess` is the error if it is too much."""
        growth, limits, parts = self._growth, self._limits, self._context.store.parts
        # A build that has ended meanwhile has published something.
        others = 1 + (parts.published_at() != self._published)
        self._builders = max(self._builders, parts.builders(), others)
        measured = growth.measure()
        if growth.largest.size > self._largest:
            over, limits = growth.largest, Amount(self._largest, limits.inodes)
        elif _exceeds(measured, limits):
            over = measured
        else:
            return
        if self._builders > 1:
            # Nothing in uv's cache says which build unpacks it: only what all of them may not have
            # ends this one, and its own size is checked before it is published.
            _, size, files = self._bounds
            over = measured
            limits = Amount(size.limit * self._builders, files.limit * self._builders)
        if _exceeds(over, limits):
            self.excess = stopped(over, growth.culprit, limits, self._bounds)


def _exceeds(amount: Amount, limits: Amount) -> bool:
    return amount.size > limits.size or amount.inodes > limits.inodes
