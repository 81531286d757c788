import pytest

from headstart.environments.build.venv_guard import VenvGuard
from headstart.errors import BuildError


@pytest.fixture
def prefix(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/usr/bin/python3")
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return tmp_path


def test_an_environment_may_get_more_files(prefix):
    guard = VenvGuard(prefix)
    (prefix / "bin" / "pythonic").write_text("")
    guard.check()


def test_another_home_is_refused(prefix):
    guard = VenvGuard(prefix)
    (prefix / "pyvenv.cfg").write_text("home = /evil\n")
    with pytest.raises(BuildError, match=r"pyvenv\.cfg"):
        guard.check()


def test_another_python_is_refused(prefix):
    guard = VenvGuard(prefix)
    (prefix / "bin" / "python").unlink()
    (prefix / "bin" / "python").write_text("#!/bin/sh\n")
    with pytest.raises(BuildError, match="bin/python"):
        guard.check()
