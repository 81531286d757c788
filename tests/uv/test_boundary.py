"""uv sees what we composed, whatever lies around it (the design's first invariant)."""

from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.lock.pylock import parse_lock
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from headstart.uv.commands import compile_lock
from headstart.uv.configuration import read_configuration
from headstart.uv.runner import UvRunner
from tests.local_uv import runner, spec, this_python

CANARY = "No process may ask this index for anything."


@pytest.fixture
def canary(tmp_path):
    make_wheel(tmp_path / "canary", "alpha", "99")
    with LocalIndex(tmp_path / "canary") as index:
        yield index
        assert index.requests == [], CANARY


def versions(settings):
    result = runner(settings).run(compile_lock(spec("alpha"), this_python()))
    return parse_lock(result.stdout).versions


@pytest.mark.parametrize("name", ["uv.toml", ".config/uv/uv.toml"])
def test_settings_beside_the_notebook_are_not_obeyed(local, canary, tmp_path, monkeypatch, name):
    folder = tmp_path / "notebooks"
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(f'[[index]]\nurl = "{canary.url}"\ndefault = true\n')
    monkeypatch.chdir(folder)
    assert versions(local) == {"alpha": "2.0"}


def test_a_uv_toml_where_temporary_folders_lie_is_not_obeyed(local, canary, tmp_path, monkeypatch):
    (tmp_path / "uv.toml").write_text(f'[[index]]\nurl = "{canary.url}"\n')
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert versions(local) == {"alpha": "2.0"}


@pytest.mark.parametrize(
    "name", ["UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"]
)
def test_variables_that_are_not_the_users_settings_are_not_obeyed(local, canary, monkeypatch, name):
    monkeypatch.setenv(name, canary.url)
    assert versions(local) == {"alpha": "2.0"}


def test_variables_of_the_users_own_settings_are_obeyed(local, house):
    with LocalIndex(house) as own:
        environ = {**local.environ, "UV_INDEX": own.url}
        versions(replace(local, environ=environ))
        assert own.requests


def run_spy(settings, folder, *lines):
    """Run a script in uv's place."""
    spy = folder / "spy"
    spy.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    spy.chmod(0o755)
    uv = UvRunner(settings, folder / "cache", str(spy))
    return uv.run(compile_lock(spec("alpha"), this_python()))


def test_uv_runs_in_an_empty_folder_with_the_composed_environment(local, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "x")
    found = run_spy(local, tmp_path, "pwd", "ls -A", "env").stdout.splitlines()
    assert not Path(found[0]).exists()
    assert found[1] == "requirements.in"
    names = {line.partition("=")[0] for line in found[2:]} - {"PWD", "SHLVL", "_", "OLDPWD"}
    assert names == {*read_configuration(local).environ, "UV_CACHE_DIR"}


def test_credentials_of_an_index_are_not_in_the_arguments(local, tmp_path):
    secret = replace(local, default_index="https://user:secret@index.invalid/simple")
    assert "secret" not in run_spy(secret, tmp_path, 'printf "%s\\n" "$@"').stdout


def test_what_uv_prints_is_redacted(local, tmp_path):
    result = run_spy(local, tmp_path, "echo https://u:secret@host | tee /dev/stderr")
    assert result.stdout == result.stderr == "https://****@host\n"
