import json
import subprocess
import sys

import pytest

from headstart.errors import BuildError, LaunchError
from headstart.kernels.launch.kernel_launch import KernelLaunch, launch_failed, launch_in
from headstart_kernel.launch_request import FAILURE


def test_a_kernel_is_the_layers_python_which_attaches_the_environment(ready):
    launch = launch_in(ready)
    python, launcher, text, *rest = launch.command("/run/kernel.json", ["--debug"])

    layer = ready.layer.environment
    assert python == layer.python
    assert launcher.startswith(layer.site_packages)
    assert json.loads(text)["environment"] == ready.environment.environment.prefix
    assert json.loads(text)["leases"] == [
        ready.environment.lease.fileno(),
        ready.layer.lease.fileno(),
    ]
    assert rest == ["-f", "/run/kernel.json", "--debug"]
    assert "link" not in json.loads(text)


def test_a_kernel_is_told_of_its_link():
    launch = KernelLaunch("python", "launcher.py", link=7)

    command = launch.with_listeners(launch.command("/run/kernel.json", []), {1: 8})
    told = json.loads(command[2])
    assert (told["environment"], told["link"]) == (None, 7)


@pytest.mark.parametrize("change", [{"version": "2.0"}, {"wheel": "b" * 64}])
def test_a_layer_with_other_files_of_a_package_is_refused(ready, change):
    layer = ready.layer.environment
    twin = layer.manifest.distributions[0]._replace(**change)
    other = layer._replace(manifest=layer.manifest._replace(distributions=(twin,)))
    mixed = ready._replace(layer=ready.layer._replace(environment=other))

    with pytest.raises(LaunchError, match="six"):
        launch_in(mixed)


def test_a_failed_kernel_runs_on_jupyters_own_python():
    error = BuildError("What.", hint="Do.", log="uv says", details={"secret": "none"})

    launch = launch_failed(error)
    command = launch.command("/run/kernel.json", [])

    assert command[0] == sys.executable
    assert "What" not in str(command), "other users of the machine can read a command line"
    assert json.loads(launch.variables()[FAILURE]) == {
        "code": "build",
        "message": "What.",
        "hint": "Do.",
        "details": {"log": "uv says"},
    }


def test_however_long_an_error_is_it_fits_into_a_variable():
    long = "\N{GRINNING FACE}" * 100_000
    error = BuildError(long, hint=long, log=long + "the end")

    variables = launch_failed(error).variables()

    subprocess.run([sys.executable, "-c", ""], env=variables, check=True)
    assert json.loads(variables[FAILURE])["details"]["log"].endswith("the end")


@pytest.mark.parametrize("version, can", [("7.2.0", False), ("7.3.0", True), ("", False)])
def test_only_a_recent_ipykernel_encrypts(version, can):
    assert KernelLaunch("python", "launcher.py", ipykernel=version).can_encrypt is can


def test_the_launcher_imports_nothing_from_where_it_is_started(tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('planted')")
    launch = launch_failed(BuildError("What."))
    failing = KernelLaunch(launch.python, launch.launcher, environment=str(tmp_path / "none"))

    done = subprocess.run(
        [*failing.command("/nowhere/kernel.json", ["--version"])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "planted" not in done.stdout + done.stderr


@pytest.mark.parametrize("before", [[], ["nice", "-n", "5"]])
def test_a_command_is_told_its_listeners_whatever_stands_before_it(before):
    launch = KernelLaunch("python", "launcher.py", leases=(4,))
    command = [*before, *launch.command("/run/kernel.json", ["--debug"])]

    changed = launch.with_listeners(command, {5001: 7})

    index = len(before) + 2
    assert json.loads(changed.pop(index)) == {
        "environment": None,
        "leases": [4],
        "listeners": {"5001": 7},
    }
    assert changed == command[:index] + command[index + 1 :]


def test_a_command_that_is_not_ours_stays_as_it_is():
    assert KernelLaunch("python", "launcher.py").with_listeners(["wrap"], {1: 7}) == ["wrap"]
