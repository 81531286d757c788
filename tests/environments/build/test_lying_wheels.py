"""Wheels that replace files of others, or bring metadata of packages that are not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headstart.cli.verbs import show
from headstart.core.notebook.find import Cell, Notebook
from headstart.core.progress import Progress
from headstart.core.store.manifest import EnvironmentKind
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure
from headstart.errors import BuildError
from headstart.request.read import NO_REQUEST
from headstart.settings import Settings
from headstart.store.store import Store
from headstart.testing.fake_uv import FakeUv
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.core.factory import block
from tests.environments.drift.test_notebook_drift import compared
from tests.local_uv import local_settings, spec
from tests.stub_kernel import make_ipykernel

KIND = EnvironmentKind.ENVIRONMENT
EXTEND = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
DECLARE = "# ours\n__import__('pkg_resources').declare_namespace(__name__)\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "liars"
    make_ipykernel(folder)
    make_wheel(folder, "numpy", "2.0", {"numpy/__init__.py": "", "numpy/core.py": "true = 1\n"})
    return folder


@pytest.fixture
def events() -> list[Progress]:
    return []


@pytest.fixture
def context(settings: Settings, house: Path, events: list[Progress]) -> Context:
    bare = replace(settings, environ={})
    return Context(bare, Store(bare.store), FakeUv(house), events.append)


def clashes(context: Context, *names: str) -> tuple[str, ...]:
    with ensure(spec(*names), context) as ready:
        return ready.environment.environment.manifest.clashes


def test_a_file_that_two_wheels_bring_is_said_at_the_build_and_kept(context, house, events, caplog):
    make_wheel(house, "zoo", "1.0", {"zoo.py": "", "numpy/core.py": "true = 0\n"})
    [line] = clashes(context, "numpy", "zoo")
    assert line == "numpy and zoo both bring numpy/core.py; that of zoo counts."
    assert line in [event.message for event in events]
    assert line in caplog.text
    events.clear()
    assert clashes(context, "numpy", "zoo") == (line,)
    assert line not in [event.message for event in events], "nothing was built"


def test_many_files_of_two_wheels_are_one_line(context, house):
    more = {f"numpy/m{number}.py": "0" for number in range(5)}
    make_wheel(house, "one", "1.0", {**more, "numpy/core.py": "1"})
    other = dict.fromkeys(more, "2")
    make_wheel(house, "two", "1.0", other)
    found = clashes(context, "numpy", "one", "two")
    assert found == (
        "numpy and one both bring numpy/core.py; that of one counts.",
        "one and two both bring numpy/m0.py, and 4 more files; those of two count.",
    )


@pytest.mark.parametrize(
    "path, one, other",
    [
        ("shared/__init__.py", EXTEND, EXTEND),
        ("shared/__init__.py", EXTEND, DECLARE),
        ("shared/py.typed", "", "partial\n"),
        ("tests/test_it.py", "1", "2"),
        ("tests/__init__.py", "", "# tests"),
        ("docs/conf.py", "1", "2"),
        ("LICENSE", "1", "2"),
        ("README.md", "1", "2"),
        ("shared/__pycache__/a.cpython-311.pyc", "1", "2"),
    ],
)
def test_harmless_clashes_are_not_reported(context, house, path, one, other):
    make_wheel(house, "one", "1.0", {path: one})
    make_wheel(house, "other", "1.0", {path: other})
    assert clashes(context, "one", "other") == ()


@pytest.mark.parametrize("one, other", [(EXTEND, "real = 1\n"), ("real = 1\n", DECLARE), ("", "1")])
def test_a_module_and_a_namespace_are_not_the_same(context, house, one, other):
    make_wheel(house, "one", "1.0", {"shared/__init__.py": one})
    make_wheel(house, "other", "1.0", {"shared/__init__.py": other})
    assert len(clashes(context, "one", "other")) == 1


@pytest.mark.parametrize("name", ["aaa-liar", "zzz-liar"])
@pytest.mark.parametrize("folder", ["numpy-9.9.dist-info", "NumPy-9.9.egg-info"])
@pytest.mark.parametrize("beside", [True, False])
def test_a_package_that_is_listed_and_not_there_stops_the_build(
    context, house, name, folder, beside
):
    file = "METADATA" if folder.endswith("dist-info") else "PKG-INFO"
    text = "Metadata-Version: 2.1\nName: numpy\nVersion: 9.9\n"
    make_wheel(house, name, "1.0", {"liar.py": ""}, files={f"{folder}/{file}": text})
    with pytest.raises(BuildError, match=rf"{name} brings {folder}") as caught:
        ensure(spec(name, *(["numpy"] if beside else [])), context)
    assert name in caught.value.hint
    assert not [entry for entry in context.store.entries() if entry.kind is KIND]


def test_metadata_in_the_name_of_another_that_is_there_stops_it_too(context, house):
    text = "Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\nSummary: another\n"
    files = {"numpy-2.0.dist-info/METADATA": text}
    make_wheel(house, "zzz-liar", "1.0", {"liar.py": ""}, files=files)
    with pytest.raises(BuildError, match=r"zzz-liar brings numpy-2\.0\.dist-info"):
        ensure(spec("numpy", "zzz-liar"), context)


@pytest.mark.parametrize("folder", ["liar-numpy.dist-info", "NumPy-9.9.DIST-INFO"])
def test_metadata_that_only_looks_like_its_own_or_like_none_stops_it(context, house, folder):
    text = "Metadata-Version: 2.1\nName: numpy\nVersion: 9.9\n"
    make_wheel(house, "liar", "1.0", files={f"{folder}/METADATA": text})
    with pytest.raises(BuildError, match=f"liar brings {folder}"):
        ensure(spec("liar"), context)


@pytest.mark.parametrize(
    "name, version", [("one-2", "1.0"), ("One.Two", "1.0.0"), ("o", "1!2+x.1")]
)
def test_metadata_of_its_own_in_other_words_is_its_own(context, house, name, version):
    make_wheel(house, name, version)
    assert clashes(context, name) == ()


def test_a_file_beside_the_metadata_of_another_is_said(context, house):
    files = {"numpy-2.0.dist-info/more.txt": "more"}
    make_wheel(house, "zzz-liar", "1.0", {"liar.py": ""}, files=files)
    found = clashes(context, "numpy", "zzz-liar")
    assert found == ("zzz-liar brings numpy-2.0.dist-info/more.txt, which is numpy's.",)


def test_a_wheel_with_metadata_of_its_own_in_two_forms_is_installed(context, house):
    files = {"old-1.0-py3.11.egg-info/PKG-INFO": "Name: old\n"}
    make_wheel(house, "old", "1.0", files=files)
    assert clashes(context, "old") == ()


def test_show_says_it(context, house, tmp_path):
    make_wheel(house, "zoo", "1.0", {"numpy/core.py": "true = 0\n"})
    [line] = clashes(context, "numpy", "zoo")
    with ensure(spec("numpy", "zoo"), context) as ready:
        shown = show.Shown(tmp_path, NO_REQUEST, environment=ready.environment.environment)
    assert line in show.render(shown)
    assert show.to_json(shown)["environment"]["clashes"] == [line]


def test_verify_says_it_and_it_is_not_wrong(context, house):
    make_wheel(house, "zoo", "1.0", {"numpy/core.py": "true = 0\n"})
    [line] = clashes(context, "numpy", "zoo")
    header = block('dependencies = ["numpy", "zoo"]')
    found = compared(Notebook((Cell(0, "code", header),), {}, "a.ipynb"), context)
    assert (found.ok, found.store.facts["clashes"]) == (True, [line])
    assert line in found.store.hint


def test_uv_installs_such_a_wheel_and_we_do_not(settings, tmp_path, house):
    text = "Metadata-Version: 2.1\nName: numpy\nVersion: 9.9\n"
    files = {"{data}/purelib/numpy-9.9.dist-info/METADATA": text}
    make_wheel(house, "liar", "1.0", {"liar.py": ""}, files=files)
    with LocalIndex(house) as index:
        real = open_context(local_settings(settings, tmp_path, index))
        with pytest.raises(BuildError, match=r"liar brings numpy-9\.9\.dist-info"):
            ensure(spec("liar"), real)
