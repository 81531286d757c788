"""Bytecode is compiled once a wheel, linked into environments, and never written there."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.store.parts import python_tag
from headstart.environments.build.bytecode import compile_parts
from headstart.environments.build.layers import layer_for
from headstart.environments.context import Context, open_context
from headstart.environments.upkeep.compile_wheels import compile_missing, start_compiling
from headstart.errors import BuildCancelled
from headstart.settings import Settings
from headstart.store.leases import LeasedEnvironment
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.environments.build.test_wheel_parts import build
from tests.local_uv import local_settings, this_python
from tests.store.helpers import tree
from tests.waiting import until

PYTHON = this_python().path
TAG = python_tag(this_python())


@pytest.fixture(params=["copy", "hardlink"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Environments of their own files, as root has them, and of linked ones."""
    return replace(settings, link_mode=request.param)


@pytest.fixture
def odd(settings, tmp_path: Path) -> Context:
    """A context whose index has wheels that are odd to compile."""
    house = tmp_path / "house"
    broken = {"broken/__init__.py": "", "broken/old.py": "print 'two'\n"}
    make_wheel(house, "broken", "1", broken)
    make_wheel(house, "loud", "1", {"loud.py": "", "loud.pth": "import os; os._exit(3)\n"})
    make_wheel(house, "raises", "1", {"raises.py": "def fail():\n    raise ValueError\n"})
    for owner in ("one", "two"):
        make_wheel(house, owner, "1", {"both.py": f"who = '{owner}'\n", f"{owner}.py": ""})
    with LocalIndex(house) as index:
        yield open_context(local_settings(settings, tmp_path, index))


def compiled(context: Context, *requirements: str) -> LeasedEnvironment:
    """An environment of wheels that have their bytecode."""
    first = build(context, *requirements)
    first.close()
    compile_missing(context.store, PYTHON, TAG)
    assert context.store.remove(first.environment.manifest.kind, first.environment.key)
    return build(context, *requirements)


def run(leased: LeasedEnvironment, *arguments: str) -> str:
    command = [leased.environment.python, *arguments]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_environment_of_new_wheels_has_no_bytecode(context: Context) -> None:
    with build(context, "alpha") as leased:
        assert not leased.environment.manifest.bytecode
        assert list(Path(leased.environment.site_packages).rglob("*.pyc")) == []


def test_an_environment_of_compiled_wheels_has_it_inside(context: Context) -> None:
    with compiled(context, "alpha", "shared") as leased:
        assert leased.environment.manifest.bytecode
        found = run(leased, "-c", "import alpha, sys; print(alpha.__cached__, sys.pycache_prefix)")
    cached, prefix = found.split()
    assert (Path(cached).is_relative_to(leased.environment.prefix), prefix) == (True, "None")
    # PEP 552: hash-based, and not compared with the source.
    assert Path(cached).read_bytes()[4:8] == b"\x01\0\0\0"


def test_without_the_bytecode_of_one_wheel_there_is_none(context: Context) -> None:
    compiled(context, "alpha").close()
    with build(context, "alpha", "helper") as leased:
        assert not leased.environment.manifest.bytecode


def test_linked_environments_share_folders_of_it(odd: Context) -> None:
    linked = odd.settings.link_mode == "hardlink"
    with compiled(odd, "broken") as leased:
        assert leased.environment.manifest.shares_bytecode == linked
        folder = Path(leased.environment.site_packages, "broken", "__pycache__")
        assert folder.is_symlink() == linked
        assert folder.resolve().is_relative_to(odd.store.layout.wheels) == linked


def test_what_is_compiled_is_not_compiled_again(context: Context) -> None:
    build(context, "alpha").close()
    assert compile_missing(context.store, PYTHON, TAG) > 0
    assert compile_missing(context.store, PYTHON, TAG) == 0


def test_only_one_process_compiles(context: Context) -> None:
    build(context, "alpha").close()
    with context.store.parts.take_turn(TAG):
        assert compile_missing(context.store, PYTHON, TAG) == 0


def test_tracebacks_name_the_file_in_the_environment(odd: Context) -> None:
    with compiled(odd, "raises") as leased:
        code = "import raises, traceback\ntry:\n raises.fail()\nexcept ValueError:\n"
        said = run(leased, "-c", code + " print(traceback.format_exc())")
        assert f'File "{leased.environment.site_packages}/raises.py", line 2' in said
        assert "raise ValueError" in said


def test_what_does_not_compile_is_left_out(odd: Context) -> None:
    with compiled(odd, "broken") as leased:
        assert leased.environment.manifest.bytecode
        folder = Path(leased.environment.site_packages, "broken", "__pycache__")
        assert [path.name.partition(".")[0] for path in folder.iterdir()] == ["__init__"]
        run(leased, "-c", "import broken")


def test_no_pth_file_of_a_wheel_is_run(odd: Context) -> None:
    build(odd, "loud").close()
    part = next(
        name
        for name in map(odd.store.parts.find, odd.store.parts.names())
        if any(path.endswith("loud.pth") for path in name.record.files)
    )
    assert compile_parts([part], PYTHON, odd.store.parts).keys() == {part.name}


def test_of_a_file_that_two_wheels_bring_source_and_bytecode_agree(odd: Context) -> None:
    with compiled(odd, "one", "two") as leased:
        assert run(leased, "-c", "import both; print(both.who)") == "two"
        assert odd.store.verify(leased.environment.manifest.kind, leased.environment.key) == []


EVERYTHING = """
import importlib, pkgutil, sys, subprocess
for found in pkgutil.walk_packages([sys.argv[1]]):
    try:
        importlib.import_module(found.name)
    except SyntaxError:
        pass
"""


@pytest.mark.parametrize("options", [[], ["-O"], ["-OO"], ["-m", "pip", "list"], ["-s", "-E"]])
def test_nothing_is_written_into_it_under_any_option(odd: Context, options: list[str]) -> None:
    """Root too, whom write protection does not stop."""
    with compiled(odd, "broken", "raises") as leased:
        before = tree(Path(leased.environment.prefix)), tree(odd.store.layout.wheels)
        code = ["-c", EVERYTHING, leased.environment.site_packages]
        run(leased, *options, *([] if "-m" in options else code))
        assert (tree(Path(leased.environment.prefix)), tree(odd.store.layout.wheels)) == before


def test_a_layer_has_the_bytecode_of_all_of_it(context: Context) -> None:
    from headstart.core.lock.pylock import Lock

    with layer_for(Lock(), this_python(), context) as layer:
        assert layer.environment.manifest.bytecode
        folder = Path(layer.environment.site_packages)
        assert list(folder.glob("headstart_kernel/__pycache__/app.*.pyc"))
        before = tree(Path(layer.environment.prefix))
        run(layer, "-c", "import headstart_kernel.launch_request, ipykernel.kernelapp")
        assert tree(Path(layer.environment.prefix)) == before


def test_a_detached_process_compiles_after_a_build(context: Context) -> None:
    settings = replace(context.settings, compile_bytecode=True)
    with build(context, "alpha") as leased:
        start_compiling(leased.environment.manifest, settings, delay=0)
        names = [f"{name}.code" for name in leased.environment.manifest.parts]
    until(lambda: all(context.store.parts.find(name) for name in names))


def test_it_does_not_where_it_may_not(context: Context) -> None:
    with build(context, "alpha") as leased:
        start_compiling(leased.environment.manifest, context.settings, delay=0)
    assert not (context.store.layout.version / f"compile-{TAG}.lock").exists()


def test_a_wheel_that_ends_the_compiler_harms_no_other(odd: Context, tmp_path: Path) -> None:
    build(odd, "one", "raises").close()
    found = [odd.store.parts.find(name) for name in odd.store.parts.names()]
    wanted = [part for part in found if not part.name.endswith(".code")]
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ninput=$(cat)\ncase "$input" in *raises.py*) exit 3;; esac\n'
        f'printf %s "$input" | {PYTHON} "$@"\n'
    )
    python.chmod(0o755)
    assert len(compile_parts(wanted, str(python), odd.store.parts)) == len(wanted) - 1


def test_compiling_can_be_cancelled(context: Context) -> None:
    build(context, "alpha").close()
    part = next(map(context.store.parts.find, context.store.parts.names()))
    with pytest.raises(BuildCancelled):
        compile_parts([part], PYTHON, context.store.parts, cancelled=lambda: True)
    assert list(context.store.layout.building.iterdir()) == []
