"""``headstart init``: a header for an old notebook."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.request.read import read_request
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_sdist, make_wheel

from ..conftest import block


@pytest.fixture(scope="module")
def old_index(tmp_path_factory, house):
    """An index that has distributions with other names than their modules'."""
    folder = tmp_path_factory.mktemp("old")
    for wheel in house.glob("*.whl"):
        shutil.copy(wheel, folder)
    make_wheel(folder, "scikit-learn", "1.0", {"sklearn/__init__.py": ""})
    make_sdist(folder, "sklearn", "0.0")
    make_wheel(folder, "google-cloud-storage", "1.0", {"google/cloud/storage/__init__.py": ""})
    with LocalIndex(folder) as running:
        yield running


@pytest.fixture
def init(headstart, old_index):
    """Runs ``headstart init``, and gives what it says."""

    def run(path: Path, *arguments: str) -> Any:
        variables = {envvars.DEFAULT_INDEX: old_index.url}
        done = headstart("init", path, *arguments, "--json", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def dependencies(path: Path) -> list[str]:
    header = read_request(path).header
    assert header is not None
    return [item.text for item in header.requirements]


def test_imports_become_packages(init, notebook, tmp_path):
    (tmp_path / "beta.py").write_text("")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/a.py").write_text("")
    path = notebook(
        "# nothing\nimport os, beta, package.a, IPython.display",
        "from sklearn.svm import SVC\nfrom google.cloud import storage",
        "import alpha",
    )
    done = init(path)
    assert dependencies(path) == ["alpha", "google-cloud-storage", "scikit-learn"]
    assert done["reasons"]["scikit-learn"] == "import sklearn, in cell 2"
    assert done["guessed"] == ["alpha"]
    assert done["remarks"] == ["Named after modules: alpha. Look whether these are meant."]
    assert done["versions"]["scikit-learn"] == "1.0"


def test_what_no_index_has_is_left_out_and_said(init, notebook):
    path = notebook("import alpha\nimport thing_of_ours")
    done = init(path)
    assert dependencies(path) == ["alpha"]
    assert any("no package has the name thing-of-ours" in text for text in done["remarks"])


def test_an_install_of_a_modules_name_is_one_of_its_package(init, notebook):
    path = notebook("!pip install sklearn==0.0 json alpha", "import sklearn, json")
    done = init(path)
    assert dependencies(path) == ["alpha", "scikit-learn"]
    where = "pip install, in cell 1"
    assert done["remarks"] == [
        "Commands that install are not needed any more: remove them from the cells.",
        f"{where}: sklearn is the name of a module, so scikit-learn is taken, which brings it.",
        f"{where}: json is a module of Python itself, and is left out.",
    ]


def test_install_commands_say_versions(init, notebook):
    path = notebook("%pip install -q 'alpha<2' beta -r more.txt\n!conda install c", "import alpha")
    done = init(path)
    assert dependencies(path) == ["alpha<2", "beta"]
    remarks = "\n".join(done["remarks"])
    assert 'option "-r more.txt" is not taken over' in remarks
    assert "c may have other names" in remarks
    assert "remove them from the cells" in remarks


def test_the_notebooks_python_becomes_the_least_one(init, notebook):
    path = notebook("1", language_info={"name": "python", "version": "3.9.7"})
    init(path)
    assert read_request(path).spec.requires_python == ">=3.9"


def test_a_python_that_is_too_old_is_only_said(init, notebook):
    path = notebook("print 1", language_info={"name": "python", "version": "2.7.1"})
    assert any("2.7.1" in text for text in init(path)["remarks"])
    assert read_request(path).spec.requires_python == ""


def test_a_date_is_a_limit_and_fixes_the_python(headstart, notebook):
    path = notebook("import alpha", language_info={"name": "python", "version": "3.9.7"})
    done = headstart("init", path, "--as-of", "2020-01-31", "--frozen", "--json")
    assert done.returncode == 0, done.stderr
    spec = read_request(path).spec
    assert (spec.requires_python, spec.exclude_newer) == ("==3.9.*", "2020-01-31")
    assert headstart("init", notebook("1"), "--as-of", "lately").returncode == 1


def test_the_last_commit_is_a_date(headstart, notebook, tmp_path, environ):
    path = notebook("import alpha")
    done = headstart("init", path, "--as-of", "--frozen")
    assert "was never committed" in done.stderr
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    date = {"GIT_COMMITTER_DATE": "2021-03-04T05:06:07+02:00"}
    for command in (["init", "-q"], ["add", path.name], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=tmp_path, env={**environ, **date}, check=True)
    assert headstart("init", path, "--as-of", "--frozen").returncode == 0
    assert read_request(path).spec.exclude_newer == "2021-03-04T03:06:07Z"


@pytest.mark.parametrize("place", ["cell", "metadata", "front-matter"])
def test_the_header_goes_where_the_option_says(init, notebook, place):
    path = notebook("import alpha")
    assert init(path, "--place", place)["place"] == place
    assert dependencies(path) == ["alpha"]


@pytest.mark.parametrize(
    "name, text",
    [("a.py", "import alpha\n"), ("a.qmd", "# T\n\n```{python}\nimport alpha\n```\n")],
)
def test_text_notebooks_get_one_too(init, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    init(path)
    assert dependencies(path) == ["alpha"]
    assert path.read_text().endswith(text)


def test_a_notebook_that_has_a_header_keeps_it(headstart, notebook):
    done = headstart("init", notebook(block("alpha")))
    assert done.returncode == 1
    assert "has a header already" in done.stderr


@pytest.mark.parametrize(
    "metadata",
    [{"language_info": {"name": "R"}}, {"kernelspec": {"name": "ir", "language": "R"}}],
)
def test_other_languages_are_not_read(headstart, notebook, metadata):
    done = headstart("init", notebook("library(x)", **metadata))
    assert done.returncode == 1
    assert 'its language is "R"' in done.stderr


def test_what_does_not_fit_together_is_not_written(headstart, notebook):
    path = notebook("%pip install 'alpha>=2' beta")
    before = path.read_bytes()
    done = headstart("init", path)
    assert (done.returncode, path.read_bytes()) == (1, before)
    assert "--frozen" in done.stderr


@pytest.mark.parametrize(
    "kernel, provisioner, noted",
    [("python3", "", True), ("python3", "headstart", False), ("headstart", "", False)],
)
def test_a_kernel_that_reads_no_headers_is_pointed_out(
    headstart, notebook, kernel, provisioner, noted
):
    path = notebook("import alpha", kernelspec={"name": kernel})
    variables = {envvars.DEFAULT_PROVISIONER: provisioner} if provisioner else {}
    done = headstart("init", path, "--frozen", **variables)
    assert done.returncode == 0
    assert (f"the kernel {kernel}, which reads no headers" in done.stderr) is noted
