"""The files that make an environment one of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.core.store.manifest import EnvironmentKind
from headstart.store.layout import Layout
from headstart_kernel import install

VERSION = "{}.{}".format(*sys.version_info[:2])
KEY = "ab" * 32
SITE_PACKAGES = f"lib/python{VERSION}/site-packages"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A venv in a store's place, with our files in it."""
    prefix = tmp_path / "v1" / "environments" / KEY
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    files = install.files_for_environment(VERSION, SITE_PACKAGES, has_pip=False, has_uv=False)
    for name, (text, executable) in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if executable else 0o644)
    return prefix


def run(prefix: Path, *command: str, **environ: str) -> str:
    result = subprocess.run(
        [prefix / "bin" / command[0], *command[1:]],
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_bytecode_goes_to_the_store_and_not_into_the_environment(environment: Path):
    module = environment / SITE_PACKAGES / "some_module.py"
    module.write_text("")

    run(environment, "python", "-c", "import some_module")

    assert not (module.parent / "__pycache__").exists()
    assert list((environment.parents[1] / "pycache").rglob("some_module*.pyc"))


def test_bytecode_goes_where_the_user_wants_it(environment: Path):
    place = str(environment.parents[1] / "mine")
    show = "import sys; print(sys.pycache_prefix)"

    assert run(environment, "python", "-c", show, PYTHONPYCACHEPREFIX=place) == place


def test_the_layer_is_at_the_end_of_the_path_of_a_kernel_s_children(environment: Path):
    layer = f"{environment}:/the/layer"
    path = "import sys; print(sys.path[-1])"

    assert run(environment, "python", "-c", path, HEADSTART_KERNEL_LAYER=layer) == "/the/layer"
    assert (
        run(environment, "python", "-I", "-c", path, HEADSTART_KERNEL_LAYER=layer) == "/the/layer"
    )


def test_another_environment_s_layer_is_left_alone(environment: Path):
    path = "import sys; print(sys.path[-1])"

    output = run(environment, "python", "-c", path, HEADSTART_KERNEL_LAYER="/other:/the/layer")

    assert output != "/the/layer"


@pytest.mark.parametrize("program", ["pip", "pip3", f"pip{VERSION}"])
def test_pip_answers_for_the_environment_from_anywhere(program: str, environment: Path):
    assert run(environment, program, "list").splitlines()[0].split() == ["Package", "Version"]


def test_python_m_pip_answers_too(environment: Path):
    assert "of Headstart" in run(environment, "python", "-m", "pip", "--version")


def test_uv_answers_too(environment: Path):
    assert run(environment, "uv", "pip", "list").splitlines()[0].split() == ["Package", "Version"]


def test_a_lock_with_pip_and_uv_keeps_them():
    files = install.files_for_environment(VERSION, SITE_PACKAGES, has_pip=True, has_uv=True)

    assert not any(name.startswith("bin/") for name in files)
    assert "share/headstart/python" not in files[f"{SITE_PACKAGES}/{install.END_OF_PATH}"][0]


def test_the_digest_is_that_of_the_package_s_files():
    assert len(install.digest()) == 64
    assert "launcher.py" in install.package_files()
    assert install.launcher_path("/sp").endswith("headstart_kernel/launcher.py")


def test_the_digest_changes_with_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "app.py").write_text("one")
    monkeypatch.setattr(install, "__file__", str(tmp_path / "install.py"))
    first = install.digest()
    assert install.digest() == first
    (tmp_path / "app.py").write_text("two and more")
    second = install.digest()
    (tmp_path / "more.py").write_text("")
    assert len({first, second, install.digest()}) == 3


def test_the_store_knows_where_the_bytecode_of_an_environment_is(environment: Path):
    (environment / SITE_PACKAGES / "some_module.py").write_text("")
    layout = Layout(environment.parents[2])

    run(environment, "python", "-c", "import some_module")

    assert list(layout.pycache(EnvironmentKind.ENVIRONMENT, KEY).rglob("some_module*.pyc"))
