"""The stand-in for pip and uv answers questions, explains the rest, and changes nothing."""

from __future__ import annotations

import json

import pytest

from headstart_kernel.shim import main


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
    assert main(["pip", "uninstall", "-y", "scipy"]) == 1

    assert "changes nothing here" in capsys.readouterr().err


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_no_command_prints_what_there_is(program: str, capsys: pytest.CaptureFixture[str]):
    assert main([program]) == 0
    assert main([program, "--version"]) == 0

    assert "list" in capsys.readouterr().out
