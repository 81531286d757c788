"""The forms in which other tools read a lock."""

from __future__ import annotations

import tomllib

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.exports import dockerfile, left_out, pyproject, requirements
from headstart.core.lock.pylock import Lock, parse_lock
from tests.core.factory import SHA, lock_text, package_lines, pure, wheel_line
from tests.core.header.test_spec import FULL


@pytest.fixture
def lock() -> Lock:
    wheels = [wheel_line(f"b-1-py{n}-none-any.whl", sha=f"{n}" * 64) for n in "32"]
    marked = package_lines("b", "1", *wheels, extra="marker = \"os_name == 'nt'\"")
    return parse_lock(lock_text(pure("a", "1.0"), marked))


def test_requirements_have_markers_and_all_hashes(lock: Lock) -> None:
    assert requirements(lock) == (
        f"a==1.0 \\\n    --hash=sha256:{SHA}\n"
        "b==1 ; os_name == 'nt' \\\n"
        f"    --hash=sha256:{'2' * 64} \\\n    --hash=sha256:{'3' * 64}\n"
    )
    assert requirements(Lock()) == ""


def test_a_project_depends_on_what_the_header_asks_for() -> None:
    spec = EnvironmentSpec(("a", 'b>=2; os_name == "nt"'), constraints=("c<3",))
    project = tomllib.loads(pyproject(spec, "My Note book!", "3.12"))
    assert project["project"] == {
        "name": "my-note-book",
        "version": "0",
        "requires-python": ">=3.12",
        "dependencies": list(spec.requirements),
    }
    assert project["tool"]["uv"] == {"package": False, "constraint-dependencies": ["c<3"]}
    spec = spec._replace(requires_python="==3.11.*", exclude_newer="2026-01-31")
    project = tomllib.loads(pyproject(spec, "ä", "3.12"))
    assert project["project"]["name"] == "notebook"
    assert project["project"]["requires-python"] == "==3.11.*"
    assert project["tool"]["uv"]["exclude-newer"] == "2026-01-31"


def test_a_dockerfile_has_the_lock_and_expands_nothing(lock: Lock) -> None:
    text = dockerfile(lock, "3.12", 'a "b".ipynb', {"X": 'a "$HOME" \\n'}, is_text=False)
    head, _, rest = text.partition('COPY <<"LOCK" requirements.txt\n')
    assert "FROM python:3.12-slim\n" in head
    assert rest.partition("LOCK\n")[0] == requirements(lock)
    assert 'ENV X="a \\"\\$HOME\\" \\\\n"\n' in rest
    assert 'COPY --chown=notebook ["a \\"b\\".ipynb", "./"]\n' in rest
    assert "jupytext" not in text
    assert "jupytext" in dockerfile(lock, "3.12", "a.py", {}, is_text=True)


@pytest.mark.parametrize(
    "form, missing",
    [
        ("requirements", ("requires-python", "local-extras", "env", "prepend-paths")),
        ("pylock", ("local-extras", "env", "prepend-paths")),
        ("pyproject", ("hashes", "lock", "local-extras", "env", "prepend-paths")),
        ("dockerfile", ("local-extras", "prepend-paths")),
        ("binder", ("local-extras", "env", "prepend-paths")),
    ],
)
def test_what_a_form_leaves_out_is_named(form: str, missing: tuple[str, ...]) -> None:
    assert left_out(FULL, form) == missing
    assert left_out(EnvironmentSpec(), form) == ()
