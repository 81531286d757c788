"""Files of other tools are recognised by their names, and each has a hint."""

from __future__ import annotations

import pytest

from headstart.core.requirements.foreign_files import hint_for_file
from headstart.errors import RequirementError
from tests.core.factory import cell_header, metadata_header


@pytest.mark.parametrize(
    "field, name, expected",
    [
        ("requirements", "environment.yml", "Conda packages are not installed"),
        ("requirements", "env/environment-dev.yaml", "Conda packages are not installed"),
        ("requirements", "conda-lock.yml", "Conda packages are not installed"),
        ("requirements", "conda-linux-64.lock", "Conda packages are not installed"),
        ("requirements", "pixi.toml", "Conda packages are not installed"),
        ("pylock", "pixi.lock", "Conda packages are not installed"),
        ("requirements", "Pipfile", "pipenv requirements"),
        ("requirements", "Pipfile.lock", "pipenv requirements"),
        ("pylock", "poetry.lock", "poetry export"),
        ("requirements", "uv.lock", "uv export -o pylock.toml"),
        ("pylock", "uv.lock", "uv export -o pylock.toml"),
        ("pylock", "pdm.lock", "pdm export"),
        ("requirements", "setup.py", "local-extras"),
        ("requirements", "../setup.cfg", "local-extras"),
        ("requirements", "pylock.dev.toml", 'pylock = "pylock.dev.toml"'),
        ("pylock", "requirements.txt", 'requirements = "requirements.txt"'),
        ("pylock", "a/pyproject.toml", 'requirements = "pyproject.toml"'),
        ("requirements", "requirements.txt", ""),
        ("requirements", "pyproject.toml", ""),
        ("requirements", "packages.txt", ""),
        ("pylock", "pylock.toml", ""),
        ("pylock", "notebook.lock", ""),
    ],
)
def test_a_file_of_another_tool_has_a_hint(field: str, name: str, expected: str) -> None:
    hint = hint_for_file(name, field)
    assert expected in hint
    assert bool(hint) == bool(expected)


@pytest.mark.parametrize(
    "item, expected",
    [
        ("environment.yml", "Conda packages are not installed"),
        ("requirements.txt", 'requirements = "requirements.txt"'),
        ("requirements-dev.txt", 'requirements = "requirements-dev.txt"'),
        ("pyproject.toml", 'requirements = "pyproject.toml"'),
        ("pylock.toml", 'pylock = "pylock.toml"'),
        ("uv.lock", "uv export"),
        ("setup.py", "local-extras"),
        ("-r requirements.txt", 'requirements = "requirements.txt"'),
        ("--requirement=a/r.txt", 'requirements = "a/r.txt"'),
    ],
)
def test_a_file_among_the_packages_is_no_package(item: str, expected: str) -> None:
    with pytest.raises(RequirementError, match="cell 1, line 2") as caught:
        cell_header(f'dependencies = ["{item}"]')
    assert expected in caught.value.hint


@pytest.mark.parametrize(
    "name", ["web.py", "pipfile", "v8", "conda", "setup", "discord.py>=2", "zope.interface"]
)
def test_packages_that_are_named_like_files_are_packages(name: str) -> None:
    [requirement] = cell_header(f'dependencies = ["{name}"]').requirements
    assert requirement.text == name


@pytest.mark.parametrize("text", ["six 1.12.0", "numpy six v1.12.0 pandas", "numpy, six, 1.12.0"])
def test_a_version_without_an_operator_is_one_of_the_package_before_it(text: str) -> None:
    with pytest.raises(RequirementError) as caught:
        metadata_header(dependencies=text)
    assert caught.value.hint == 'For exactly that version write "six==1.12.0".'


@pytest.mark.parametrize("text", ["1.12.0", "v2.0"])
def test_a_version_alone_is_no_package(text: str) -> None:
    with pytest.raises(RequirementError, match="is a version") as caught:
        cell_header(f'dependencies = ["{text}"]')
    assert '"package==' in caught.value.hint
