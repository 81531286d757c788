"""Local extras, with the real uv, a local index and a build back end of the tests' own."""

from __future__ import annotations

import hashlib
import json
import shutil
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.lock.pylock import parse_lock
from headstart.core.refresh import RefreshMode
from headstart.environments.ready import ensure, look, recall
from headstart.errors import BuildError, EnvironmentDamaged, LockError
from headstart.request.local_trees import read_local_extra
from headstart.testing.wheels import make_sdist, make_wheel
from headstart.uv.runner import UvRunner
from tests.local_uv import spec

BACKEND = '''
"""A build back end that needs nothing: it zips what is beside it."""
import pathlib, sys
sys.path[:0] = {path!r}
from headstart.testing.wheels import make_wheel

def build_wheel(directory, config_settings=None, metadata_directory=None):
    pathlib.Path("rubbish").mkdir(exist_ok=True)
    modules = {{path.name: path.read_text() for path in pathlib.Path().glob("*.py")}}
    wheel = make_wheel(pathlib.Path(directory), "mine", "1.0", modules, requires=["nowhere"])
    return wheel.name
'''
PROJECT = """
[project]
name = "mine"
version = "1.0"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["build-backend"]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree that can be built without a network."""
    import packaging

    import headstart

    folder = tmp_path / "tree"
    (folder / "build-backend").mkdir(parents=True)
    paths = [str(Path(module.__file__).parents[1]) for module in (headstart, packaging)]
    (folder / "build-backend" / "backend.py").write_text(BACKEND.format(path=paths))
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "mine.py").write_text("A = 1\n")
    return folder


def own_wheels(index, tmp_path: Path) -> Path:
    """The index's folder of wheels, as one that the test may add to."""
    folder = tmp_path / "index"
    shutil.copytree(index.folder, folder)
    index.folder = folder
    return folder


def extras(*paths: Path, **fields: object):
    """A spec that asks for alpha, and for local extras as they are now."""
    return spec("alpha", local_extras=tuple(map(read_local_extra, paths)), **fields)


def site_packages(ready) -> Path:
    environment = ready.environment.environment
    return Path(environment.prefix, environment.manifest.site_packages)


def test_a_source_tree_is_built_and_installed_without_what_it_requires(context, tree):
    with ensure(extras(tree), context) as ready:
        assert (site_packages(ready) / "mine.py").read_text() == "A = 1\n"
        names = [item.name for item in ready.environment.environment.manifest.distributions]
    assert names == ["alpha", "mine"]


def test_a_build_leaves_the_tree_as_it_was(context, tree):
    before = sorted(tree.rglob("*"))
    ensure(extras(tree), context).close()
    assert sorted(tree.rglob("*")) == before


def test_a_known_tree_needs_no_uv(context, tree, fake):
    ensure(extras(tree), context).close()
    bare = context._replace(uv=fake)
    assert look(extras(tree), bare) is not None
    with ensure(extras(tree), bare) as ready, recall(extras(tree), bare) as recalled:
        assert ready.reused
        assert recalled.lock == ready.lock
        assert "mine" in recalled.lock.versions
    assert fake.commands == []


def test_another_content_is_another_environment(context, tree):
    with ensure(extras(tree), context) as first:
        (tree / "mine.py").write_text("A = 2\n")
        assert look(extras(tree), context) is None
        with ensure(extras(tree), context) as second:
            assert first.environment.environment.key != second.environment.environment.key
            assert (site_packages(second) / "mine.py").read_text() == "A = 2\n"


def test_what_does_not_get_into_the_wheel_changes_no_environment(context, tree):
    with ensure(extras(tree), context) as first:
        (tree / "notebook.ipynb").write_text("saved again")
        with ensure(extras(tree), context) as second:
            assert second.reused
            assert first.environment.environment.key == second.environment.environment.key


def test_a_wheel_is_installed_and_takes_the_place_of_the_locks_package(context, tmp_path):
    wheel = make_wheel(tmp_path, "alpha", "9.0", {"alpha.py": "LOCAL = 1\n"})
    with ensure(extras(wheel), context) as ready:
        assert (site_packages(ready) / "alpha.py").read_text() == "LOCAL = 1\n"
        assert dict(ready.lock.versions) == {"alpha": "9.0"}
        [package] = ready.lock.packages
    assert package.wheels[0].sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_what_has_changed_since_the_header_was_read_is_not_installed(context, tree, tmp_path):
    seen = extras(make_wheel(tmp_path, "local", "1.0"))
    make_wheel(tmp_path, "local", "1.0", {"local.py": "EVIL = 1\n"})
    also = extras(tree)
    (tree / "mine.py").write_text("EVIL = 1\n")
    for changed in (seen, also):
        with pytest.raises(BuildError, match="has changed since the header was read"):
            ensure(changed, context)


def test_an_ephemeral_environment_has_them_too(context, tree):
    asked = extras(tree, refresh=RefreshMode.EPHEMERAL)
    for _ in range(2):
        with ensure(asked, context) as ready:
            assert not ready.reused
            assert (site_packages(ready) / "mine.py").exists()


def test_a_tree_whose_part_was_pruned_is_built_again(context, tree):
    ensure(extras(tree), context).close()
    for name in list(context.store.parts.names()):
        context.store.parts.discard(name)
    with ensure(extras(tree, refresh=RefreshMode.EPHEMERAL), context) as ready:
        assert (site_packages(ready) / "mine.py").exists()


def test_what_is_damaged_on_the_way_is_made_again_by_the_next_start(context, tree):
    asked = extras(tree, refresh=RefreshMode.EPHEMERAL)
    with ensure(asked, context) as ready:
        sha = next(p.wheels[0].sha256 for p in ready.lock.packages if p.name == "mine")
    [name] = [name for name in context.store.parts.names() if name.startswith(sha)]
    part = context.store.parts.find(name)
    next(path for path in part.tree.rglob("mine.py")).unlink()
    with pytest.raises(EnvironmentDamaged, match="kept of mine is missing or damaged"):
        ensure(asked, context)
    with ensure(asked, context) as ready:
        assert (site_packages(ready) / "mine.py").read_text() == "A = 1\n"


def test_a_tree_that_cannot_be_built_says_why(context, tree):
    (tree / "build-backend" / "backend.py").write_text("raise RuntimeError('canary')")
    with pytest.raises(BuildError, match="cannot be built") as caught:
        ensure(extras(tree), context)
    assert str(tree) in caught.value.message
    assert "headstart-extras" not in caught.value.message
    assert "canary" in caught.value.details["log"]


def test_a_back_end_writes_no_larger_file_than_an_environment_may_be(context, tree, tmp_path):
    large = tmp_path / "large"
    back_end = tree / "build-backend" / "backend.py"
    writing = f"open({str(large)!r}, 'wb').write(bytes(1 << 22))\n"
    back_end.write_text(writing + back_end.read_text())
    bounded = replace(context.settings, max_env_bytes=1 << 20)
    with pytest.raises(BuildError, match="cannot be built"):
        ensure(extras(tree), context._replace(settings=bounded))
    assert large.stat().st_size == 1 << 20


def test_a_wheel_for_other_machines_is_an_error(context, tmp_path):
    wheel = make_wheel(tmp_path, "local", "1.0", tag="cp39-cp39-win_amd64")
    with pytest.raises(LockError, match=r"local 1\.0 has no wheel for Python"):
        ensure(extras(wheel), context)


def test_the_lock_says_nothing_of_where_an_extra_lies(context, tree, tmp_path):
    wheel = make_wheel(tmp_path, "local", "1.0")
    with ensure(extras(tree, wheel), context) as first, ensure(extras(tree, wheel), context) as two:
        assert first.lock.digest == two.lock.digest
        assert str(tmp_path) not in first.lock.render()
        assert parse_lock(first.lock.render()) == first.lock


def test_two_extras_of_one_package_are_an_error(context, tmp_path):
    wheels = [make_wheel(tmp_path / folder, "local", folder) for folder in ("1", "2")]
    with pytest.raises(BuildError, match="both the package local"):
        ensure(extras(*wheels), context)


def test_the_indexes_that_a_tree_names_for_uv_do_not_count(context, tree, index):
    """Neither its settings nor its sources are obeyed by the build."""
    canary = 'index-url = "http://127.0.0.1:1/simple"\nsources = { alpha = { path = "." } }\n'
    project = (tree / "pyproject.toml").read_text().replace("requires = []", 'requires = ["alpha"]')
    (tree / "pyproject.toml").write_text(f"{project}\n[tool.uv]\n{canary}")
    ensure(spec("shared"), context).close()
    index.requests.clear()
    ensure(extras(tree), context).close()
    assert "/files/alpha-2.0-py3-none-any.whl" in index.requests


def test_what_a_build_needs_comes_as_wheels(context, tree, index, tmp_path):
    """The tree is the user's own; what its build asks the index for is not."""
    make_sdist(own_wheels(index, tmp_path), "source-only", "1.0")
    project = (tree / "pyproject.toml").read_text()
    (tree / "pyproject.toml").write_text(
        project.replace("requires = []", 'requires = ["source-only"]')
    )
    with pytest.raises(BuildError, match="source-only"):
        ensure(extras(tree), context)
    assert "/simple/source-only/" in index.requests
    assert not [path for path in index.requests if path.endswith(".tar.gz")]


DUMP = """
import json, os, pathlib
from headstart.testing.wheels import make_wheel as made
seen = dict(os.environ)
home = pathlib.Path(os.path.expanduser("~"))
seen["files at home"] = sorted(path.name for path in home.rglob("*"))

def get_requires_for_build_wheel(config_settings=None):
    print("chatter")
    return ["gamma"]

def build_wheel(directory, config_settings=None, metadata_directory=None):
    import gamma
    return made(pathlib.Path(directory), "mine", "1.0", {"seen.json": json.dumps(seen)}).name
"""


def dumping(tree: Path) -> None:
    """Have the tree's back end leave in the wheel what it has seen."""
    back_end = tree / "build-backend" / "backend.py"
    back_end.write_text("\n".join([*back_end.read_text().splitlines()[:4], DUMP]))


def test_a_back_end_sees_no_credentials_and_an_empty_home(context, tree, index, tmp_path):
    dumping(tree)
    make_wheel(own_wheels(index, tmp_path), "gamma", "1.0")
    project = (tree / "pyproject.toml").read_text().replace("requires = []", 'requires = ["alpha"]')
    (tree / "pyproject.toml").write_text(project)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".netrc").write_text("machine example.org password h0untr2")
    secrets = {
        "HOME": str(tmp_path / "home"),
        "NETRC": str(tmp_path / "home" / ".netrc"),
        "UV_INDEX_MINE_PASSWORD": "h0untr2",
        "UV_INDEX": index.url.replace("http://", "mine=http://me:h0untr2@"),
        "HTTPS_PROXY": "http://me:h0untr2@127.0.0.1:9",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/h0untr2",
    }
    settings = context.settings
    known = replace(
        settings,
        default_index=index.url.replace("http://", "http://me:h0untr2@"),
        environ={**settings.environ, **secrets},
    )
    private = context._replace(settings=known, uv=UvRunner(known, context.store.uv_cache))
    with ensure(extras(tree), private) as ready:
        text = (site_packages(ready) / "seen.json").read_text()
    assert "h0untr2" not in text
    seen = json.loads(text)
    assert seen["files at home"] == []
    assert not Path(seen["HOME"]).exists()
    assert str(tmp_path / "home") not in text
    assert not {"NETRC", "UV_INDEX", "UV_DEFAULT_INDEX", "DBUS_SESSION_BUS_ADDRESS"} & seen.keys()


def test_what_a_back_end_asks_for_comes_from_the_index_too(context, tree, index, tmp_path):
    dumping(tree)
    with pytest.raises(BuildError, match="gamma"):
        ensure(extras(tree), context)
    make_wheel(own_wheels(index, tmp_path), "gamma", "1.0")
    index.requests.clear()
    refreshed = extras(tree, refresh=RefreshMode.EPHEMERAL)
    ensure(refreshed, context).close()
    assert "/files/gamma-1.0-py3-none-any.whl" in index.requests


@pytest.mark.parametrize(
    "project",
    [
        "[build-system]\nrequires = ['h0untr2=1']",
        "[build-system]\nrequires = ['six @ https://me:h0untr2@example.org/six.whl']",
        "[build-system]\nrequires = 'h0untr2'",
        "[build-system]\nbuild-backend = 'h0untr2 -c'",
        PROJECT.replace('name = "mine"', "name = 3 # h0untr2"),
        "me:h0untr2",
    ],
)
def test_a_project_that_cannot_be_built_is_not_quoted(context, tree, project):
    (tree / "pyproject.toml").write_text(project)
    with pytest.raises(BuildError, match="cannot be built") as caught:
        ensure(extras(tree), context)
    assert "h0untr2" not in "".join(traceback.format_exception(caught.value))
    assert "h0untr2" not in str(caught.value.to_json())


def test_a_tree_that_does_not_say_how_is_built_by_setuptools(context, tree, index, tmp_path):
    back_end = (tree / "build-backend" / "backend.py").read_text()
    modules = {
        "setuptools/__init__.py": "",
        "setuptools/build_meta.py": back_end + "\n__legacy__ = sys.modules[__name__]\n",
    }
    make_wheel(own_wheels(index, tmp_path), "setuptools", "80.0", modules)
    (tree / "pyproject.toml").unlink()
    (tree / "setup.py").write_text("")
    with ensure(extras(tree), context) as ready:
        assert (site_packages(ready) / "mine.py").exists()


def test_fakes_build_too(fake_context, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.0"\n')
    (tmp_path / "mine.py").write_text("A = 1\n")
    with ensure(extras(tmp_path), fake_context) as ready:
        assert "mine" in ready.lock.versions
