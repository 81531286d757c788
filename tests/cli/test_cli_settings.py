"""Jupyter's configuration files count on the command line as they do in a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headstart import envvars

from .conftest import SCRIPT, block

Configure = Callable[..., None]


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """No variable says where the store is, and Jupyter's folder is the test's own."""
    del environ[envvars.STORE]
    return {**environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Writes a file into Jupyter's configuration folder."""

    def write(name: str, text: str) -> None:
        path = tmp_path / "jupyter" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


def store_of(headstart, **variables: str) -> str:
    result = headstart("list", "--json", **variables)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    return json.loads(result.stdout)["store"]


@pytest.mark.parametrize("base", ["jupyter_config", "jupyter_server_config"])
def test_a_trait_counts_as_in_the_server(headstart, configure, base, tmp_path) -> None:
    configure(f"{base}.py", f"c.Headstart.store = {str(tmp_path / 'a')!r}")
    assert store_of(headstart) == str(tmp_path / "a")
    configure(f"{base}.json", json.dumps({"Headstart": {"store": str(tmp_path / "b")}}))
    assert store_of(headstart) == str(tmp_path / "b")


@pytest.mark.parametrize("verb", [("prune", "--dry-run"), ("verify", "--environments")])
def test_verbs_of_the_store_have_the_same_store(headstart, configure, verb, tmp_path) -> None:
    configure("jupyter_server_config.py", f"c.Headstart.store = {str(tmp_path / 'a')!r}")
    assert json.loads(headstart(*verb, "--json").stdout)["store"] == str(tmp_path / "a")


def test_a_variable_wins_over_a_trait(headstart, configure, tmp_path) -> None:
    configure("jupyter_server_config.py", "c.Headstart.store = '/trait'")
    assert store_of(headstart, HEADSTART_STORE=str(tmp_path / "v")) == str(tmp_path / "v")


def test_the_command_line_and_a_server_read_the_same(environ, configure) -> None:
    configure("jupyter_config.py", "c.Headstart.store = '/one'; c.Headstart.max_age = 3")
    configure("jupyter_server_config.py", "c.Headstart.store = '/two'")
    configure("jupyter_config.json", '{"Headstart": {"store": "/three", "offline": true}}')
    code = (
        "from jupyter_server.serverapp import ServerApp\n"
        "from headstart.cli.cli_settings import read_settings\n"
        "from headstart.traits import settings_of\n"
        "app = ServerApp(); app.load_config_file()\n"
        "found = read_settings()\n"
        "assert settings_of(app.config) == found\n"
        "print(found.store, found.max_age, found.offline)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.stdout == "/two 3.0 True\n", done.stderr


def test_files_that_do_not_name_headstart_are_not_run(headstart, configure, tmp_path) -> None:
    configure("jupyter_server_config.py", "open('ran', 'w').close()")
    assert headstart("list").returncode == 0
    assert not (tmp_path / "ran").exists()


def test_a_file_with_an_error_is_named_and_passed_over(headstart, configure, tmp_path) -> None:
    configure("jupyter_config.py", f"c.Headstart.store = {str(tmp_path)!r}")
    configure("jupyter_server_config.py", "c.Headstart.store = '/else'; 1 / 0")
    result = headstart("list", "--json")
    assert json.loads(result.stdout)["store"] == str(tmp_path)
    assert "jupyter_server_config.py cannot be read: ZeroDivisionError" in result.stderr


def test_a_trait_that_means_nothing_is_an_error(headstart, configure) -> None:
    configure("jupyter_server_config.py", "c.Headstart.link_mode = 'symlink'")
    result = headstart("list")
    assert result.returncode == 1
    assert result.stderr.startswith("error: A setting in Jupyter's configuration is invalid")


def test_without_such_files_traitlets_is_not_imported(environ) -> None:
    code = (
        "import sys; from headstart.cli.cli_settings import read_settings\n"
        "read_settings(); print(*sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True
    )
    assert "headstart.settings" in result.stdout.split()
    assert not {"traitlets", "asyncio"} & set(result.stdout.split())


@pytest.mark.real_index
def test_a_headless_run_has_the_store_of_the_traits(
    environ, configure, notebook, shared_store
) -> None:
    configure("jupyter_server_config.py", f"c.Headstart.store = {str(shared_store)!r}")
    # The session's own environment: real packages come from where uv finds them.
    real = {**os.environ, "JUPYTER_CONFIG_DIR": environ["JUPYTER_CONFIG_DIR"]}
    del real[envvars.STORE]
    command = [SCRIPT, "run", notebook(block("six"), "1 + 1"), "--json"]
    done = subprocess.run(command, env=real, capture_output=True, text=True)
    assert json.loads(done.stdout)["prefix"].startswith(str(shared_store)), done.stderr
