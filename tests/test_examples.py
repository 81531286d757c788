"""The example notebooks are what a newcomer opens first."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from headstart.core.header.normalise import spec_of
from headstart.core.header.parse import parse_header
from headstart.core.header.spec import Header
from headstart.core.notebook.find import HeaderPlace, find_header
from headstart.core.policy import Policy
from headstart.core.refresh import RefreshMode
from headstart.request.notebook_files import read_notebook
from headstart.settings import Settings

EXAMPLES = sorted((Path(__file__).parents[1] / "examples" / "notebooks").glob("*.ipynb"))


def header_of(name: str) -> Header:
    (path,) = (path for path in EXAMPLES if path.stem == name)
    found = find_header(read_notebook(path))
    assert found
    return parse_header(found)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_and_names_the_headstart_kernel(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "headstart"
    assert notebook.metadata.kernelspec.display_name == "Python (notebook header)"
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_header_of_an_example_is_allowed_and_warns_of_nothing(path: Path) -> None:
    header = header_of(path.stem)
    assert header.requirements
    assert not header.warnings
    assert not Policy(Settings()).of_spec(spec_of(header))


def test_the_examples_show_what_headers_can_say() -> None:
    assert header_of("quickstart").place is HeaderPlace.CELL
    assert header_of("metadata-form").place is HeaderPlace.METADATA
    assert header_of("ephemeral").refresh is RefreshMode.EPHEMERAL
    assert header_of("pinned-python").requires_python == "==3.12.*"
    pair = [spec_of(header_of(f"conflict-numpy-{major}")).requirements for major in (1, 2)]
    assert pair == [("numpy==1.26.4",), ("numpy<3,>=2",)]
