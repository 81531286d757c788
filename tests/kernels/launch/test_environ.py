import json
import subprocess
import sys

import pytest

from headstart import envvars
from headstart.core.header.spec import KernelOptions
from headstart.core.notebook.find import MAX_HEADER_BYTES, FoundHeader, HeaderPlace
from headstart.kernels.launch.environ import kernel_environ


@pytest.mark.parametrize("name", [envvars.PYTHONHOME, envvars.KERNEL_LAYER])
def test_a_kernel_gets_all_variables_but_those_of_another_python(name):
    assert kernel_environ({"PATH": "/bin", name: "/other"}) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    "provisioner, kept",
    [("headstart", {}), ("other", {envvars.DEFAULT_PROVISIONER: "other"})],
)
def test_a_kernels_own_jupyter_is_not_told_of_our_provisioner(provisioner, kept):
    assert kernel_environ({envvars.DEFAULT_PROVISIONER: provisioner}) == kept


@pytest.mark.parametrize("ours", [True, False])
def test_another_notebooks_name_is_left_out(ours):
    environ = {envvars.SESSION_NAME: "/a.ipynb"}
    assert kernel_environ(environ, session=ours) == (environ if ours else {})


def test_the_clients_own_variables_stay_as_they_are():
    environ = {envvars.PYTHONHOME: "/other"}
    kernel_environ(environ)
    assert environ == {envvars.PYTHONHOME: "/other"}


def test_the_headers_variables_win_and_its_folders_come_first_on_path():
    options = KernelOptions(env=(("A", "header"), ("B", "")), prepend_paths=("/x", "/y"))
    environ = kernel_environ({"A": "client", "PATH": "/bin:/usr/bin"}, options)
    assert environ == {"A": "header", "B": "", "PATH": "/x:/y:/bin:/usr/bin"}
    assert kernel_environ({}, options)["PATH"] == "/x:/y"


@pytest.mark.parametrize("letter", ["x", "ж", "\U0001f600", '"'])
def test_a_header_of_any_length_leaves_room_for_programs_to_start(letter):
    text = f"# {letter * (MAX_HEADER_BYTES // len(letter.encode()) - 2)}\n"
    header = FoundHeader(HeaderPlace.CELL, text, cell=1)

    environ = kernel_environ({}, header=header)

    assert json.loads(environ[envvars.HEADER]) == {"where": "cell 2"}
    assert subprocess.run([sys.executable, "-c", ""], env=environ).returncode == 0


def test_the_kernels_pip_is_told_a_short_header():
    header = FoundHeader(HeaderPlace.CELL, "dependencies = []\n", cell=0)

    value = json.loads(kernel_environ({}, header=header)[envvars.HEADER])

    assert value == {"where": "cell 1", "text": "dependencies = []\n"}
