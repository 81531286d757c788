"""From a notebook to its spec, with the files next to it that its header names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headstart.core.header.edit import set_refresh
from headstart.core.header.spec import EnvironmentSpec, KernelOptions
from headstart.core.notebook.find import HeaderPlace
from headstart.core.refresh import RefreshMode
from headstart.errors import HeaderError, RequirementError
from headstart.request.directory import DiskFolder, NoFolder
from headstart.request.read import NO_REQUEST, find, request_of
from headstart.settings import Settings, read_settings
from headstart.uv.process import default_index
from tests.core.factory import block, notebook

SHA = "0123456789abcdef" * 4
OTHER_SHA = SHA[::-1]

Ask = Callable[..., EnvironmentSpec]


def settings(**environ: str) -> Callable[[], Settings]:
    return lambda: read_settings(environ)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The spec of fields in the metadata; ``_`` in a name stands for ``-``."""

    def spec(**fields: Any) -> EnvironmentSpec:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        return request_of(notebook(metadata=named), DiskFolder(tmp_path)).spec

    return spec


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_notebook_without_a_header_asks_for_nothing() -> None:
    assert request_of(notebook("import os"), NoFolder()) is NO_REQUEST


# -- requirements files ----------------------------------------------------------------------------


def test_a_requirements_file_is_taken_in(ask: Ask, tmp_path: Path) -> None:
    write(
        tmp_path,
        "requirements.txt",
        "# what we need",
        "NumPy >= 1.24, < 3  # fast",
        "",
        "pandas[excel] \\",
        "    ; python_version < '4'",
        "\tsix",
    )
    spec = ask(dependencies="rich", requirements="requirements.txt")
    assert spec.requirements == (
        "numpy<3,>=1.24",
        'pandas[excel]; python_version < "4"',
        "rich",
        "six",
    )
    assert spec.digest == ask(dependencies=list(spec.requirements)).digest


def test_a_requirements_file_takes_in_others_from_its_own_folder(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "deep/all.txt", "a", "-r base.txt", "-c ../limits.txt", "-rbase.txt")
    write(tmp_path, "deep/base.txt", "b", '--requirement="with space.txt"', "-r all.txt")
    write(tmp_path, "deep/with space.txt", "c")
    write(tmp_path, "limits.txt", "six<2", "--constraint=more.txt")
    write(tmp_path, "more.txt", "numpy<3")
    spec = ask(requirements="deep/all.txt")
    assert spec.requirements == ("a", "b", "c")
    assert spec.constraints == ("numpy<3", "six<2")


def test_hashes_of_a_requirements_file_go_into_the_spec(ask: Ask, tmp_path: Path) -> None:
    lines = ["six==1.16 \\", f"    --hash=sha256:{SHA} \\", f"    --hash=sha256:{OTHER_SHA}", "b"]
    write(tmp_path, "requirements.txt", *lines, "    # via a")
    spec = ask(requirements="requirements.txt", dependencies=f"Six --hash=sha256:{SHA}")
    assert spec.hashes == (("six", (SHA, OTHER_SHA)),)
    assert spec.requirements == ("b", "six==1.16")
    assert spec.digest != ask(dependencies="six==1.16 b").digest


def test_an_absolute_path_and_one_that_leads_up_are_read(ask: Ask, tmp_path: Path) -> None:
    path = write(tmp_path, "r.txt", "\ufeffsix")
    assert ask(requirements=str(path)).requirements == ("six",)
    (tmp_path / "sub").mkdir()
    noted = notebook(metadata={"requirements": "../r.txt"})
    assert request_of(noted, DiskFolder(tmp_path / "sub")).spec.requirements == ("six",)
    assert request_of(notebook(metadata={"requirements": str(path)}), NoFolder()).spec.direct == {
        "six"
    }


@pytest.mark.parametrize(
    "field, name, says",
    [
        ("requirements", "environment.yml", "Conda packages"),
        ("requirements", "Pipfile.lock", "pipenv requirements"),
        ("pylock", "uv.lock", "uv export"),
        ("requirements", "setup.py", "Name its folder in local-extras"),
    ],
)
def test_a_file_of_another_tool_is_refused_by_its_name(
    ask: Ask, tmp_path: Path, field: str, name: str, says: str
) -> None:
    write(tmp_path, name, "secret: of the file")
    with pytest.raises(HeaderError, match=f'names "{name}", which is not read') as caught:
        ask(**{field: name})
    assert says in caught.value.hint
    assert "secret" not in f"{caught.value} {caught.value.details}"


@pytest.mark.parametrize(
    "line, says",
    [
        ("-e .", "local-extras"),
        ("--index-url https://example.org", "Jupyter's configuration"),
        ("-i https://example.org", "Jupyter's configuration"),
        ("--find-links=x", "Jupyter's configuration"),
        ("--pre", "pre-release by its version"),
        ("--no-binary :all:", "Only wheels"),
        ("--require-hashes", "Every hash"),
        ("--unknown", "Remove the line"),
        ("-r https://example.org/r.txt", "not the path of a file"),
        ("numpy pandas", "item of its own"),
        ("numpy --pre", "only --hash is read"),
        ("./folder", "is a path"),
        ("six==${VERSION}", "looks like"),
        ("six --hash=md5:1", "is not SHA-256"),
    ],
)
def test_other_lines_of_a_requirements_file_are_errors(
    ask: Ask, tmp_path: Path, line: str, says: str
) -> None:
    write(tmp_path, "requirements.txt", "six", line)
    with pytest.raises(HeaderError, match=r"In requirements.txt, line 2 .named in the") as caught:
        ask(requirements="requirements.txt")
    assert says in str(caught.value)
    assert caught.value.details["file_line"] == 2


def test_an_error_in_a_file_names_the_line_of_the_header_too(tmp_path: Path) -> None:
    write(tmp_path, "r.txt", "six=1")
    noted = notebook("x = 1", block("[tool.headstart]", 'requirements = "r.txt"'))
    expected = r"In r.txt, line 1 \(named in cell 2, line 3\): the text there is not"
    with pytest.raises(RequirementError, match=expected) as caught:
        request_of(noted, DiskFolder(tmp_path))
    details = {"cell": 2, "line": 3, "file": "r.txt", "file_line": 1, "text": "requirements"}
    assert caught.value.details == details


def test_a_file_that_is_not_there_says_where_it_was_looked_for(ask: Ask, tmp_path: Path) -> None:
    for fields in ({"requirements": "r.txt"}, {"pylock": "r.txt"}, {"prepend_paths": ["r.txt"]}):
        with pytest.raises(HeaderError, match=r'names "r.txt", and there is no such') as caught:
            ask(**fields)
        assert f"looked for at {tmp_path / 'r.txt'}" in str(caught.value)
    with pytest.raises(HeaderError, match=r'pyproject.toml", and there is no such file'):
        ask(groups="dev")
    with pytest.raises(HeaderError, match="not known where the notebook is"):
        request_of(notebook(metadata={"pylock": "pylock.toml"}), NoFolder())


def test_what_is_no_text_file_is_refused(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_bytes(b"#" * 1_100_000)
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "binary", "long", "pipe", "/dev/zero"):
        with pytest.raises(HeaderError, match="In the notebook's metadata: "):
            ask(requirements=name)


def test_files_that_take_in_one_another_without_end_are_refused(ask: Ask, tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path, f"{number}.txt", f"-r {number + 1}.txt")
    with pytest.raises(HeaderError, match="are included, or one in another too often"):
        ask(requirements="0.txt")
    write(tmp_path, "many.txt", *(f"p{number}" for number in range(1001)))
    with pytest.raises(HeaderError, match="more than 1000 requirements"):
        ask(requirements="many.txt")


# -- pyproject.toml --------------------------------------------------------------------------------

PROJECT = """
[project]
name = "Mine"
requires-python = ">=3.11"
dependencies = ["numpy>=1", "rich"]
[project.optional-dependencies]
Plot = ["plotly"]
all = ["mine[plot]", "six"]
[dependency-groups]
test = ["pytest", {include-group = "Base_Group"}]
base-group = ["attrs"]
"""


def test_a_project_is_taken_in_with_its_extras_and_its_pythons(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", PROJECT)
    plain = ask(requirements="pyproject.toml", python_version="3.12")
    assert plain.requirements == ("numpy>=1", "rich")
    assert set(plain.requires_python.split(",")) == {">=3.11", "==3.12.*"}
    assert ask(requirements="pyproject.toml", extras="ALL").direct == {
        *("numpy", "rich", "six", "plotly")
    }


def test_dependency_groups_come_without_the_project(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", PROJECT)
    spec = ask(groups=["Test"], dependencies="six")
    assert spec.requirements == ("attrs", "pytest", "six")
    assert spec.requires_python == ""
    write(tmp_path, "other/pyproject.toml", '[project]\n[dependency-groups]\ntest = ["x"]')
    assert ask(requirements="other/pyproject.toml", groups="test").direct == {"x"}


@pytest.mark.parametrize(
    "text, fields, says",
    [
        ("", {"requirements": "pyproject.toml"}, "has no [project]"),
        ("x = [", {"requirements": "pyproject.toml"}, "ends too early"),
        ("[project]\ndynamic = ['dependencies']", {"requirements": "pyproject.toml"}, "dynamic"),
        ("[project]\ndependencies = 'a'", {"requirements": "pyproject.toml"}, "list of strings"),
        ("project = 1", {"requirements": "pyproject.toml"}, "project is a whole number"),
        ("[project]\nrequires-python = 'x'", {"requirements": "pyproject.toml"}, "requires-python"),
        (PROJECT, {"requirements": "pyproject.toml", "extras": "x"}, "Its extras are plot, all."),
        (PROJECT, {"groups": "x"}, "Its groups are test, base-group."),
        (PROJECT, {"extras": "plot"}, 'requirements = "pyproject.toml"'),
        ("", {"groups": "x"}, "no dependency group"),
        ("[dependency-groups]\nA = []\na = []", {"groups": "a"}, "a name twice"),
        ("[dependency-groups]\na = [{include-group = 'a'}]", {"groups": "a"}, "includes itself"),
        ("[dependency-groups]\na = [{x = 'a'}]", {"groups": "a"}, "odd item"),
        ("[dependency-groups]\na = 'b'", {"groups": "a"}, "is a string"),
        ("[dependency-groups]\na = ['b']\n[tool.uv.sources]\nB = {path = 'b'}", {"groups": "a"},
         "[tool.uv.sources]"),
    ],
)  # fmt: skip
def test_a_project_that_means_nothing_is_an_error(
    ask: Ask, tmp_path: Path, text: str, fields: dict[str, Any], says: str
) -> None:
    write(tmp_path, "pyproject.toml", text)
    with pytest.raises(HeaderError) as caught:
        ask(**fields)
    assert says in str(caught.value)


def test_a_requirement_of_a_project_names_its_line(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[project]", "dependencies = [", '"six",', "'six=1']")
    with pytest.raises(
        RequirementError, match=r"In pyproject.toml, line 4 \(named in .*is not a req"
    ):
        ask(requirements="pyproject.toml")


# -- locks, folders and variables ------------------------------------------------------------------


def test_a_lock_is_brought_with_what_of_it_is_wanted(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path, "sub/pylock.toml", 'lock-version = "1.0"')
    lock = ask(pylock="sub/pylock.toml", extras="Plot", groups="dev").lock
    assert lock is not None
    assert (lock.text, lock.origin) == ('lock-version = "1.0"', '"sub/pylock.toml"')
    assert (lock.extras, lock.groups) == (("plot",), ("dev",))
    plain = ask(pylock="sub/pylock.toml").lock
    assert plain is not None
    assert (plain.extras, plain.groups) == ((), None)


def test_folders_for_path_are_absolute_and_have_to_be_there(ask: Ask, tmp_path: Path) -> None:
    for name in ("tools", "sub", "with:colon"):
        (tmp_path / name).mkdir()
    spec = ask(prepend_paths=["tools", "sub/../tools", "/"], env={"B": "2", "A": "1"}, preload="os")
    tools = str(tmp_path / "tools")
    assert spec.kernel == KernelOptions((("A", "1"), ("B", "2")), (tools, tools, "/"), ("os",))
    with pytest.raises(HeaderError, match="cannot be on PATH"):
        ask(prepend_paths="with:colon")
    with pytest.raises(HeaderError, match="not known where the notebook is"):
        request_of(notebook(metadata={"prepend-paths": "tools"}), NoFolder())


def test_the_kernels_options_decide_no_resolution(ask: Ask, tmp_path: Path) -> None:
    plain = ask(dependencies="six")
    assert plain.digest == ask(dependencies="six", env={"A": "b"}, preload="os").digest
    assert plain != ask(dependencies="six", env={"A": "b"})


# -- [tool.uv] -------------------------------------------------------------------------------------


def test_an_index_in_a_header_may_be_uvs_own_default_by_its_address(tmp_path: Path) -> None:
    address = default_index()
    assert address.startswith("https://")
    noted = notebook(block("[[tool.uv.index]]", f'url = "{address}/"', "default = true"))
    nothing = write(tmp_path, "uv.toml", "")
    assert (
        request_of(noted, NoFolder(), settings(UV_CONFIG_FILE=str(nothing))).spec
        == EnvironmentSpec()
    )
    other = settings(HEADSTART_DEFAULT_INDEX="https://a.example.org/simple", HOME="/nowhere")
    with pytest.raises(HeaderError, match=r"In cell 1, line 3: .* not among") as caught:
        request_of(noted, NoFolder(), other)
    assert caught.value.hint.endswith('Those are "https://a.example.org/simple".')


def test_an_index_in_a_header_says_nothing_if_it_is_configured_and_else_is_refused() -> None:
    noted = notebook(
        block("[[tool.uv.index]]", 'name = "a"', 'url = "https://me:canary@a.example.org/simple/"')
    )
    configured = settings(HEADSTART_EXTRA_INDEXES="https://a.example.org/simple", HOME="/nowhere")
    assert request_of(noted, NoFolder(), configured).spec == EnvironmentSpec()
    with pytest.raises(HeaderError, match=r"In cell 1, line 4: .* not among") as caught:
        request_of(noted, NoFolder(), settings(HOME="/nowhere"))
    assert "canary" not in str(caught.value) + str(caught.value.details)


# -- a requirements.txt in place of a header -------------------------------------------------------

AUTOMATIC = settings(HEADSTART_REQUIREMENTS_FILES="1")


def test_a_requirements_file_stands_for_a_header_if_the_settings_say_so(tmp_path: Path) -> None:
    folder = DiskFolder(tmp_path)
    write(tmp_path, "requirements.txt", "six")
    assert request_of(notebook("1"), folder, settings()) is NO_REQUEST
    request = request_of(notebook("1"), folder, AUTOMATIC)
    assert request.spec.direct == {"six"}
    assert request.header is not None
    assert request.header.place is HeaderPlace.REQUIREMENTS_TXT
    assert request_of(notebook(block()), folder, AUTOMATIC).spec == EnvironmentSpec()
    write(tmp_path, "requirements.txt", "six=1")
    with pytest.raises(RequirementError, match=r"In requirements.txt, line 1: "):
        request_of(notebook("1"), folder, AUTOMATIC)


def test_settings_are_only_read_where_there_is_such_a_file(tmp_path: Path) -> None:
    def unread() -> Settings:
        raise AssertionError

    (tmp_path / "requirements.txt").mkdir()
    assert request_of(notebook("1"), DiskFolder(tmp_path), unread) is NO_REQUEST


def test_another_refresh_mode_keeps_the_requirements_file(tmp_path: Path) -> None:
    write(tmp_path, "requirements.txt", "six")
    noted = notebook("1", metadata={"receipt": {"key": "x"}})
    found = find(noted, DiskFolder(tmp_path), AUTOMATIC)
    edit = set_refresh(noted, found, RefreshMode.EPHEMERAL)
    assert edit.fields == {
        "receipt": {"key": "x"},
        "requirements": "requirements.txt",
        "refresh": True,
    }
    again = request_of(notebook("1", metadata=edit.fields), DiskFolder(tmp_path)).spec
    assert (again.direct, again.refresh) == ({"six"}, RefreshMode.EPHEMERAL)
    assert set_refresh(noted, found, RefreshMode.CACHED).fields == noted.metadata["headstart"]


def test_what_looks_for_places_is_loaded_with_the_first_error_only() -> None:
    clients = (
        "headstart.kernels.provisioner, headstart.environments.ready, headstart.cli.verbs.ensure"
    )
    code = f"import sys, {clients}; print('headstart.core.header.locations' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
