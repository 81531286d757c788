"""What a Python says of itself with nothing of ours, and what `packaging` says of it there."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import packaging
import pytest
from packaging.markers import default_environment
from packaging.tags import mac_platforms, sys_tags

from headstart.core.interpreter import Interpreter
from headstart.environments.context import Context
from headstart.environments.resolve import python_probe
from headstart.environments.resolve.inspection import inspect_python
from headstart.environments.resolve.interpreters import find_interpreter
from headstart.errors import InterpreterError
from headstart.testing.fake_uv import FakeUv
from headstart.uv.commands import list_pythons

OURS = str(Path(packaging.__file__).parents[1])
ORACLE = """
import ensurepip, glob, json, sys
try:
    sys.path.append(sys.argv[1])
    from packaging.markers import default_environment
    from packaging.tags import sys_tags
except (ImportError, SyntaxError):  # ours is too new for this Python: what pip brings along
    sys.path += glob.glob(ensurepip.__file__.replace("__init__.py", "_bundled/pip-*.whl"))
    from pip._vendor.packaging.markers import default_environment
    from pip._vendor.packaging.tags import sys_tags
named = sys_tags.__module__.startswith("packaging.")
print(json.dumps([named, [str(tag) for tag in sys_tags()], dict(default_environment())]))
"""


def pythons(context: Context) -> Iterator[str]:
    """All Pythons on this machine that kernels run on, as uv finds them."""
    for python in json.loads(context.run(list_pythons()).stdout):
        version = python["version_parts"]["major"], python["version_parts"]["minor"]
        if version >= (3, 8) and python["path"]:
            yield python["path"]


def test_every_python_says_which_wheels_it_accepts_as_packaging_does(context: Context) -> None:
    found = set(pythons(context))
    assert found
    for path in found:
        said = inspect_python(path, context)
        assert said is not None, path
        command = [path, "-I", "-S", "-c", ORACLE, OURS]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        is_ours, tags, markers = json.loads(done.stdout)
        assert said.markers == markers
        if is_ours:
            assert list(said.tags) == tags
        else:  # older ones have another order, and one tag less
            nodot = said.short_version.replace(".", "")
            assert set(said.tags) - {f"cp{nodot}-none-any"} == set(tags) - {f"cp{nodot}-none-any"}


def test_each_minor_version_that_is_there_can_be_chosen(context: Context) -> None:
    for path in pythons(context):
        said = inspect_python(path, context)
        assert isinstance(said, Interpreter)
        minor = said.short_version
        assert find_interpreter(f"=={minor}.*", context).short_version == minor


def test_a_python_that_is_too_old_is_said_to_be(fake_context: Context, fake: FakeUv) -> None:
    fake.pythons["/usr/bin/false"] = "3.7.16"
    with pytest.raises(InterpreterError, match=r"kernels need 3\.8 or later"):
        find_interpreter("==3.7.*", fake_context)


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes this Python say that it is another."""
    variable = sysconfig.get_config_var

    def be(
        system: str = "Linux",
        where: str = "linux-x86_64",
        implementation: str = "cpython",
        **variables: object,
    ) -> None:
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(sysconfig, "get_platform", lambda: where)
        monkeypatch.setattr(
            sysconfig, "get_config_var", lambda name: variables.get(name, variable(name))
        )
        version = sys.implementation.version
        monkeypatch.setattr(
            sys, "implementation", SimpleNamespace(name=implementation, version=version)
        )

    return be


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Py_DEBUG": 1},
        {"where": "linux-aarch64"},
        {"where": "linux-ppc64le"},
        {"where": "linux-sparc"},
        {"where": "linux-armv8l"},
        {"system": "FreeBSD", "where": "freebsd-14.1-release-amd64"},
        {"implementation": "pypy", "EXT_SUFFIX": ".pypy311-pp73-x86_64-linux-gnu.so"},
        {"implementation": "graalpy", "EXT_SUFFIX": ".graalpy-38-native-x86_64-linux.so"},
        {"implementation": "other", "EXT_SUFFIX": ".other-1.so"},
    ],
)
def test_other_machines_and_implementations_are_told_apart(
    another: Any, said: dict[str, Any]
) -> None:
    another(**said)
    assert list(python_probe.tags()) == [str(tag) for tag in sys_tags()]


@pytest.mark.parametrize("arch", ["arm64", "x86_64", "i386", "ppc64", "ppc"])
@pytest.mark.parametrize("version", ["26.1", "14.2", "11.0", "10.15", "10.6", "10.4", "10.3"])
def test_every_macos_is_known(another: Any, monkeypatch: Any, version: str, arch: str) -> None:
    another(system="Darwin")
    monkeypatch.setattr(platform, "mac_ver", lambda: (version, ("", "", ""), arch))
    numbers = tuple(map(int, version.split(".")))
    assert list(python_probe.platform_tags()) == list(mac_platforms((numbers[0], numbers[1]), arch))


def test_markers_are_those_of_packaging() -> None:
    assert python_probe.markers() == default_environment()
