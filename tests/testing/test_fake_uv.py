"""The fake does what the real uv does, wherever both can."""

import sys
import threading

import pytest

from headstart.core.lock.pylock import parse_lock
from headstart.errors import BuildCancelled, HeadstartError
from headstart.testing.fake_uv import FakeUv
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import compile_lock, make_venv, sync_lock
from tests.local_uv import local_settings, runner, spec, this_python

SITE_PACKAGES = "lib/python{}.{}/site-packages".format(*sys.version_info)


@pytest.fixture
def house(tmp_path):
    folder = tmp_path / "house"
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "alpha", "2.0", scripts={"alpha-tool": "alpha:main"})
    make_wheel(folder, "beta", "1.0", requires=["alpha<2", 'gamma; sys_platform == "none"'])
    make_wheel(folder, "delta", "1.0", requires=["alpha>=2"])
    make_wheel(folder, "windows-only", "1.0", tag="py3-none-win_amd64")
    return folder


@pytest.fixture
def both(house, settings, tmp_path):
    with LocalIndex(house) as index:
        yield runner(local_settings(settings, tmp_path, index)), FakeUv(house)


@pytest.mark.parametrize("requirements", [["alpha"], ["beta"], ["delta"], ["alpha>=1,<2", "beta"]])
def test_both_choose_the_same_wheels(both, requirements):
    locks = [
        parse_lock(uv.run(compile_lock(spec(*requirements), this_python())).stdout) for uv in both
    ]
    chosen = [
        [(package.name, package.version, package.wheels[0].sha256) for package in lock.packages]
        for lock in locks
    ]
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize(
    "requirements", [["nothing"], ["alpha==9"], ["alpha<1.5", "alpha>=1.5"], ["windows-only"]]
)
def test_both_fail_alike(both, requirements):
    codes = []
    for uv in both:
        with pytest.raises(HeadstartError) as caught:
            uv.run(compile_lock(spec(*requirements), this_python()))
        codes.append(caught.value.code)
    assert codes[0] == codes[1]


def test_both_install_the_same_files(both, tmp_path):
    installed = []
    for number, uv in enumerate(both):
        prefix = tmp_path / str(number)
        lock = uv.run(compile_lock(spec("delta"), this_python())).stdout
        uv.run(make_venv(prefix, this_python()))
        uv.run(sync_lock(prefix, lock, link_mode="copy"))
        files = [*(prefix / SITE_PACKAGES).rglob("*"), prefix / "bin/alpha-tool"]
        installed.append({str(path.relative_to(prefix)) for path in files if path.is_file()})
    assert installed[0] == installed[1]


def test_commands_wait_at_the_gate_and_can_be_cancelled_there(house):
    uv, cancelled = FakeUv(house), threading.Event()
    uv.gate.clear()
    cancelled.set()
    with pytest.raises(BuildCancelled):
        uv.run(compile_lock(spec("alpha"), this_python()), cancelled=cancelled.is_set)


def test_it_records_its_commands(house):
    uv = FakeUv(house)
    uv.run(compile_lock(spec("alpha"), this_python()))
    assert uv.verbs == ["compile"]
