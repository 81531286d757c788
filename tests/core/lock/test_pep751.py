"""The lock file (PEP 751): the example of its specification, with other hosts."""

from __future__ import annotations

import tomllib

import pytest
from packaging.pylock import Pylock

from headstart.core.lock.pylock import Lock, parse_lock
from headstart.core.lock.selection import select
from headstart.core.policy import Policy
from headstart.errors import LockError
from headstart.settings import Settings
from tests.core.factory import LINUX

EXAMPLE = """\
lock-version = '1.0'
environments = ["sys_platform == 'win32'", "sys_platform == 'linux'"]
requires-python = '== 3.12.*'
created-by = 'mousebender'

[[packages]]
name = 'attrs'
version = '25.1.0'
requires-python = '>= 3.8'

    [[packages.wheels]]
    name = 'attrs-25.1.0-py3-none-any.whl'
    upload-time = 2025-01-25T11:30:10.164985+00:00
    url = 'https://files.example.org/packages/fc/30/attrs-25.1.0-py3-none-any.whl'
    size = 63152
    hashes = {sha256 = 'c75a69e28a550a7e93789579c22aa26b0f5b83b75dc4e08fe092980051e1090a'}

    [[packages.attestation-identities]]
    environment = 'release-pypi'
    kind = 'GitHub'
    repository = 'python-attrs/attrs'
    workflow = 'pypi-package.yml'

[[packages]]
name = 'cattrs'
version = '24.1.2'
requires-python = '>= 3.8'
dependencies = [
    {name = 'attrs'},
]

    [[packages.wheels]]
    name = 'cattrs-24.1.2-py3-none-any.whl'
    upload-time = 2024-09-22T14:58:34.812643+00:00
    url = 'https://files.example.org/packages/c8/d5/cattrs-24.1.2-py3-none-any.whl'
    size = 66446
    hashes = {sha256 = '67c7495b760168d931a10233f979b28dc04daf853b30752246f4f8471c6d68d0'}

[[packages]]
name = 'numpy'
version = '2.2.3'
requires-python = '>= 3.10'

    [[packages.wheels]]
    name = 'numpy-2.2.3-cp312-cp312-win_amd64.whl'
    upload-time = 2025-02-13T16:51:21.821880+00:00
    url = 'https://files.example.org/packages/42/6e/numpy-2.2.3-cp312-cp312-win_amd64.whl'
    size = 12626357
    hashes = {sha256 = '83807d445817326b4bcdaaaf8e8e9f1753da04341eceec705c001ff342002e5d'}

    [[packages.wheels]]
    name = 'numpy-2.2.3-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'
    upload-time = 2025-02-13T16:50:00.079662+00:00
    url = 'https://files.example.org/packages/39/04/numpy-2.2.3-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'
    size = 16116679
    hashes = {sha256 = '3b787adbf04b0db1967798dba8da1af07e387908ed1553a0d6e74c084d1ceafe'}

[tool.mousebender]
command = ['.', 'lock', '--platform', 'cpython3.12-windows-x64', 'cattrs', 'numpy']
run-on = 2025-03-06T12:28:57.760769
"""

WINDOWS = LINUX._replace(
    tags=("cp312-cp312-win_amd64", "py3-none-any"),
    markers={**LINUX.markers, "sys_platform": "win32", "os_name": "nt"},
)


def example(old: str = "", new: str = "") -> Lock:
    """The example, with one of its texts changed."""
    assert old in EXAMPLE
    return parse_lock(EXAMPLE.replace(old, new) if old else EXAMPLE)


@pytest.mark.parametrize(
    "interpreter, platform",
    [(LINUX, "manylinux"), (WINDOWS, "win_amd64")],
    ids=["linux", "windows"],
)
def test_the_example_gives_each_platform_its_wheels(interpreter, platform: str) -> None:
    selected = select(example(), interpreter)
    assert [package.name for package, _ in selected] == ["attrs", "cattrs", "numpy"]
    assert platform in selected[2][1].filename
    assert selected[0][1].size == 63152


def test_the_example_is_for_no_other_platform_and_no_other_python() -> None:
    mac = LINUX._replace(markers={**LINUX.markers, "sys_platform": "darwin"})
    with pytest.raises(LockError, match="other machines"):
        select(example(), mac)
    with pytest.raises(LockError, match="Python"):
        select(example(), LINUX._replace(version="3.11.7"))


def test_the_example_is_allowed_and_survives_rendering() -> None:
    lock = example()
    assert not Policy(Settings()).of_lock(lock)
    assert parse_lock(lock.render()) == lock
    Pylock.from_dict(tomllib.loads(lock.render())).validate()


@pytest.mark.parametrize(
    "old, new",
    [
        ("lock-version = '1.0'\n", ""),
        ("lock-version = '1.0'", "lock-version = '2.0'"),
        ("lock-version = '1.0'", "lock-version = 1.0"),
        ("name = 'cattrs'", "name = 'C.Attrs'"),
        ("version = '24.1.2'", "version = 'new'"),
        ("requires-python = '== 3.12.*'", "requires-python = '3.12'"),
        ("requires-python = '>= 3.10'", "requires-python = 'new'"),
        ("sys_platform == 'win32'", "sys_platform = 'win32'"),
        ("name = 'attrs-25.1.0-py3-none-any.whl'", "name = 'attrs-25.1.0.whl'"),
        ("name = 'attrs-25.1.0-py3-none-any.whl'", "name = 'other-25.1.0-py3-none-any.whl'"),
        ("version = '25.1.0'", "version = '25.1.1'"),
    ],
)
def test_what_the_specification_forbids_is_refused(old: str, new: str) -> None:
    with pytest.raises(LockError):
        example(old, new)


def test_a_package_that_does_not_narrow_down_to_one_is_refused() -> None:
    old = "[[packages]]\nname = 'numpy'\nversion = '2.2.3'"
    twice = example(
        old, "[[packages]]\nname = 'attrs'\nversion = '25.1.0'\n" + "wheels = []\n" + old
    )
    with pytest.raises(LockError, match="twice"):
        select(twice, LINUX)
