"""The guards of conftest.py notice what they are there for."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

from headstart.settings import read_settings
from tests.conftest import SESSION_FOLDER
from tests.isolation import REAL_HOME, REAL_STORE


@pytest.fixture
def run_inner(pytester: pytest.Pytester):
    """Runs one test of the given body under this project's guards, in a home of its own."""
    root = Path(__file__).parents[1]
    pytester.makeconftest("from tests.conftest import guard_home, guard_process")

    def run(body: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(
            f"import os\nfrom tests.isolation import *\n\ndef test_it():\n    {body}"
        )
        return pytester.runpytest_subprocess(
            "-o", f"pythonpath={root}", "-p", "no:cacheprovider", *options
        )

    return run


def test_every_folder_of_the_user_leads_into_the_session() -> None:
    folders = [Path.home(), Path(jupyter_config_dir()), Path(jupyter_data_dir())]
    folders += [Path(jupyter_runtime_dir()), read_settings().store]
    folders += [Path(platformdirs.user_cache_dir()), Path(platformdirs.user_config_dir())]
    assert all(folder.is_relative_to(SESSION_FOLDER) for folder in folders), folders
    assert not REAL_HOME.is_relative_to(SESSION_FOLDER)
    assert not REAL_STORE.is_relative_to(SESSION_FOLDER)


def test_a_changed_variable_fails_the_test(run_inner) -> None:
    result = run_inner("os.environ['HEADSTART_LEFT_BEHIND'] = '1'")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*HEADSTART_LEFT_BEHIND*"])


def test_a_changed_working_directory_fails_the_test(run_inner) -> None:
    result = run_inner("os.chdir('/')")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*changed the working directory to /*"])


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_file_in_the_users_folders_fails_the_test(run_inner, pytester, workers: str) -> None:
    home = pytester.path  # of whoever starts the run; a worker is started in another one
    result = run_inner(f"os.mkdir({str(home / '.jupyter')!r})", f"--numprocesses={workers}")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*appeared or went in the user's folders*.jupyter*"])
