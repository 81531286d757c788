"""``headstart run``, with real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from headstart import envvars
from headstart.environments.context import open_context
from headstart.settings import read_settings
from headstart.testing.notebooks import save_notebook
from headstart.testing.wheels import make_sdist, make_wheel
from headstart.uv.commands import list_pythons
from tests.fidelity.launching import is_long
from tests.waiting import LIMIT

from ..conftest import SCRIPT, block

pytestmark = pytest.mark.real_index

HEADER = block("six")
WHERE = "import six, sys; print(six.__name__, sys.prefix)"


@pytest.fixture
def environ(shared_store: Path) -> dict[str, str]:
    """The session's own environment: real packages come from where uv finds them."""
    return {**os.environ, envvars.STORE: str(shared_store)}


def outputs(path: Path) -> list[str]:
    """Each cell's outputs, in one text: streams, and the names of exceptions."""
    cells = json.loads(path.read_text())["cells"]
    return [
        "".join("".join(item.get("text", item.get("ename", ""))) for item in cell["outputs"])
        for cell in cells
    ]


def test_run_writes_a_copy_with_outputs_and_leaves_the_notebook_alone(
    headstart, notebook: Callable[..., Path]
) -> None:
    path = notebook("# a remark", HEADER, WHERE, kernelspec={"name": "python3"})
    before = path.read_bytes()
    result = headstart("run", path)
    assert (result.returncode, result.stderr) == (0, "")
    written = path.with_name("a b.out.ipynb")
    assert result.stdout.strip() == str(written)
    assert path.read_bytes() == before
    name, prefix = outputs(written)[2].split()
    assert name == "six"
    assert "/environments/" in prefix


def test_run_in_place_and_to_standard_output(headstart, notebook) -> None:
    path = notebook(HEADER, "print('ran')", title="é")
    printed = json.loads(headstart("run", path, "-o", "-").stdout)
    assert printed["cells"][1]["outputs"][0]["text"] == ["ran\n"]
    ascii_only = headstart("run", path, "-o", "-", PYTHONIOENCODING="ascii")
    assert json.loads(ascii_only.stdout)["metadata"]["title"] == "é"
    assert outputs(path) == ["", ""]
    assert headstart("run", path, "-o", path).returncode == 0
    assert outputs(path) == ["", "ran\n"]


def test_run_says_as_json_what_it_did(headstart, notebook, tmp_path) -> None:
    path = notebook(HEADER, "1 + 1")
    answer = json.loads(headstart("run", path, "-o", "out.ipynb", "--json").stdout)
    assert (answer["output"], answer["cells"]) == ("out.ipynb", 2)
    assert answer["prefix"].endswith(answer["environment"])
    assert (tmp_path / "out.ipynb").exists()


def test_a_cell_that_fails_ends_the_run_and_what_there_is_is_written(headstart, notebook) -> None:
    path = notebook(HEADER, "print('before')", "1 / 0", "print('after')")
    document = json.loads(path.read_text())
    document["cells"][3]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "from an earlier run"}
    ]
    path.write_text(json.dumps(document))
    result = headstart("run", path)
    written = path.with_name("a b.out.ipynb")
    assert (result.returncode, result.stdout) == (1, "")
    answer = result.stderr.splitlines()
    assert answer[0] == "error: Cell 3 failed: ZeroDivisionError: division by zero."
    assert "----> 1 1 / 0" in result.stderr
    assert "\x1b" not in result.stderr
    assert answer[-1] == f"hint: The notebook with its outputs is {written}."
    assert outputs(written) == ["", "before\n", "ZeroDivisionError", ""]


def test_errors_may_be_allowed(headstart, notebook) -> None:
    path = notebook(HEADER, "1 / 0", "print('after')")
    assert headstart("run", path, "--allow-errors").returncode == 0
    assert outputs(path.with_name("a b.out.ipynb")) == ["", "ZeroDivisionError", "after\n"]


@pytest.mark.parametrize(
    "source, how, why",
    [
        ("import os; os._exit(3)", "it ended with exit code 3", "ended the process"),
        ("import ctypes; ctypes.string_at(0)", "it was ended by signal SEGV", "crashed"),
        ("import os; os.kill(os.getpid(), 15)", "it was ended by signal TERM", "sent the signal"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by signal KILL", "out of memory"),
    ],
)
def test_a_kernel_that_dies_is_named_as_the_reason_with_how(
    headstart, notebook, source: str, how: str, why: str
) -> None:
    path = notebook(HEADER, source)
    result = headstart("run", path)
    assert result.returncode == 1
    error, hint = result.stderr.splitlines()[-2:]
    assert error == f"error: The kernel died in cell 2: {how}."
    assert hint.startswith("hint: ")
    assert why in hint
    assert ("memory" in hint) == (how[-4:] == "KILL")


def test_an_environment_that_cannot_be_had_is_one_clear_error(headstart, notebook) -> None:
    path = notebook("# /// script\n# dependencies = ['six==0.0.0.dev1']\n# ///", "1 + 1")
    result = headstart("run", path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert "six" in result.stderr
    assert "Traceback" not in result.stderr
    assert outputs(path.with_name("a b.out.ipynb")) == ["", ""]


def test_a_notebook_in_another_language_is_refused(headstart, notebook) -> None:
    path = notebook("1 + 1", kernelspec={"name": "ir", "language": "R"})
    result = headstart("run", path)
    assert (result.returncode, result.stderr.splitlines()[-2:]) == (
        1,
        [
            'error: The notebook is written in "R".',
            "hint: Headstart runs Python notebooks.",
        ],
    )


def test_run_says_once_which_header_is_hidden(headstart, notebook) -> None:
    result = headstart("run", notebook(HEADER, headstart="no-such-package"))
    assert result.returncode == 0
    assert result.stderr.count("hides the one in the notebook's metadata") == 1


def test_run_says_once_what_is_old_for_want_of_wheels(headstart, notebook, tmp_path) -> None:
    make_wheel(tmp_path / "links", "headstart-held", "1.0")
    make_sdist(tmp_path / "links", "headstart-held", "1.2")
    path = notebook(block("headstart-held", "six"), "1 + 1")
    for _ in range(2):
        result = headstart("run", path, **{envvars.UV_FIND_LINKS: str(tmp_path / "links")})
        assert result.returncode == 0
        assert result.stderr.count("headstart-held 1.0 was taken, and not 1.2") == 1


def test_a_notebook_with_odd_metadata_runs(headstart, notebook) -> None:
    path = notebook(HEADER, "print('ran')", kernelspec=3, language_info=[])
    assert headstart("run", path).returncode == 0
    assert outputs(path.with_name("a b.out.ipynb")) == ["", "ran\n"]


def test_of_several_notebooks_each_runs_whatever_becomes_of_those_before(
    headstart, tmp_path
) -> None:
    paths = [
        save_notebook(tmp_path / "a.ipynb", "1 / 0"),
        save_notebook(tmp_path / "b.ipynb", HEADER, "print('ran')"),
    ]
    result = headstart("run", *paths)
    assert result.returncode == 1
    assert result.stdout.strip() == str(tmp_path / "b.out.ipynb")
    assert f"note: {paths[0]}:\nerror: Cell 1 failed: ZeroDivisionError" in result.stderr
    assert outputs(tmp_path / "a.out.ipynb") == ["ZeroDivisionError"]
    assert outputs(tmp_path / "b.out.ipynb") == ["", "ran\n"]

    failed, ran = json.loads(headstart("run", *paths, "--json").stdout)
    assert (failed["notebook"], failed["error"]["code"]) == (str(paths[0]), "execution")
    assert (ran["notebook"], ran["cells"]) == (str(paths[1]), 2)


def test_no_cell_runs_before_the_kernel_of_the_notebook_before_has_ended(
    headstart, notebook
) -> None:
    end = "import atexit, pathlib, time\npath = pathlib.Path('ended')\n"
    leave = end + "atexit.register(lambda: (time.sleep(1), path.touch()))"
    paths = [
        notebook(HEADER, leave, name="1.ipynb"),
        notebook(HEADER, end + "print(path.exists())", name="2.ipynb"),
        notebook(HEADER, "1 / 0", name="3.ipynb"),
    ]
    assert headstart("run", *paths).returncode == 1
    assert outputs(paths[1].with_name("2.out.ipynb"))[1] == "True\n"


def test_several_notebooks_have_no_one_place_to_go(headstart, notebook) -> None:
    path = notebook("open('ran', 'w').close()")
    result = headstart("run", path, path, "-o", "out.ipynb")
    assert result.returncode == 1
    assert "there are several notebooks" in result.stderr
    assert not path.with_name("ran").exists()


def test_a_place_that_cannot_be_written_to_is_refused_before_the_run(headstart, notebook) -> None:
    path = notebook(HEADER, "open('ran', 'w').close()")
    result = headstart("run", path, "-o", "no such folder/out.ipynb")
    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert not path.with_name("ran").exists()


def test_an_ephemeral_environment_is_gone_after_the_run(headstart, notebook) -> None:
    path = notebook(block("six", refresh=True), WHERE)
    answer = json.loads(headstart("run", path, "--json").stdout)
    assert "/ephemeral/" in answer["prefix"]
    assert not Path(answer["prefix"]).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_its_kernel(environ, notebook, tmp_path, number) -> None:
    busy = "import os, time; os.mkfifo('reached'); time.sleep(600)"
    path = notebook(HEADER, "print('ran')", busy)
    process: subprocess.Popen[Any] = subprocess.Popen(
        [SCRIPT, "run", path],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "reached").exists():
        assert process.poll() is None, process.stderr.read()
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    written = path.with_name("a b.out.ipynb")
    assert stderr.splitlines() == [
        "error: The run was interrupted.",
        f"hint: The notebook with its outputs is {written}.",
    ]
    assert psutil.wait_procs(children, timeout=LIMIT)[1] == []
    assert outputs(written) == ["", "ran\n", ""]


TEXTS = {
    "light.py": f"{HEADER}\n\n# A remark\n\n{WHERE}\n",
    "percent.py": f"# %%\nx = 1\n\n# %%\n{HEADER}\n\n# %%\n{WHERE}\n",
    "quarto.qmd": f"---\ntitle: x\nheadstart: six\n---\n\n```{{python}}\n{WHERE}\n```\n",
    "myst.md": f"---\nheadstart: [six]\n---\n\n```{{code-cell}}\n{WHERE}\n```\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_notebook_runs_and_its_outputs_go_into_a_notebook(headstart, tmp_path, name) -> None:
    path = tmp_path / name
    path.write_text(TEXTS[name])
    result = headstart("run", path)
    assert (result.returncode, result.stderr) == (0, "")
    written = path.with_name(f"{path.stem}.out.ipynb")
    assert result.stdout.strip() == str(written)
    assert path.read_text() == TEXTS[name]
    assert code_outputs(written)[-1].startswith("six ")


def code_outputs(path: Path) -> list[str]:
    """What each code cell has printed."""
    cells = json.loads(path.read_text())["cells"]
    outputs = [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]
    return ["".join("".join(item["text"]) for item in output) for output in outputs]


def test_an_error_in_a_text_notebook_names_the_line_of_the_file(headstart, tmp_path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# %%\nx = 1\n\n# %%\n" + block("six", "-r more.txt"))
    result = headstart("run", path)
    assert result.returncode == 1
    assert "In line 6 of the notebook: " in result.stderr


def test_a_text_notebook_is_not_written_over(headstart, tmp_path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"{HEADER}\n\n1\n")
    result = headstart("run", path, "-o", path)
    assert result.returncode == 1
    assert "cannot hold outputs" in result.stderr
    assert path.read_text() == f"{HEADER}\n\n1\n"


def test_a_requirements_file_next_to_a_notebook_is_no_lack_of_a_header(
    headstart, notebook, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    path = notebook(WHERE)
    result = headstart("run", path, **{envvars.REQUIREMENTS_FILES: "1"})
    assert (result.returncode, result.stderr) == (0, "")


def test_a_header_in_a_markdown_cell_is_pointed_out(headstart, notebook) -> None:
    path = notebook("1")
    document = json.loads(path.read_text())
    document["cells"].append({"cell_type": "markdown", "metadata": {}, "source": HEADER})
    path.write_text(json.dumps(document))
    result = headstart("run", path)
    assert "header in cell 2 is not read" in result.stderr
    assert "header in cell 2 is not read" in headstart("show", path).stdout


def test_run_takes_the_pythons_of_this_machine_that_kernels_run_on(
    headstart, notebook, shared_store: Path
) -> None:
    context = open_context(replace(read_settings(), store=shared_store))
    listed = json.loads(context.run(list_pythons()).stdout)
    versions = {(it["version_parts"]["major"], it["version_parts"]["minor"]) for it in listed}
    suited = sorted(version for version in versions if version >= (3, 8))
    # In every run the oldest: tests/clients has another one, and the newest.
    for major, minor in suited if is_long() else suited[:1]:
        path = notebook(
            "# /// script\n"
            f'# requires-python = "=={major}.{minor}.*"\n'
            '# dependencies = ["six"]\n'
            "# ///\n"
            "import six, sys; print(sys.version_info[:2])"
        )
        result = headstart("run", path, "-o", path)
        assert (result.returncode, result.stderr) == (0, "")
        assert outputs(path) == [f"({major}, {minor})\n"]
