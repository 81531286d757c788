"""Until when a file may have been uploaded: the earlier of the header's limit and the user's."""

from __future__ import annotations

from collections.abc import Collection

from ... import envvars
from ...core.header.exclude_newer import moment_of
from ...core.header.spec import EnvironmentSpec
from ...uv.configuration import read_configuration
from ..context import Context


def limit_of(spec: EnvironmentSpec, context: Context, omit: Collection[str] = ()) -> str:
    """The limit on upload times, a moment in UTC as RFC 3339 writes it; ``""`` if there is none.

    Of the spec's and the user's the earlier holds: a header does not loosen what the user decided.

    :raises SettingsError: if the user's is neither a time nor a span.
    """
    limits = [limit_of_header(spec, context)]
    if envvars.UV_EXCLUDE_NEWER not in omit:
        users = read_configuration(context.settings).exclude_newer
        limits.append(moment_of(users, context.now()) if users else "")
    return min(filter(None, limits), default="")


def limit_of_header(spec: EnvironmentSpec, context: Context) -> str:
    """What ``exclude_newer`` of a spec means now, as `limit_of` has it.

    A span counts back from the last midnight (UTC), so that its lock is remembered for a day.
    """
    if not spec.exclude_newer:
        return ""
    midnight = context.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return moment_of(spec.exclude_newer, midnight)
