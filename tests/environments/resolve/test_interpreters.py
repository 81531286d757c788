import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from headstart import envvars
from headstart.core.interpreter import Interpreter
from headstart.environments.resolve.inspection import base_python, inspect_python, inspect_this
from headstart.environments.resolve.interpreters import cached_interpreter, find_interpreter
from headstart.errors import IndexUnreachable, InterpreterError
from tests.clients.drive import as_user


@pytest.fixture
def python(tmp_path):
    """Makes a script that says it is a Python of some version."""

    def make(version, name=""):
        path = tmp_path / (name or f"python{version}")
        said = Interpreter(str(path), version, "cpython", "linux", ("py3-none-any",), {})._asdict()
        path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(said)}\nEOF\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.parametrize("wanted", ["", ">=3.8", "!=2.7"])
def test_jupyters_own_python_is_chosen_if_it_fits(fake_context, fake, wanted):
    assert find_interpreter(wanted, fake_context).path == base_python()
    assert fake.commands == []


def test_another_python_says_of_itself_what_we_say_of_ours(fake_context, tmp_path):
    link = tmp_path / "python"
    link.symlink_to(base_python())
    found = inspect_python(str(link), fake_context)
    assert found._replace(path="") == inspect_this()._replace(path="")


def test_the_newest_finished_version_that_fits_is_chosen(fake_context, fake, python):
    for version in ("3.97.1", "3.98.2", "3.99.0"):
        fake.pythons[python(version)] = version
    assert find_interpreter(">=3.97,<3.99", fake_context).version == "3.98.2"


def test_a_choice_is_remembered_without_asking_uv(fake_context, fake, python):
    fake.pythons[python("3.98.2")] = "3.98.2"
    first = find_interpreter("==3.98.*", fake_context)
    fake.commands.clear()
    assert find_interpreter("==3.98.*", fake_context) == first
    assert cached_interpreter("==3.98.*", fake_context) == first
    assert fake.commands == []


def test_a_python_that_is_gone_is_looked_for_again(fake_context, fake, python, tmp_path):
    fake.pythons[python("3.98.2", "old")] = "3.98.2"
    find_interpreter("==3.98.*", fake_context)
    (tmp_path / "old").unlink()
    fake.pythons = {python("3.98.3", "new"): "3.98.3"}
    assert cached_interpreter("==3.98.*", fake_context) is None
    assert find_interpreter("==3.98.*", fake_context).version == "3.98.3"


KNOWN = """
from headstart.environments.context import open_context
from headstart.environments.resolve.interpreters import cached_interpreter
from headstart.settings import read_settings
print(cached_interpreter("==3.98.*", open_context(read_settings())))
"""


def test_a_python_whose_folder_was_locked_is_looked_for_again(fake_context, fake, python, tmp_path):
    (tmp_path / "locked").mkdir()
    fake.pythons[python("3.98.2", "locked/python")] = "3.98.2"
    find_interpreter("==3.98.*", fake_context)
    (tmp_path / "locked").chmod(0)
    environ = {**os.environ, envvars.STORE: str(fake_context.settings.store)}
    ask = [*as_user(), sys.executable, "-c", KNOWN]
    known = subprocess.run(ask, env=environ, capture_output=True, text=True)
    (tmp_path / "locked").chmod(0o700)
    assert known.stdout == "None\n", known.stderr


def test_a_python_that_changed_is_inspected_again(fake_context, fake, python):
    path = python("3.98.2", "same")
    assert inspect_python(path, fake_context).version == "3.98.2"
    python("3.98.30", "same")
    assert inspect_python(path, fake_context).version == "3.98.30"


def test_a_shim_that_stands_for_another_version_is_passed_over(fake_context, fake, python):
    fake.pythons = {python("3.12.0", "shim"): "3.98.9", python("3.98.1", "real"): "3.98.1"}
    assert find_interpreter("==3.98.*", fake_context).version == "3.98.1"


def test_a_python_that_does_not_run_is_named(fake_context, fake, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    fake.pythons[str(broken)] = "3.98.1"
    with pytest.raises(InterpreterError, match=r"broken fits ==3\.98"):
        find_interpreter("==3.98.*", fake_context)


def test_where_none_fits_the_error_lists_what_there_is(fake_context, fake, python):
    settings = replace(fake_context.settings, python_downloads="never")
    fake.pythons[python("3.97.1")] = "3.97.1"
    with pytest.raises(InterpreterError, match=r"found: 3\.97\.1") as caught:
        find_interpreter(">=3.98", fake_context._replace(settings=settings))
    assert "may not download" in caught.value.message
    assert "install-python" not in fake.verbs


def test_a_python_is_downloaded_if_the_settings_allow_it(fake_context, fake, python):
    class Downloading(type(fake)):
        def run(self, command, **options):
            if command.verb == "install-python":
                self.pythons[python("3.98.1")] = "3.98.1"
            return super().run(command, **options)

    downloading = Downloading(fake.wheelhouse.folder)
    found = find_interpreter("==3.98.*", fake_context._replace(uv=downloading))
    assert found.version == "3.98.1"
    assert downloading.verbs == ["list-pythons", "install-python", "find-python"]


def test_a_download_that_fails_is_an_error_of_the_interpreter(fake_context, fake):
    fake.failures["install-python"] = IndexUnreachable("The server cannot be reached.")
    with pytest.raises(InterpreterError, match="download failed: The server cannot be reached"):
        find_interpreter("==3.98.*", fake_context)


def test_offline_nothing_is_downloaded(fake_context, fake):
    offline = replace(fake_context.settings, offline=True)
    with pytest.raises(InterpreterError):
        find_interpreter("==3.98.*", fake_context._replace(settings=offline))
    assert fake.verbs == ["list-pythons"]


def test_the_real_uv_has_no_python_of_the_future(context):
    never = replace(context.settings, python_downloads="never")
    with pytest.raises(InterpreterError, match=r"No Python >=3\.99 is installed"):
        find_interpreter(">=3.99", context._replace(settings=never))


def test_variables_for_python_do_not_reach_the_python_that_is_asked(fake_context, tmp_path):
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nenv > {tmp_path}/env\n")
    script.chmod(0o755)
    environ = {"PYTHONPATH": "/x", "PATH": os.defpath}
    settings = replace(fake_context.settings, environ=environ)
    inspect_python(str(script), fake_context._replace(settings=settings))
    assert "PYTHONPATH" not in (tmp_path / "env").read_text()
