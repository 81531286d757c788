"""What the panel is shown."""

from __future__ import annotations

from headstart.core.header.spec import PLAIN_FIELDS, Header
from headstart.core.plan import KernelState
from headstart.core.store.manifest import EnvironmentKind
from headstart.error_facts import SourceLocation
from headstart.errors import HeaderError, NoSuchPackage
from headstart.kernels.status import KernelStatus
from headstart.server.views import CurrentHeader, notebook_status

from .factory import KEY, LAYER_KEY, building, environment, ready, request

PATH = "sub/a.ipynb"
PLAIN = [field.header_attribute for field in PLAIN_FIELDS]
SAME = CurrentHeader(request("numpy"))


def test_a_notebook_without_a_kernel_of_ours_shows_its_header_only() -> None:
    shown = notebook_status(PATH, None, CurrentHeader(request("numpy", "pandas>=2")), 0.0)
    assert shown.pop("header") == {
        "place": "cell",
        "cell": 0,
        "requirements": ["numpy", "pandas>=2"],
        "requires_python": "",
        "refresh": "cached",
        "constraints": [],
        "overrides": [],
        **{name: Header._field_defaults[name] for name in PLAIN},
        "requirements_file": "",
        "groups": None,
        "extras": [],
        "pylock": "",
        "local_extras": [],
        "env": {},
        "prepend_paths": [],
        "preload": [],
        "warnings": [],
    }
    assert shown.pop("notices") == []
    assert (shown.pop("path"), shown.pop("state")) == (PATH, "none")
    assert (shown.pop("reads_headers"), shown.pop("misplaced")) == (False, "")
    assert shown.pop("waiting") == []
    assert set(shown.values()) == {None}


def test_a_ready_kernel_shows_the_environment_that_it_runs_in() -> None:
    shown = notebook_status(PATH, ready(reused=True), SAME, 0.0)
    packages = shown["environment"].pop("packages")
    assert shown["state"] == "ready"
    assert shown["environment"] == {
        "key": KEY,
        "short_key": KEY[:12],
        "mode": "cached",
        "python": "3.12.1",
        "prefix": f"/store/v1/environments/{KEY}",
        "lock": "ef" * 32,
        "layer": LAYER_KEY,
        "built_at": "2026-11-20T10:00:00+00:00",
        "size": 1234,
        "reused": True,
    }
    assert [(item["name"], item["direct"]) for item in packages] == [
        ("numpy", True),
        ("six", False),
    ]
    assert packages[1]["required_by"] == ["python-dateutil"]


def test_packages_are_direct_by_the_header_of_the_running_kernel() -> None:
    status = ready(request=request("six"))
    shown = notebook_status(PATH, status, SAME, 0.0)["environment"]["packages"]
    assert {item["name"]: item["direct"] for item in shown} == {"numpy": False, "six": True}


def test_an_ephemeral_environment_says_so() -> None:
    status = ready(environment=environment(EnvironmentKind.EPHEMERAL))
    assert notebook_status(PATH, status, SAME, 0.0)["environment"]["mode"] == "ephemeral"


def test_an_unchanged_header_changes_nothing() -> None:
    assert notebook_status(PATH, ready(), SAME, 0.0)["changes"] is None


def test_a_changed_header_is_compared_with_the_one_that_the_kernel_started_with() -> None:
    current = CurrentHeader(request("numpy>=2", "scipy"))
    shown = notebook_status(PATH, ready(), current, 0.0)["changes"]
    assert shown["added"] == ["scipy"]
    assert shown["changed"] == [["numpy", "numpy>=2"]]


def test_a_removed_header_is_a_change() -> None:
    shown = notebook_status(PATH, ready(), CurrentHeader(), 0.0)
    assert shown["changes"]["removed"] == ["numpy"]


def test_no_changes_are_shown_for_a_notebook_that_cannot_be_read() -> None:
    shown = notebook_status(PATH, ready(), CurrentHeader(readable=False), 0.0)
    assert shown["changes"] is None


def test_an_error_in_the_header_is_shown_with_the_running_environment() -> None:
    error = HeaderError("In cell 1, line 2: no.", hint="Mend it.", location=SourceLocation(0, 2))
    shown = notebook_status(PATH, ready(), CurrentHeader(error=error), 0.0)
    assert shown["header_error"]["hint"] == "Mend it."
    assert shown["environment"] is not None
    assert shown["changes"] is None


def test_a_build_shows_its_progress_and_its_seconds() -> None:
    shown = notebook_status(PATH, building(since=100.0), SAME, 102.34)
    assert shown["state"] == "building"
    assert shown["progress"] == {
        "phase": "download",
        "message": "Downloading numpy",
        "done": 1,
        "total": 3,
        "size": 16,
        "bytes_done": 0,
        "bytes_total": 0,
        "fraction": None,
        "remaining": None,
        "seconds": 2.3,
    }


def test_a_failed_kernel_shows_why() -> None:
    error = NoSuchPackage("There is no nunpy.", hint="Did you mean numpy?", log="×")
    status = KernelStatus("k1", PATH, KernelState.FAILED, request=request("nunpy"), error=error)
    shown = notebook_status(PATH, status, CurrentHeader(request("numpy")), 0.0)
    assert shown["error"] == error.to_json()
    assert shown["environment"] is None
    assert shown["changes"]["added"] == ["numpy"]
