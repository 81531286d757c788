"""A header and its spec as values, and the table of a spec's fields."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple

from ..notebook.model import HeaderPlace
from ..redact import redact_value
from ..refresh import RefreshMode
from ..requirements.header_requirement import HeaderRequirement
from .exclude_newer import parse_exclude_newer

_NAME = r"[a-z0-9-]+"

Hashes = tuple[tuple[str, tuple[str, ...]], ...]
"""By normalised name, the SHA-256 digests of the artifacts that may be installed for it."""


# All values here are named tuples: every kernel start makes them, and importing a frozen dataclass
# compiles its methods each time.
class KernelOptions(NamedTuple):
    """What a header sets for the kernel's process, and not for its environment.

    ``env`` are variables, sorted by name; ``prepend_paths`` are absolute folders that come before
    ``PATH``, after the environment's ``bin``; ``preload`` are modules.
    """

    env: tuple[tuple[str, str], ...] = ()
    prepend_paths: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


NO_OPTIONS = KernelOptions()


class LocalExtra(NamedTuple):
    """A wheel or a source tree on disk, installed after the lock without what it requires.

    ``path`` is absolute; ``digest`` is the SHA-256 of its content, as 64 hex digits.
    """

    path: str
    digest: str


class ProvidedLock(NamedTuple):
    """A lock that the notebook brings: nothing is resolved.

    ``text`` is a ``pylock.toml`` (PEP 751); ``origin`` says for messages where it is; ``extras``
    and ``groups`` are the lock's extras and dependency groups that are selected; for ``groups`` of
    None the lock's default groups are.
    """

    text: str
    origin: str
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the text, as 64 hex digits."""
        # JSON may hold half of a surrogate pair: such a lock is refused when it is read, not here.
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class Header(NamedTuple):
    """The fields of a header.

    ``cell`` is the 0-based index of its cell, None if it is in none; ``requires_python`` is a
    PEP 440 specifier or ``""``; ``constraints`` and ``overrides`` are canonical requirements;
    ``exclude_newer`` is an ISO 8601 date or time, a span as ``7 days``, or ``""``. The paths are as
    the header has them: ``requirements_file`` and ``pylock`` of one file each, or ``""``;
    ``local_extras`` and ``prepend_paths`` in their order. ``groups`` and ``extras`` are normalised
    names, sorted; ``groups`` is None if the header has no such field. ``env`` are variables, sorted
    by name; ``indexes`` are the URLs that ``[tool.uv]`` names.
    """

    place: HeaderPlace
    requirements: tuple[HeaderRequirement, ...] = ()
    requires_python: str = ""
    refresh: RefreshMode = RefreshMode.CACHED
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    cell: int | None = None
    warnings: tuple[str, ...] = ()
    requirements_file: str = ""
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] = ()
    pylock: str = ""
    local_extras: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    prepend_paths: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    @property
    def names_files(self) -> bool:
        """Whether it names files or folders, or selects groups or extras of them."""
        paths = self.requirements_file or self.pylock or self.local_extras or self.prepend_paths
        return bool(paths or self.groups or self.extras)

    def to_json(self) -> dict[str, Any]:
        """The header as the panel and the command line show it."""
        # Redacted: requirements and variables may have passwords.
        return {
            "place": self.place.value,
            "cell": self.cell,
            "requirements": [redact_value(requirement.text) for requirement in self.requirements],
            "requires_python": self.requires_python,
            "refresh": self.refresh.value,
            "constraints": list(map(redact_value, self.constraints)),
            "overrides": list(map(redact_value, self.overrides)),
            **{field.header_attribute: field.of_header(self) for field in PLAIN_FIELDS},
            "requirements_file": self.requirements_file,
            "groups": None if self.groups is None else list(self.groups),
            "extras": list(self.extras),
            "pylock": self.pylock,
            "local_extras": list(self.local_extras),
            "env": {name: redact_value(value) for name, value in self.env},
            "prepend_paths": list(self.prepend_paths),
            "preload": list(self.preload),
            "warnings": list(self.warnings),
        }


class EnvironmentSpec(NamedTuple):
    """What a notebook requires: of packages, of Python, and of its kernel.

    ``requirements``, ``constraints`` and ``overrides`` are canonical PEP 508 lines, sorted, those
    of one name merged; ``requires_python`` is a PEP 440 specifier or ``""``; ``exclude_newer`` is
    an ISO 8601 date or time, a span (``7 days``) or ``""``; ``hashes`` are, by normalised name, the
    SHA-256 digests of the artifacts that may be installed for it.
    """

    requirements: tuple[str, ...] = ()
    requires_python: str = ""
    refresh: RefreshMode = RefreshMode.CACHED
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    exclude_newer: str = ""
    hashes: Hashes = ()
    lock: ProvidedLock | None = None
    local_extras: tuple[LocalExtra, ...] = ()
    kernel: KernelOptions = NO_OPTIONS

    @property
    def resolution(self) -> EnvironmentSpec:
        """The spec with only the fields that decide a resolution: what a lock is made for."""
        return EnvironmentSpec(**{field.attribute: field.of(self) for field in RESOLUTION_FIELDS})

    @property
    def digest(self) -> str:
        """SHA-256, as 64 hex digits, over what decides a resolution."""
        # Without optional fields that are not set: remembered locks of earlier versions stay valid.
        decided = {
            field.name: value
            for field in RESOLUTION_FIELDS
            if (value := field.of(self)) or not field.optional
        }
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode("utf-8")).hexdigest()

    @property
    def direct(self) -> frozenset[str]:
        """Normalised names of the packages that are required directly."""
        return frozenset(match[0] for line in self.requirements if (match := re.match(_NAME, line)))


EMPTY_SPEC = EnvironmentSpec()
"""The spec of a notebook without a header."""


class Kind(Enum):
    """The kind of a field's value: its form in JSON, and how two values are compared."""

    REQUIREMENTS = "canonical requirements, which another version may write in another way"
    TEXT = "a text"
    HASHES = "names, each with SHA-256 digests"


class SpecField(NamedTuple):
    """A field of the spec, for all that treats fields alike: digests, locks, differences, exports.

    ``name`` is its name in headers, locks and digests, ``attribute`` the attribute of a spec.
    ``kind`` is None if it decides no resolution. An ``optional`` field is part of digests and of
    what a lock was made for only if it is set, so that those of specs without it stay as they
    were. ``parse`` gives the canonical value of what a header has, None if that is invalid;
    ``hint`` then says what it may be. Without ``parse``, `core.header.parse` has a function of its
    own for it.
    """

    name: str
    attribute: str
    kind: Kind | None = None
    optional: bool = False
    parse: Callable[[Any], Any] | None = None
    hint: str = ""

    def of(self, spec: EnvironmentSpec) -> Any:
        """Its value in a spec."""
        return attrgetter(self.attribute)(spec)

    @property
    def header_attribute(self) -> str:
        """Where a `Header` has it, which has the options of the kernel beside all others."""
        return self.attribute.rpartition(".")[2]

    def of_header(self, header: Header) -> Any:
        """Its value in a header."""
        return getattr(header, self.header_attribute)


SPEC_FIELDS = (
    SpecField("requirements", "requirements", Kind.REQUIREMENTS),
    SpecField("requires-python", "requires_python", Kind.TEXT),
    SpecField("refresh", "refresh"),
    SpecField("constraints", "constraints", Kind.REQUIREMENTS),
    SpecField("overrides", "overrides", Kind.REQUIREMENTS),
    SpecField(
        "exclude-newer",
        "exclude_newer",
        Kind.TEXT,
        parse=parse_exclude_newer,
        hint='It is a date ("2026-01-31"), a time with its zone, or a span ("7 days", "P7D").',
    ),
    SpecField("hashes", "hashes", Kind.HASHES, optional=True),
    SpecField("lock", "lock"),
    SpecField("local-extras", "local_extras"),
    SpecField("env", "kernel.env"),
    SpecField("prepend-paths", "kernel.prepend_paths"),
    SpecField("preload", "kernel.preload"),
)
"""All fields of a spec, in the order in which they are shown.

A new one is a row here and an attribute of `Header`, and of `EnvironmentSpec` or `KernelOptions`;
docs/extending.md has the rest.
"""

RESOLUTION_FIELDS = tuple(field for field in SPEC_FIELDS if field.kind is not None)
"""Those that decide a resolution."""

PLAIN_FIELDS = tuple(field for field in SPEC_FIELDS if field.parse is not None)
"""Fields of ``[tool.headstart]`` whose value the spec has as the header has it."""
