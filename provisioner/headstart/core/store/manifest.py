"""Environments and their manifests as values: what is installed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ...errors import EnvironmentDamaged

MANIFEST_FORMAT = 1
"""Version of the manifest's form; a manifest of another version is not read."""


class EnvironmentKind(StrEnum):
    """What an environment of the store is for."""

    ENVIRONMENT = "environment"
    LAYER = "layer"
    EPHEMERAL = "ephemeral"


class Distribution(NamedTuple):
    """One installed distribution, as the manifest records it.

    ``name`` is normalised (PEP 503); ``size`` is the sum of its files in bytes; ``direct`` says
    that the header names it; ``required_by`` are the normalised names of the installed
    distributions that need it; ``wheel`` is the SHA-256 of the wheel it came from.
    """

    name: str
    version: str
    size: int = 0
    direct: bool = False
    required_by: tuple[str, ...] = ()
    summary: str = ""
    license: str = ""
    homepage: str = ""
    wheel: str = ""

    def to_json(self) -> dict[str, Any]:
        """The distribution as the panel and the command line show it."""
        return {
            "name": self.name,
            "version": self.version,
            "size": self.size,
            "direct": self.direct,
            "required_by": list(self.required_by),
            "summary": self.summary,
            "license": self.license,
            "homepage": self.homepage,
            "sha256": self.wheel,
        }


class Manifest(NamedTuple):
    """The content of the file that is written last: the environment is complete, and has this.

    ``built_at`` is ISO 8601 in UTC; ``timings`` are seconds a step; ``site_packages`` is relative
    to the prefix; ``loaded`` (layers only) names the distributions a kernel has loaded when it
    attaches; ``parts`` names the parts that it was built from (`core.store.parts`), in order;
    ``bytecode`` says that it has the bytecode of its modules, ``shares_bytecode`` that folders of
    bytecode are links into those parts; ``clashes`` are warnings of wheels that install the same
    files; ``files`` and ``size`` count the regular files of the prefix and their bytes, without the
    manifest; ``site_packages_mtime`` is
    site-packages' modification time when the environment was published, in nanoseconds. The store
    fills in ``files``, ``size`` and ``site_packages_mtime``.
    """

    key: str
    kind: EnvironmentKind
    lock_digest: str
    python_path: str
    python_version: str
    site_packages: str
    uv_version: str
    built_at: str
    distributions: tuple[Distribution, ...] = ()
    timings: Mapping[str, float] = MappingProxyType({})
    loaded: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    bytecode: bool = False
    shares_bytecode: bool = False
    clashes: tuple[str, ...] = ()
    files: int = 0
    size: int = 0
    site_packages_mtime: int = 0
    format: int = MANIFEST_FORMAT

    @property
    def versions(self) -> dict[str, str]:
        """What is installed, by normalised name."""
        return {item.name: item.version for item in self.distributions}

    def to_json(self) -> str:
        """The manifest as JSON text with a digest of itself, and a final newline."""
        # The digest is over the text behind it, so that reading needs no JSON to be made again.
        rest = json.dumps(self._fields_as_json(), indent=1, sort_keys=True)[1:] + "\n"
        return _head(_sha256(rest)) + rest

    def _fields_as_json(self) -> dict[str, Any]:
        distributions = [distribution._asdict() for distribution in self.distributions]
        return {**self._asdict(), "timings": dict(self.timings), "distributions": distributions}

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read what `to_json` wrote.

        :raises EnvironmentDamaged: if ``text`` is not a manifest of this format, or not as it was
            written.
        """
        try:
            value: dict[str, Any] = json.loads(text)
            if value["format"] != MANIFEST_FORMAT:
                raise EnvironmentDamaged(f"The manifest has format {value['format']!r}.")
            head = _head(value.pop("digest"))
            if not text.startswith(head) or head != _head(_sha256(text[len(head) :])):
                raise EnvironmentDamaged("The manifest is not as it was written.")
            distributions = tuple(
                Distribution(**{**item, "required_by": tuple(item["required_by"])})
                for item in value.pop("distributions")
            )
            return cls(
                **{
                    **value,
                    "kind": EnvironmentKind(value["kind"]),
                    "loaded": tuple(value["loaded"]),
                    "parts": tuple(value["parts"]),
                    "clashes": tuple(value.get("clashes", ())),
                    "distributions": distributions,
                }
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise EnvironmentDamaged(f"The manifest cannot be read: {error}.") from error


def _head(digest: str) -> str:
    return f'{{\n "digest": "{digest}",'


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Environment(NamedTuple):
    """An installed prefix in the store. ``prefix`` is an absolute path."""

    prefix: str
    manifest: Manifest

    @property
    def key(self) -> str:
        """The digest that names the environment; a random name if it is ephemeral."""
        return self.manifest.key

    @property
    def python(self) -> str:
        """Absolute path of the environment's own Python."""
        return f"{self.prefix}/bin/python"

    @property
    def site_packages(self) -> str:
        """Absolute path of the environment's site-packages."""
        return f"{self.prefix}/{self.manifest.site_packages}"

    def packages(self, direct: Collection[str]) -> tuple[Distribution, ...]:
        """The installed distributions, with ``direct`` as one header has it.

        Different headers with the same lock share an environment, and its manifest was written for
        the first of them.

        :param direct: the normalised names of the header's requirements.
        """
        distributions = self.manifest.distributions
        return tuple(item._replace(direct=item.name in direct) for item in distributions)


def differing(
    layer: Manifest, environment: Manifest
) -> Iterator[tuple[Distribution, Distribution]]:
    """What a layer and an environment both have, but of different wheels: in this order.

    What the layer has loaded of it would silently be of another version than the environment says.
    """
    in_layer = {item.name: item for item in layer.distributions}
    for item in environment.distributions:
        twin = in_layer.get(item.name, item)
        if (twin.version, twin.wheel) != (item.version, item.wheel):
            yield twin, item
