"""The options of pip and of uv: which have a value, and which have none.

From the help texts of pip 26 and uv 0.13. A word that follows an option with a value is no
requirement, and an option that is in no table is pointed out: it might have one.
"""

from typing import Dict, FrozenSet, List, NamedTuple

__all__ = ["PIP", "UV", "Options"]


class Options(NamedTuple):
    """The options of one program: long names, and short letters with the long names they mean.

    ``show`` are the letters that mean something else after that command; ``abbreviated`` says
    whether the beginning of a name is enough.
    """

    values: FrozenSet[str]
    flags: FrozenSet[str]
    short: Dict[str, str]
    show: Dict[str, str]
    abbreviated: bool

    def long_name(self, name: str) -> str:
        """The option that ``name`` means, ``""`` if there is none.

        pip takes any beginning of a name that no other option begins with.
        """
        if name in self.values or name in self.flags:
            return name
        matching: List[str] = []
        if self.abbreviated and len(name) > len("--"):
            matching = [option for option in self.values | self.flags if option.startswith(name)]
        return matching[0] if len(matching) == 1 else ""


def _long(names: str) -> FrozenSet[str]:
    return frozenset("--" + name for name in names.split())


PIP = Options(
    values=_long(
        "requirement constraint build-constraint editable target platform python-version"
        " implementation abi root prefix src upgrade-strategy config-settings global-option"
        " build-option install-option no-binary only-binary progress-bar root-user-action report"
        " group index-url pypi-url extra-index-url find-links python log log-file local-log proxy"
        " retries timeout default-timeout exists-action trusted-host cert client-cert cache-dir"
        " use-feature use-deprecated keyring-provider hash uploaded-prior-to resume-retries format"
        " path exclude dest wheel-dir"
    ),
    flags=_long(
        "upgrade user no-deps no-dependencies pre force-reinstall ignore-installed"
        " ignore-requires-python no-build-isolation use-pep517 no-use-pep517"
        " check-build-dependencies break-system-packages compile no-compile no-warn-script-location"
        " no-warn-conflicts prefer-binary require-hashes no-clean dry-run no-index"
        " require-virtualenv verbose quiet no-input isolated debug no-cache-dir"
        " disable-pip-version-check no-color no-python-version-warning help version yes files"
        " outdated uptodate local not-required all include-editable exclude-editable"
    ),
    short={
        "r": "--requirement", "c": "--constraint", "e": "--editable", "t": "--target",
        "C": "--config-settings", "i": "--index-url", "f": "--find-links", "d": "--dest",
        "w": "--wheel-dir", "U": "--upgrade", "I": "--ignore-installed", "v": "--verbose",
        "q": "--quiet", "h": "--help", "V": "--version", "y": "--yes", "o": "--outdated",
        "u": "--uptodate", "l": "--local",
    },
    show={"f": "--files"},
    abbreviated=True,
)  # fmt: skip
"""pip's, of all its commands together."""

UV = Options(
    values=_long(
        "requirements requirement constraints constraint overrides override build-constraints"
        " build-constraint editable extra group index default-index index-url extra-index-url"
        " find-links python reinstall-package refresh-package upgrade-package index-strategy"
        " keyring-provider resolution prerelease fork-strategy exclude-newer exclude-newer-package"
        " link-mode config-setting config-settings config-settings-package"
        " no-build-isolation-package no-build-package no-binary-package no-sources-package"
        " no-binary only-binary prefix target python-platform python-version torch-backend"
        " cache-dir color allow-insecure-host trusted-host directory project config-file optional"
        " script tag rev branch package bounds marker format no-extra only-group no-group excludes"
    ),
    flags=_long(
        "all-extras all-groups no-default-groups system break-system-packages no-deps upgrade"
        " reinstall refresh no-cache no-cache-dir offline no-index strict exact inexact no-build"
        " no-build-isolation compile-bytecode no-compile-bytecode no-compile no-config"
        " managed-python no-managed-python native-tls no-progress quiet verbose dry-run dev no-dev"
        " only-dev require-hashes verify-hashes no-verify-hashes no-sources no-sync locked frozen"
        " user raw raw-sources no-editable lfs workspace no-workspace no-python-downloads"
        " allow-existing no-install-project help version pre files outdated yes active no-active"
        " isolated force-reinstall"
    ),
    short={
        "r": "--requirements", "c": "--constraints", "b": "--build-constraints", "e": "--editable",
        "t": "--target", "C": "--config-setting", "i": "--index-url", "f": "--find-links",
        "p": "--python", "P": "--upgrade-package", "m": "--marker", "U": "--upgrade",
        "n": "--no-cache", "q": "--quiet", "v": "--verbose", "h": "--help", "V": "--version",
        "y": "--yes",
    },
    show={"f": "--files"},
    abbreviated=False,
)  # fmt: skip
"""uv's: those of ``uv pip``, ``uv add`` and ``uv remove``."""
