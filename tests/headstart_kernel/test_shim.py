"""The stand-in for pip and uv answers questions, explains the rest, and changes nothing."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from headstart_kernel.shim.answers import main
from headstart_kernel.shim.arguments import Kind, kind_of, read_arguments
from headstart_kernel.shim.shim_header import HEADER
from headstart_kernel.shim.shim_packages import broken


def test_list_names_every_package_with_its_version(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Package", "Version"]
    assert any(line.split()[0] == "pytest" for line in lines[2:])


def test_list_as_json_is_what_pip_prints(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "list", "--format", "json"]) == 0

    names = {item["name"]: item["version"] for item in json.loads(capsys.readouterr().out)}
    assert names["pytest"] == pytest.__version__


@pytest.mark.parametrize("command", [["pip", "freeze"], ["uv", "pip", "freeze"]])
def test_freeze_pins_every_package(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(command) == 0

    assert f"pytest=={pytest.__version__}" in capsys.readouterr().out.splitlines()


def test_show_describes_a_package_and_who_needs_it(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "show", "Traitlets"]) == 0

    text = capsys.readouterr().out
    assert "Name: traitlets" in text
    assert "jupyter_core" in text.split("Required-by: ")[1]


def test_show_says_which_package_is_missing(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "show", "no-such-package", "pytest"]) == 1

    captured = capsys.readouterr()
    assert "Name: pytest" in captured.out
    assert captured.err == "Not in this environment: no-such-package\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["pip", "install", "-q", "scipy"],
        ["pip", "--quiet", "install", "scipy"],
        ["uv", "pip", "install", "scipy"],
        ["uv", "add", "scipy"],
    ],
)
def test_install_explains_how_to_write_the_package_into_the_header(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 1

    text = capsys.readouterr().err
    assert 'dependencies = ["scipy"]' in text
    assert "restart the kernel" in text


def test_uninstall_is_not_done_either(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "uninstall", "-y", "pytest"]) == 1

    assert "changes nothing here" in capsys.readouterr().err


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_no_command_prints_what_there_is(program: str, capsys: pytest.CaptureFixture[str]):
    assert main([program]) == 0
    assert main([program, "--version"]) == 0

    assert "list" in capsys.readouterr().out


# -- what is installed already ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["pip", "install", "pytest"],
        ["pip", "install", "-q", "pytest>=1", "Jupyter_Core"],
        ["pip", "install", "--upgrade", "pytest"],
        ["pip", "install", "pytest; sys_platform == 'never'", "no-such; python_version < '3'"],
        ["pip", "install", "-U", "pip"],
        ["uv", "pip", "install", "pytest"],
        ["uv", "add", "pytest"],
    ],
)
def test_installing_what_is_there_succeeds(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 0

    assert "header" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "requirement", ["pytest<1", "pytest[no-such-extra]>=99", "jupyter-server[test]<0", "no-such"]
)
def test_installing_what_is_not_there_does_not(requirement: str):
    assert main(["pip", "install", "pytest", requirement]) == 1


def test_an_extra_is_there_if_what_it_requires_is(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "install", "headstart[text]"]) == 0
    assert main(["pip", "install", "jsonschema[format]", "jupytext[test-cov]"]) == 1

    assert "jupytext[test-cov]" in capsys.readouterr().err


def test_a_requirements_file_is_there_if_all_of_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    other = tmp_path / "more.txt"
    other.write_text("packaging  # versions\n")
    file = tmp_path / "requirements.txt"
    file.write_text("# tests\npytest >= 1 \\\n    --hash=sha256:00\n-r more.txt\n")
    assert main(["pip", "install", "-qr", str(file)]) == 0

    other.write_text("no-such\n")

    assert main(["pip", "install", f"-r{file}"]) == 1
    assert f'requirements = "{file}"' in capsys.readouterr().err


@pytest.mark.parametrize("content", ["git+https://host.example/x\n", "-e .\n", "--pre\nnot one\n"])
def test_a_requirements_file_that_is_not_understood_is_not_there(tmp_path: Path, content: str):
    file = tmp_path / "requirements.txt"
    file.write_text(content)

    assert main(["pip", "install", "-r", str(file), "-r", str(tmp_path)]) == 1


# -- advice ---------------------------------------------------------------------------------------

BLOCK = """\
requires-python = ">=3.9"
dependencies = [
    "pandas[excel]>=2",  # tables
    'numpy'
]

[tool.headstart]
refresh = true
"""


@pytest.fixture
def header(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the notebook in whose kernel the command runs."""
    value = json.dumps({"where": "cell 2", "text": BLOCK})
    monkeypatch.setenv(HEADER, value)


def block_in(text: str) -> list[str]:
    """The lines of the header that a text shows, without their comment signs."""
    lines = [line.strip() for line in text.splitlines()]
    begin, end = lines.index("# /// script"), lines.index("# ///")
    return [line.removeprefix("#").removeprefix(" ") for line in lines[begin + 1 : end]]


def shown_by(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["pip", *arguments]) == 1
    return block_in(capsys.readouterr().err)


@pytest.mark.usefixtures("header")
def test_advice_shows_the_whole_header_with_what_is_missing(capsys: pytest.CaptureFixture[str]):
    shown = shown_by(["install", "scipy>=1", "numpy==1.0"], capsys)

    assert shown == [
        'requires-python = ">=3.9"',
        "dependencies = [",
        '    "pandas[excel]>=2",  # tables',
        '    "numpy==1.0",',
        '    "scipy>=1"',
        "]",
        "",
        "[tool.headstart]",
        "refresh = true",
    ]


@pytest.mark.usefixtures("header")
def test_a_requirements_file_is_advised_as_a_field(capsys: pytest.CaptureFixture[str]):
    shown = shown_by(["install", "-r", "requirements.txt"], capsys)

    assert shown[-3:] == ["[tool.headstart]", 'requirements = "requirements.txt"', "refresh = true"]
    assert '    "pandas[excel]>=2",  # tables' in shown


@pytest.mark.usefixtures("header")
def test_a_folder_is_advised_as_a_local_extra(capsys: pytest.CaptureFixture[str]):
    assert 'local-extras = ["./tool"]' in shown_by(["install", "-e", "./tool"], capsys)


@pytest.mark.usefixtures("header")
def test_advice_shows_one_header_for_the_whole_command(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "install", "scipy", "-r", "a.txt", "-e", "../b", "./c", "-r", "d.txt"]) == 1

    answer = capsys.readouterr().err
    assert answer.count("# /// script") == 1
    assert "headstart add" not in answer, "it would do a part of it"
    assert "one file of requirements: write -r d.txt into" in answer
    header = tomllib.loads("\n".join(block_in(answer)))
    assert header["dependencies"][-1] == "scipy"
    ours = {"refresh": True, "requirements": "a.txt", "local-extras": ["./c", "../b"]}
    assert header["tool"]["headstart"] == ours


def test_advice_drops_no_file_that_the_header_names(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    text = "[tool.headstart]\nrequirements = 'a#.txt'  # ours\nlocal-extras = \"../b\"\n\n[other]\n"
    monkeypatch.setenv(HEADER, json.dumps({"where": "cell 1", "text": text}))

    assert main(["pip", "install", "-r", "c.txt"]) == 1
    answer = capsys.readouterr().err
    assert "write -r c.txt into 'a#.txt'" in answer
    assert "# /// script" not in answer
    header = tomllib.loads("\n".join(shown_by(["install", "../d"], capsys)))
    assert header["tool"]["headstart"] == {
        "requirements": "a#.txt",
        "local-extras": ["../b", "../d"],
    }


@pytest.mark.parametrize("arguments", [[], ["-U"], ["-r"], ["--group", "test"]])
def test_installing_nothing_does_not_succeed(arguments: list[str]):
    assert main(["pip", "install", *arguments]) != 0


def test_no_empty_header_is_shown_where_none_is_known(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "uninstall", "-y", "pytest"]) == 1

    answer = capsys.readouterr().err
    assert "headstart remove NOTEBOOK pytest" in answer
    assert "# /// script" not in answer


@pytest.mark.usefixtures("header")
def test_uninstalling_shows_the_header_without_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    text = 'dependencies = ["pytest>=1", "six", "packaging"]\n'
    monkeypatch.setenv(HEADER, json.dumps({"where": "cell 1", "text": text}))

    assert shown_by(["uninstall", "-y", "pytest"], capsys) == [
        'dependencies = ["six", "packaging"]'
    ]
    assert shown_by(["uninstall", "packaging"], capsys) == ['dependencies = ["pytest>=1", "six"]']


@pytest.mark.usefixtures("header")
def test_what_another_package_needs_is_said_to_be_needed(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "uninstall", "-y", "packaging"]) == 1

    assert "packaging is here because another package needs it" in capsys.readouterr().err


def test_uninstalling_what_is_not_there_is_done(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "uninstall", "-y", "no-such"]) == 0


def test_a_header_that_is_no_block_is_changed_by_a_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(HEADER, json.dumps({"where": "the notebook's metadata"}))
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/a report.ipynb")

    assert main(["pip", "install", "scipy>=1"]) == 1

    answer = capsys.readouterr().err
    assert "change the header in the notebook's metadata" in answer
    assert "headstart add 'a report.ipynb' 'scipy>=1'" in answer
    assert "# /// script" not in answer


@pytest.mark.usefixtures("header")
@pytest.mark.parametrize(
    "arguments",
    [
        ["git+https://me:secret@host.example/x"],
        ["torch", "--index-url", "https://me:secret@host.example/cpu"],
        ["x @ https://me:secret@host.example/x.whl"],
        ["-r", "https://me:secret@host.example/requirements.txt"],
        ["https:/me:secret@host.example/x.whl"],
        ["https:me:secret@host.example/x.whl"],
        ["me:secret@host.example/x.git"],
        ["-e", "me:secret@host.example"],
    ],
)
def test_what_no_header_may_ask_for_is_not_proposed(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main(["pip", "install", *arguments]) == 1

    answer = capsys.readouterr().err
    assert "secret" not in answer
    assert "host.example" not in answer


def test_values_of_options_are_no_requirements(capsys: pytest.CaptureFixture[str]):
    words = ["--upgrade-strategy", "eager", "--progress-bar", "off", "-c", "limits.txt", "no-such"]

    assert shown_by(["install", *words], capsys) == ['dependencies = ["no-such"]']


@pytest.mark.parametrize("command", ["config", "cache", "download", "wheel", "search", "index"])
def test_other_commands_are_not_answered_with_advice_on_packages(
    command: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["pip", command, "list"]) == 1

    assert "To have" not in capsys.readouterr().err


def test_an_unknown_option_is_pointed_out(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "install", "--no-such-option", "pytest"]) == 2

    assert capsys.readouterr().err == "pip: no such option: --no-such-option\n"

    assert main(["pip", "install", "-qZhttps://me:secret@host.example"]) == 2

    assert capsys.readouterr().err == "pip: no such option: -Z\n"


# -- questions ------------------------------------------------------------------------------------


def test_metadata_of_old_distributions_stops_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, version in (("old", "1.0"), ("older", "2004d-1 x")):
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            "Provides-Extra: all\nRequires-Dist: six (>=1.0.*) ~\nRequires-Dist: older>1\n"
        )
    monkeypatch.syspath_prepend(tmp_path)

    problems = broken(sorted(distributions(path=[str(tmp_path)]), key=lambda item: item.version))
    assert problems[0] == "old 1.0 has requirement older>1, but you have older 2004d-1 x."
    assert main(["pip", "install", "old[all]"]) == 0
    assert main(["pip", "install", "older>1"]) == 1


def test_check_says_that_all_requirements_are_met(capsys: pytest.CaptureFixture[str]):
    status = main(["pip", "check"])

    assert (status == 0) == (capsys.readouterr().out == "No broken requirements found.\n")


def test_inspect_reports_as_pip_does(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "inspect"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["version"] == "1"
    versions = {
        item["metadata"]["name"]: item["metadata"]["version"] for item in report["installed"]
    }
    assert versions["pytest"] == pytest.__version__
    assert report["environment"]["sys_platform"]


@pytest.mark.parametrize(
    "arguments", [["help"], ["help", "install"], ["install", "--help"], ["-h"]]
)
def test_help_says_what_there_is(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(["pip", *arguments]) == 0

    assert "pip inspect" in capsys.readouterr().out


def test_show_lists_files_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "show", "-f", "pytest"]) == 0

    assert "  pytest/__init__.py" in capsys.readouterr().out


def test_list_does_not_say_that_nothing_is_outdated(capsys: pytest.CaptureFixture[str]):
    assert main(["pip", "list", "--outdated"]) == 1

    assert not capsys.readouterr().out


# -- arguments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, options",
    [
        (["-qr", "a.txt"], [("--requirement", "a.txt")]),
        (["-ra.txt"], [("--requirement", "a.txt")]),
        (["--requirement=a.txt"], [("--requirement", "a.txt")]),
        (["--requirem", "a.txt"], [("--requirement", "a.txt")]),
        (["--upgrade-strategy=eager", "-i", "u"],
         [("--upgrade-strategy", "eager"), ("--index-url", "u")]),
    ],
)  # fmt: skip
def test_options_are_read_as_pip_reads_them(words: list[str], options: list[tuple[str, str]]):
    read = read_arguments("pip", ["install", *words, "six", "--", "-x"])

    assert read.command == "install"
    assert list(read.options) == options
    assert read.words == ("six", "-x")


@pytest.mark.parametrize(
    "word, kind",
    [
        ("six", Kind.REQUIREMENT),
        ("six>=1,<2", Kind.REQUIREMENT),
        ("zope.interface[test] == 5 ; python_version > '3'", Kind.REQUIREMENT),
        ("tools ; platform_system != 'a/b'", Kind.REQUIREMENT),
        (".", Kind.PATH),
        ("a/b", Kind.PATH),
        ("six-1.0-py3-none-any.whl", Kind.PATH),
        ("https://host.example/a", Kind.URL),
        ("git+ssh://git@host.example/a", Kind.URL),
        ("name@https://host.example/a", Kind.URL),
        ("name @ file:///a", Kind.URL),
        ("https:/host.example/a", Kind.URL),
        ("me:word@host.example/a", Kind.URL),
        ("C:\\wheels\\a", Kind.PATH),
        ("tools ; os_name != 'a:b@c'", Kind.REQUIREMENT),
        ("six:1.0", Kind.UNKNOWN),
        ("six >", Kind.UNKNOWN),
        ("<3", Kind.UNKNOWN),
    ],
)
def test_words_are_told_apart(word: str, kind: str):
    assert kind_of(word) == kind
