"""The self-test, with an index of wheels that import, that do not, and that lead elsewhere."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.core.header.spec import KernelOptions, ProvidedLock
from headstart.core.notebook.find import Notebook
from headstart.core.refresh import RefreshMode
from headstart.core.selftest_result import SelfTest, Step, StepName, StepStatus
from headstart.environments.context import Context, open_context
from headstart.environments.ready import ensure
from headstart.environments.selftest.kernel_process import KernelProcess
from headstart.environments.selftest.selftest import SECONDS
from headstart.environments.selftest.selftest import self_test as self_test_in
from headstart.kernels.launch.environ import kernel_environ
from headstart.request.directory import DiskFolder
from headstart.request.read import request_of
from headstart.testing.wheels import make_wheel
from tests.fidelity.launching import is_long
from tests.local_uv import spec
from tests.stub_kernel import APP, make_ipykernel

YAML = "def safe_load(text):\n    return {'a': [1, 2]}\n"
RUNS = """
import os, shutil, sys

assert os.path.dirname(shutil.which("told-by-it")) == os.path.join(sys.prefix, "bin")
assert os.environ["VIRTUAL_ENV"] == sys.prefix and sys.executable.startswith(sys.prefix)
"""
ENDS = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
ELSEWHERE = "import json, sys\nsys.modules[__name__] = json\n"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("selftest")
    # What a kernel has loaded stays loaded: a user's package of that name is not imported.
    make_ipykernel(folder, app=f"{APP}\nimport loaded\n", requires=["loaded"])
    make_wheel(folder, "loaded", "1.0")
    make_wheel(folder, "random-user", "1.0", {"random_user.py": "import random, helper_of_it\n"})
    make_wheel(folder, "good", "1.0", requires=["helper"])
    make_wheel(folder, "helper", "1.0", {"helper.py": "raise ImportError('not asked for')\n"})
    make_wheel(folder, "bad", "1.0", {"bad.py": "print('hello')\nimport missing_library\n"})
    make_wheel(folder, "two", "1.0", {"one.py": "", "second.py": "raise SystemExit('away')\n"})
    make_wheel(folder, "crash", "1.0", {"crash.py": ENDS})
    make_wheel(folder, "elsewhere", "1.0", {"elsewhere.py": ELSEWHERE})
    make_wheel(folder, "stubs", "1.0", {"stubs-stubs/__init__.pyi": ""})
    make_wheel(folder, "space", "1.0", {"shared_space/part/__init__.py": ""})
    make_wheel(folder, "pyyaml", "1.0", {"yaml.py": YAML})
    make_wheel(folder, "jinja2", "1.0", {"jinja2.py": "class Template:\n    pass\n"})
    make_wheel(
        folder, "click", "1.0", {"click.py": f"unstyle = str\ndef style(*a, **b):\n    {ENDS}"}
    )
    make_wheel(folder, "told", "1.0", {"told.py": "import os\nos.environ['TOLD_BY_HEADER']\n"})
    make_wheel(folder, "runs", "1.0", {"runs.py": RUNS}, scripts={"told-by-it": "runs:main"})
    make_wheel(folder, "slow", "1.0", {"slow.py": "while True:\n    pass\n"})
    return folder


def self_test(asked, context: Context, folder: Path | None = None, seconds: float = SECONDS):
    """The self-test, as the kernel of a notebook in ``folder`` would be started."""
    environ = kernel_environ(context.settings.environ, asked.kernel, session=False)
    process = KernelProcess(folder or context.store.root, environ)
    return self_test_in(asked, context, process, seconds)


def steps_of(test: SelfTest, name: str) -> dict[StepName, Step]:
    """The steps of one package, by their names."""
    [package] = [package for package in test.packages if package.name == name]
    assert [step.name for step in package.steps] == list(StepName)
    return {step.name: step for step in package.steps}


def words(test: SelfTest, name: str) -> str:
    """How the steps of one package ended: P, F, S or I each."""
    return "".join(step.status.value[0].upper() for step in steps_of(test, name).values())


def test_what_is_asked_for_is_installed_imported_and_found_where_it_should_be(context: Context):
    test = self_test(spec("good", "pyyaml"), context)
    assert [package.name for package in test.packages] == ["good", "pyyaml"]  # not its helper
    assert (words(test, "good"), words(test, "pyyaml")) == ("PPPPS", "PPPPP")
    origin = steps_of(test, "good")[StepName.ORIGIN].message
    assert origin.endswith("/site-packages/good.py")
    assert test.environment is not None
    assert origin.startswith(os.path.realpath(test.environment.prefix))
    assert steps_of(test, "good")[StepName.ORIGIN].to_json()["files"] == {"good": origin}
    assert test.summary() == {
        "already_installed": False,
        "import_successful": True,
        "all_successful": False,
        "packages": 2,
        "failed": [],
        "skipped": {"good": ["usage"]},
    }


def test_what_was_skipped_is_not_called_successful(context: Context):
    assert self_test(spec("pyyaml"), context).all_successful
    skipped = self_test(spec("pyyaml", "good"), context)
    assert (skipped.all_successful, skipped.failed) == (False, False)


def test_the_second_time_it_was_installed_already(context: Context, index):
    self_test(spec("good"), context)
    index.requests.clear()
    test = self_test(spec("good"), context)
    assert test.already_installed
    assert words(test, "good") == "PPPPS"
    assert index.requests == []


@pytest.mark.parametrize(
    "name, ended, step, says",
    [
        ("bad", "PPFSS", StepName.IMPORT, "import bad: ModuleNotFoundError: No module named"),
        ("two", "PPFPS", StepName.IMPORT, "import second: SystemExit: away"),
        ("crash", "PPFSS", StepName.IMPORT, "import crash: Its Python ended with signal 9."),
        ("elsewhere", "PPPFS", StepName.ORIGIN, "elsewhere came from "),
        ("jinja2", "PPPPF", StepName.USAGE, "TypeError: "),
        ("click", "PPPPF", StepName.USAGE, "Its Python ended with signal 9."),
        ("stubs", "PPIII", StepName.IMPORT, "It brings no modules."),
        ("space", "PPPPS", StepName.IMPORT, "shared_space.part"),
    ],
)
def test_each_way_to_fail_is_told_apart(context: Context, name, ended, step, says):
    test = self_test(spec(name, "good"), context)
    assert words(test, name) == ended
    assert steps_of(test, name)[step].message.startswith(says)
    assert words(test, "good") == "PPPPS"
    assert test.failed is ("F" in ended)
    assert not test.all_successful
    assert test.import_successful is (ended[2] != "F")


def test_what_a_module_said_before_it_failed_is_in_the_log(context: Context):
    step = steps_of(self_test(spec("bad"), context), "bad")[StepName.IMPORT]
    assert step.log.rstrip().endswith("No module named 'missing_library'")
    assert step.to_json()["log"] == step.log


def test_a_package_that_never_ends_is_ended(context: Context):
    step = steps_of(self_test(spec("slow"), context, seconds=0.5), "slow")[StepName.IMPORT]
    assert (step.status, "It takes longer than" in step.message) == (StepStatus.FAILED, True)


def test_what_cannot_be_installed_is_a_result(context: Context):
    test = self_test(spec("good", "nowhere"), context)
    assert (words(test, "good"), words(test, "nowhere")) == ("PFSSS", "PFSSS")
    assert "nowhere" in steps_of(test, "nowhere")[StepName.INSTALL].message
    assert test.error is not None
    assert test.summary()["failed"] == ["good", "nowhere"]
    assert not test.import_successful


def test_a_requirement_for_another_platform_is_left_out(context: Context):
    test = self_test(spec("good", 'bad; sys_platform == "never"'), context)
    assert words(test, "bad") == "IIIII"
    assert self_test(spec("pyyaml", 'bad; sys_platform == "never"'), context).all_successful


def test_an_ephemeral_environment_is_gone_afterwards(context: Context):
    test = self_test(spec("pyyaml", refresh=RefreshMode.EPHEMERAL), context)
    assert test.all_successful
    assert test.environment is not None
    assert not Path(test.environment.prefix).exists()


def test_modules_are_imported_with_the_variables_of_the_header(context: Context):
    assert words(self_test(spec("told"), context), "told") == "PPFSS"
    options = KernelOptions(env=(("TOLD_BY_HEADER", "1"),))
    assert words(self_test(spec("told", kernel=options), context), "told") == "PPPPS"


@pytest.mark.parametrize("by", ["folder", "PYTHONPATH"])
def test_what_the_kernel_would_import_instead_is_found(context: Context, tmp_path, by):
    (tmp_path / "good.py").write_text("")
    environ = {**context.settings.environ, "PYTHONHOME": "/nowhere"}
    environ |= {"PYTHONPATH": str(tmp_path)} if by == "PYTHONPATH" else {}
    changed = context._replace(settings=replace(context.settings, environ=environ))
    folder = tmp_path if by == "folder" else context.store.root.parent
    test = self_test(spec("good"), changed, folder)
    assert words(test, "good") == "PPPFS"
    origin = steps_of(test, "good")[StepName.ORIGIN]
    assert str(tmp_path / "good.py") in origin.message
    assert dict(origin.files) == {"good": str(tmp_path / "good.py")}


def test_what_a_module_needs_is_searched_where_the_kernel_does(context: Context, tmp_path):
    (tmp_path / "random.py").write_text("raise ImportError('the standard library is first')\n")
    assert words(self_test(spec("random-user"), context, tmp_path), "random-user") == "PPFSS"
    (tmp_path / "helper_of_it.py").write_text("")
    assert words(self_test(spec("random-user"), context, tmp_path), "random-user") == "PPPPS"


def test_what_the_kernel_has_loaded_itself_is_not_searched_beside_it(context: Context, tmp_path):
    (tmp_path / "loaded.py").write_text("raise ImportError('it is loaded before')\n")
    test = self_test(spec("loaded"), context, tmp_path)
    assert words(test, "loaded") == "PPPPS"
    assert "/layers/" in steps_of(test, "loaded")[StepName.ORIGIN].message


def test_programs_of_the_environment_come_first(context: Context, tmp_path):
    test = self_test(spec("runs"), context, tmp_path)
    assert words(test, "runs") == "PPPPS", steps_of(test, "runs")


def test_nothing_is_written_into_the_environment(context: Context):
    test = self_test(spec("good"), context)
    assert test.environment is not None
    prefix = Path(test.environment.prefix)
    files = {path: path.stat().st_mtime_ns for path in prefix.rglob("*")}
    self_test(spec("good"), context)
    assert files == {path: path.stat().st_mtime_ns for path in prefix.rglob("*")}
    assert sys.implementation.cache_tag not in str(sorted(files))


def test_of_a_lock_without_requirements_what_nothing_requires_is_tried(context: Context):
    with ensure(spec("good", "pyyaml"), context) as ready:
        lock = ProvidedLock(ready.lock.render(), "pylock.toml")
    test = self_test(spec(lock=lock), context)
    assert [package.name for package in test.packages] == ["good", "pyyaml"]
    assert not test.failed


def test_local_extras_are_tried_too(context: Context, tmp_path: Path):
    wheel = make_wheel(tmp_path, "mine", "1.0", {"mine.py": "import good\n"})
    found = request_of(
        Notebook(metadata={"headstart": {"dependencies": "good", "local-extras": [str(wheel)]}}),
        DiskFolder(tmp_path),
    )
    test = self_test(found.spec, context)
    assert [package.name for package in test.packages] == ["good", "mine"]
    assert words(test, "mine") == "PPPPS"


@pytest.mark.real_index
def test_what_is_known_of_real_packages_holds(shared_settings):
    names = ["matplotlib", "numpy", "pandas", "pyyaml", "requests"]
    if is_long():
        names.append("scikit-learn")
    test = self_test(spec(*names), open_context(shared_settings))
    assert [package.name for package in test.packages] == names
    assert test.all_successful, [package.failures for package in test.packages]
    assert {steps_of(test, name)[StepName.USAGE].status for name in names} == {StepStatus.PASSED}
