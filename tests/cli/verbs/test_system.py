"""``headstart ensure --system``: an administrator builds, users find it there."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest

from ..conftest import Run, block


@pytest.fixture
def stores(store_root: Path) -> dict[str, str]:
    """A user's store and a system store, as environment variables."""
    return {
        "HEADSTART_STORE": str(store_root / "own"),
        "HEADSTART_SYSTEM_STORE": str(store_root / "system"),
    }


def ensured(headstart: Run, *arguments: object, **stores: str) -> dict[str, object]:
    result = headstart("ensure", *arguments, "--json", **stores)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_what_an_administrator_built_is_there_for_everybody(headstart, notebook, stores) -> None:
    path = notebook(block("beta"))
    built = ensured(headstart, path, "--system", **stores)
    assert built["prefix"].startswith(stores["HEADSTART_SYSTEM_STORE"])
    answer = ensured(headstart, path, **stores)
    assert (answer["prefix"], answer["reused"], answer["layer"]) == (
        built["prefix"],
        True,
        built["layer"],
    )
    # That the user has agreed to it is the user's, and nothing else is.
    own = Path(stores["HEADSTART_STORE"]).glob("v1/*/*")
    assert {path.parent.name for path in own} == {"consents"}


def test_an_environment_of_ones_own_runs_on_the_layer_of_the_system(
    headstart, notebook, stores
) -> None:
    first = ensured(headstart, notebook(block("alpha")), "--system", **stores)
    own = ensured(headstart, notebook(block("beta")), **stores)
    assert own["prefix"].startswith(stores["HEADSTART_STORE"])
    assert own["layer"] == first["layer"]
    assert not list(Path(stores["HEADSTART_STORE"]).glob("v1/layers/*"))


def test_it_can_be_read_by_everybody_and_needs_no_bytecode(headstart, notebook, stores) -> None:
    prefix = Path(ensured(headstart, notebook(block("beta")), "--system", **stores)["prefix"])
    for path in (prefix, *prefix.parents[:3], *prefix.rglob("*")):
        readable = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        assert path.lstat().st_mode & readable == readable, path
        assert path.is_symlink() or not path.stat().st_mode & stat.S_IWOTH, path
    code = "import beta; print(beta.__cached__)"
    cached = subprocess.check_output([prefix / "bin/python", "-c", code], text=True).strip()
    assert cached.startswith(str(prefix))
    assert Path(cached).is_file()


def test_without_a_system_store_there_is_nothing_to_build_in(headstart, notebook) -> None:
    result = headstart("ensure", notebook(block("beta")), "--system")
    assert result.returncode == 1
    assert "Set HEADSTART_SYSTEM_STORE" in result.stderr
