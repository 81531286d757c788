"""The examples of docs/headers.md say what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from headstart.core.header.fields import OURS, STANDARD
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.notebook.find import Cell, Notebook
from headstart.core.refresh import RefreshMode
from headstart.request.directory import DiskFolder
from headstart.request.read import request_of
from headstart.testing.wheels import make_wheel
from tests.core.factory import lock_text, pure

PAGE = (Path(__file__).parents[1] / "docs" / "headers.md").read_text()
EXAMPLE = re.compile(r"^( *)```(python|yaml|json)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def examples(language: str) -> list[str]:
    examples = [match for match in EXAMPLE.finditer(PAGE) if match[2] == language]
    return [re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE).strip() for match in examples]


@pytest.fixture
def folder(tmp_path: Path) -> DiskFolder:
    """The folder of a notebook, with all that the examples name."""
    make_wheel(tmp_path / "wheels", "tools", "1.0")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.0"\n')
    notebooks = tmp_path / "notebooks"
    (notebooks / "tools").mkdir(parents=True)
    (notebooks / "requirements.txt").write_text("rich")
    (notebooks / "pyproject.toml").write_text('[dependency-groups]\ntest = ["pytest"]')
    (notebooks / "pylock.toml").write_text(
        lock_text(pure("pandas", "2.2.0"), top="extras=['plot']")
    )
    return DiskFolder(notebooks)


def specs(folder: DiskFolder, language: str) -> list[EnvironmentSpec]:
    """What the examples in a language ask for."""
    notebooks = []
    for text in examples(language):
        kind = "raw" if language == "yaml" else "code"
        in_metadata = {"headstart": json.loads(text)} if language == "json" else {}
        cells = () if language == "json" else (Cell(0, kind, text),)
        notebooks.append(Notebook(cells, in_metadata))
    return [request_of(notebook, folder).spec for notebook in notebooks]


def test_the_examples_in_cells_are_headers(folder: DiskFolder) -> None:
    plain, files, *_, kernel = specs(folder, "python")
    assert plain.direct == {"pandas", "plotly"}
    assert (plain.requires_python, plain.exclude_newer) == (">=3.11", "2026-01-31")
    assert files.direct == {"plotly", "rich", "pytest"}
    assert kernel.kernel.env == (("OMP_NUM_THREADS", "4"),)
    assert kernel.kernel.prepend_paths == (str(folder.path("tools")),)


def test_the_examples_of_other_places_are_headers(folder: DiskFolder) -> None:
    (front,) = specs(folder, "yaml")
    assert (front.requirements, front.kernel.env) == (("pandas<3,>=2",), (("TITLE", "Report"),))
    metadata, text = specs(folder, "json")
    assert metadata.requirements == ("numpy==1.24.0", "pandas<3,>=2")
    assert metadata.refresh is RefreshMode.EPHEMERAL
    assert text.direct == {"numpy", "pandas"}
    assert text.hashes == (("numpy", ("0123456789abcdef" * 4,)),)


def test_the_page_has_every_field() -> None:
    table = PAGE.partition("## What it may say")[2].partition("\n\nA name")[0]
    first_column = "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    named = set(re.findall(r"`([a-z-]+)`", first_column))
    assert named == {*STANDARD, *OURS}
