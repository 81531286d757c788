"""``headstart verify --environments``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run, block


@pytest.fixture
def store(store_root: Path) -> Path:
    """A store of each test's own."""
    return store_root


@pytest.fixture
def module(headstart: Run, notebook, store: Path) -> Path:
    """A module of an environment that was built."""
    prefix = headstart("ensure", notebook(block("alpha"))).stdout.strip()
    return next(Path(prefix).glob("lib/*/site-packages/alpha.py"))


def test_a_store_in_order_is_said_to_be(headstart: Run, module: Path) -> None:
    result = headstart("verify", "--environments")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("none damaged.\n")


def test_an_empty_store_is_in_order(headstart: Run, store: Path) -> None:
    assert headstart("verify", "--environments").stdout.startswith("0 checked in ")


def test_what_is_damaged_is_named_and_built_again(headstart, notebook, module: Path) -> None:
    text = module.read_text()
    module.chmod(0o600)
    module.write_text("changed")
    result = headstart("verify", "--environments")
    assert result.returncode == 1
    assert f"{module.name} has 7 bytes, and not {len(text)}" in result.stdout
    again = headstart("ensure", notebook(block("alpha")))
    assert "is built again" in again.stderr
    assert module.read_text() == text
    assert headstart("verify", "--environments").returncode == 0


def test_as_json_every_environment_has_its_problems(headstart: Run, module: Path) -> None:
    module.chmod(0o600)
    module.write_text("changed")
    result = headstart("verify", "--environments", "--json")
    found = {item["name"]: item for item in json.loads(result.stdout)["environments"]}
    damaged = [name for name, item in found.items() if item["damaged"]]
    assert result.returncode == 1
    assert f"environments/{module.parents[3].name}" in damaged
    problems = found[damaged[0]]["problems"]
    assert [Path(problem["path"]).name for problem in problems] == ["alpha.py"]


def test_what_to_verify_has_to_be_said(headstart: Run) -> None:
    result = headstart("verify")
    assert result.returncode == 2
    assert "--environments" in result.stderr
