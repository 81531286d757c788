"""``headstart verify --environments``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import Run, block


@pytest.fixture
def store(store_root: Path) -> Path:
    """A store of each test's own."""
    return store_root


def state_of(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything below a folder: what it is, and when it was changed last."""
    return {
        str(path): (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino)
        for path in [folder, *folder.rglob("*")]
        for status in [path.lstat()]
    }


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


def test_what_is_damaged_is_named_and_stays_as_it_is(headstart, module: Path, store: Path) -> None:
    text = module.read_text()
    module.chmod(0o600)
    module.write_text("changed")
    before = state_of(store)
    result = headstart("verify", "--environments")
    assert result.returncode == 1
    assert f"{module.name} has 7 bytes, and not {len(text)}" in result.stdout
    assert "headstart prune --damaged" in result.stdout
    assert headstart("verify", "--environments").stdout == result.stdout
    assert state_of(store) == before


def test_a_notebooks_damaged_environment_is_named_and_stays_as_it_is(
    headstart, notebook, module: Path, store: Path
) -> None:
    path = notebook(block("alpha"))
    (module.parent / "added").mkdir(parents=True)
    before = state_of(store)
    result = headstart("verify", path)
    assert (result.returncode, "its site-packages was changed" in result.stdout) == (1, True)
    assert "does not agree with itself" in result.stdout
    assert headstart("verify", path).stdout == result.stdout
    assert state_of(store) == before
    assert "is built again" in headstart("ensure", path).stderr  # at the launch, as ever
    assert headstart("verify", path).returncode == 0


def test_what_only_looks_does_not_remove_either(headstart, notebook, module, store) -> None:
    path = notebook(block("alpha"))
    (module.parent / "added").mkdir(parents=True)
    for verb in ("show", "tree"):
        headstart(verb, path)
        assert (module.parent / "added").is_dir(), verb


def test_what_is_damaged_is_discarded_and_built_again(headstart, notebook, module: Path) -> None:
    text = module.read_text()
    assert headstart("prune", "--damaged").stdout.endswith("is damaged.\n")
    module.chmod(0o600)
    module.write_text("changed")
    dry = headstart("prune", "--damaged", "--dry-run")
    assert (dry.returncode, "would be discarded" in dry.stdout) == (0, True)
    done = json.loads(headstart("prune", "--damaged", "--json").stdout)
    assert f"environments/{module.parents[3].name}" in [item["name"] for item in done["damaged"]]
    again = headstart("ensure", notebook(block("alpha")))
    assert "is built again" in again.stderr
    assert module.read_text() == text
    assert headstart("verify", "--environments").returncode == 0


def test_as_json_every_environment_has_its_problems(headstart: Run, module: Path) -> None:
    module.chmod(0o600)
    module.write_text("changed")
    result = headstart("verify", "--environments", "--json")
    environments = {item["name"]: item for item in json.loads(result.stdout)["environments"]}
    damaged = [name for name, item in environments.items() if item["damaged"]]
    assert result.returncode == 1
    assert f"environments/{module.parents[3].name}" in damaged
    problems = environments[damaged[0]]["problems"]
    assert [Path(problem["path"]).name for problem in problems] == ["alpha.py"]


def test_what_to_verify_has_to_be_given(headstart: Run) -> None:
    result = headstart("verify")
    assert result.returncode == 2
    assert "--environments" in result.stderr


def test_imports_are_tried_and_summed_up(headstart: Run, notebook, store: Path) -> None:
    result = headstart("verify", notebook(block("alpha")), "--imports")
    assert (result.returncode, result.stderr) == (3, ""), "a step was skipped"
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["PACKAGE", "VERSION", "EXISTING", "INSTALL", "IMPORT", "ORIGIN", "USAGE"]
    assert lines[1] == ["alpha", "2.0", "no", "ok", "ok", "ok", "skipped"]
    assert lines[2] == ["alpha,", "usage:", "No", "check", "of", "it", "is", "known."]
    assert result.stdout.endswith(
        "already installed: no\nimport successful: yes\nall successful: no\n"
    )


def test_imports_as_json(headstart: Run, notebook, module: Path) -> None:
    result = headstart("verify", notebook(block("alpha")), "--imports", "--json")
    answer = json.loads(result.stdout)
    assert result.returncode == 3
    assert answer["environment"]["prefix"] == str(module.parents[3])
    [package] = answer["packages"]
    assert (package["name"], package["modules"]) == ("alpha", ["alpha"])
    steps = {step["step"]: step["status"] for step in package["steps"]}
    assert steps == {"existing": "passed", "install": "passed", "import": "passed",
                     "origin": "passed", "usage": "skipped"}  # fmt: skip
    assert package["steps"][3]["files"] == {"alpha": str(module)}
    assert answer["summary"]["already_installed"]
    assert answer["summary"]["skipped"] == {"alpha": ["usage"]}
    assert answer["error"] is None


def test_imports_see_files_next_to_the_notebook(headstart, notebook, module: Path) -> None:
    path = notebook(block("alpha"))
    path.with_name("alpha.py").write_text("")
    result = headstart("verify", path, "--imports")
    assert result.returncode == 1
    assert f"alpha came from {path.with_name('alpha.py')}, and not" in result.stdout


def test_imports_that_cannot_be_installed_fail(headstart: Run, notebook, store: Path) -> None:
    path = notebook(block("nowhere"))
    result = headstart("verify", path, "--imports")
    assert result.returncode == 1
    assert "nowhere" in result.stdout
    assert "import successful: no" in result.stdout
    answer = json.loads(headstart("verify", path, "--imports", "--json").stdout)
    assert answer["error"]["code"] == "no-such-package"
    assert answer["summary"]["failed"] == ["nowhere"]


def test_imports_need_a_notebook(headstart: Run) -> None:
    result = headstart("verify", "--environments", "--imports")
    assert result.returncode == 1
    assert "NOTEBOOK --imports" in result.stderr
