"""``prune``, ``keep`` and ``unkeep``, and what ``list`` says of who uses what."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from headstart.core.store.manifest import EnvironmentKind
from headstart.store.disk.filesystem import host_name
from headstart.store.gc.users import User, started_at
from headstart.store.layout import Layout
from headstart.store.store import Store
from headstart.store.upkeep import Upkeep

from ..conftest import Run, block

DAY = 86_400


@pytest.fixture
def store(store_root: Path) -> Path:
    """A store of each test's own."""
    return store_root


@pytest.fixture
def built(headstart: Run, notebook, store: Path):
    """Builds a notebook's environment, last used so many days ago; what ``ensure`` says of it."""

    def build(requirement: str, days: float = 9) -> dict[str, str]:
        path = notebook(block(requirement), name=f"{requirement}.ipynb")
        answer = json.loads(headstart("ensure", path, "--json").stdout)
        when = time.time() - days * DAY
        for key in (answer["key"], answer["layer"]):
            os.utime(Layout(store).lease(key), (when, when))
        return {**answer, "notebook": str(path)}

    return build


def keys(store: Path) -> set[str]:
    return {entry.key for entry in Store(store).entries()}


# -- prune ----------------------------------------------------------------------------------------


def test_prune_says_that_nothing_had_to_go(headstart, built) -> None:
    built("alpha")
    result = headstart("prune")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Nothing had to go. ")
    assert " of 21.5 GB, " in result.stdout


def test_a_dry_run_says_what_would_go_and_why(headstart, built, store) -> None:
    old = built("alpha", days=40)
    limits = {"HEADSTART_MAX_AGE": "30"}
    result = headstart("prune", "--dry-run", **limits)
    line = next(it for it in result.stdout.splitlines() if it.startswith("environment "))
    assert old["key"][:12] in line
    assert line.endswith("it was not used for long")
    assert "would be freed; " in result.stdout
    assert old["key"] in keys(store)
    assert "are freed; " in headstart("prune", **limits).stdout
    assert keys(store) == set()


def test_prune_tells_programs_all_of_it(headstart, built, store) -> None:
    old = built("alpha")
    (Layout(store).building / "dead").mkdir()
    answer = json.loads(headstart("prune", "--json", HEADSTART_QUOTA_BYTES="0").stdout)
    removed = {item["key"]: item for item in answer["removed"]}
    assert removed[old["key"]]["reason"] == "quota-bytes"
    assert removed[old["key"]]["frees"]["inodes"] > 0
    assert answer["leftovers"] == ["building/dead"]
    assert answer["after"]["bytes"] < answer["before"]["bytes"]
    assert (answer["dry_run"], answer["kept"], answer["problem"]) == (False, [], None)


def test_prune_all_keeps_what_is_used_and_what_is_pinned(headstart, built, store) -> None:
    kept, used, other = built("alpha"), built("beta"), built("alpha<2")
    headstart("keep", kept["notebook"])
    with Store(store).find(EnvironmentKind.ENVIRONMENT, used["key"]):
        headstart("prune", "--all")
    assert keys(store) == {kept["key"], kept["layer"], used["key"]}
    assert other["key"] not in keys(store)


def test_prune_says_who_and_what_keeps_the_store_above_its_quota(headstart, built, store) -> None:
    kept, used, young = built("alpha"), built("beta"), built("alpha<2", days=0)
    headstart("keep", kept["notebook"])
    pid = os.getpid()
    user = User(
        used["key"],
        used["layer"],
        pid,
        started_at(pid),
        "/home/b.ipynb",
        "jupyter-lab",
        host_name(),
    )
    Upkeep(store).record_user(user)
    nothing = {"HEADSTART_QUOTA_BYTES": "0"}
    with Store(store).find(EnvironmentKind.ENVIRONMENT, used["key"]):
        result = headstart("prune", "--dry-run", **nothing)
        answer = json.loads(headstart("prune", "--json", **nothing).stdout)
    lines = {line.split()[1]: line for line in result.stdout.splitlines() if len(line.split()) > 4}
    assert lines[kept["key"][:12]].endswith("it is kept")
    assert lines[young["key"][:12]].endswith("it was used in the last ten minutes")
    uses = f"process {pid} uses it: /home/b.ipynb (started by jupyter-lab)"
    assert lines[used["key"][:12]].endswith(uses)
    assert re.search(r"wheel +\d+ of them .*  an environment was built from it\n", result.stdout)
    assert "More had to go, for the store takes more bytes than its quota" in result.stdout
    assert answer["pressure"] == "quota-bytes"
    stays = {item["key"]: item for item in answer["staying"]}
    assert stays[used["key"]]["reason"] == "used"
    assert stays[used["key"]]["users"][0]["notebook"] == "/home/b.ipynb"
    assert stays[used["key"]]["own"]["inodes"] > 0
    assert (stays[kept["key"]]["reason"], stays[young["key"]]["reason"]) == ("kept", "recent")
    assert "needed" in {item["reason"] for item in answer["staying"]}


def test_a_store_within_its_limits_says_nothing_of_what_stays(headstart, built) -> None:
    built("alpha", days=0)
    assert "STAYS" not in headstart("prune").stdout
    assert json.loads(headstart("prune", "--json").stdout)["pressure"] is None


def test_the_quota_may_be_no_size(headstart) -> None:
    result = headstart("prune", HEADSTART_QUOTA_BYTES="much")
    assert result.returncode == 1
    assert "HEADSTART_QUOTA_BYTES" in result.stderr


# -- keep and unkeep ------------------------------------------------------------------------------


def test_an_environment_is_pinned_with_its_layer_by_notebook_or_key(headstart, built, store):
    first, second = built("alpha"), built("beta")
    assert headstart("keep", first["notebook"]).stdout == f"{first['key']}\n"
    answer = json.loads(headstart("keep", second["key"][:8], "--json").stdout)
    assert answer == {"key": second["key"], "kept": True}
    assert Upkeep(store).kept() == {first["key"], second["key"], first["layer"]}
    headstart("unkeep", first["notebook"])
    assert Upkeep(store).kept() == {second["key"], second["layer"]}
    headstart("unkeep", second["key"])
    assert Upkeep(store).kept() == set()


def test_what_is_not_there_cannot_be_pinned(headstart, notebook) -> None:
    result = headstart("keep", "0123456789ab")
    assert (result.returncode, result.stdout) == (1, "")
    assert "begins with 0123456789ab" in result.stderr
    result = headstart("keep", notebook(block("alpha")))
    assert result.returncode == 1
    assert "headstart ensure" in result.stderr
    result = headstart("unkeep", "012")
    assert "012 is neither the path of a notebook nor the beginning of a key" in result.stderr


# -- list -----------------------------------------------------------------------------------------


def test_list_says_who_uses_what_and_who_asked_for_it(headstart, built, store) -> None:
    answer = built("alpha")
    pid = os.getpid()
    user = User(
        answer["key"],
        answer["layer"],
        pid,
        started_at(pid),
        "/home/me/a.ipynb",
        "jupyter-lab",
        host_name(),
    )
    Upkeep(store).record_user(user)
    headstart("keep", answer["key"][:12])
    listed = json.loads(headstart("list", "--json").stdout)["environments"]
    entry = next(item for item in listed if item["key"] == answer["key"])
    assert entry["kept"]
    assert [user["pid"] for user in entry["users"]] == [pid]
    assert entry["notebooks"] == ["/home/me/a.ipynb"]
    text = headstart("list").stdout
    assert re.search(rf"{answer['key'][:12]} .* kept +a\.ipynb\n", text)
    assert re.search(
        rf"process {pid} +{answer['key'][:12]} +/home/me/a\.ipynb +jupyter-lab\n", text
    )


def test_list_tells_what_is_shared(headstart, notebook) -> None:
    keys = []
    for requirement in ("alpha<2", "beta"):
        path = notebook(block(requirement))
        answer = headstart("ensure", path, "--json", HEADSTART_LINK_MODE="hardlink").stdout
        keys.append(json.loads(answer)["key"])
    listed = json.loads(headstart("list", "--json").stdout)["environments"]
    first, second = (next(item for item in listed if item["key"] == key) for key in keys)
    assert first["shared"] == second["shared"] > 0, "both have alpha 1.0"
    assert second["own"] > first["own"] > 0


def test_list_shows_the_system_store_too(headstart, built, store_root) -> None:
    answer = built("alpha")
    Upkeep(store_root / "own").note_notebook(answer["key"], "/home/me/a.ipynb")
    other = {"HEADSTART_STORE": str(store_root / "own"), "HEADSTART_SYSTEM_STORE": str(store_root)}
    listed = json.loads(headstart("list", "--json", **other).stdout)
    assert listed["environments"] == []
    (entry,) = (it for it in listed["system"]["environments"] if it["key"] == answer["key"])
    assert entry["notebooks"] == ["/home/me/a.ipynb"], "as the user's own store has noted"
    assert answer["key"][:12] in headstart("list", **other).stdout
