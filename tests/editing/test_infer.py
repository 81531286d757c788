"""From imports and install commands to requirements."""

from __future__ import annotations

import pytest

from headstart.core.notebook.find import Cell, Notebook
from headstart.editing.infer import infer_requirements
from headstart.errors import HeaderError


def inferred(tmp_path, *sources: str, **metadata: object):
    cells = tuple(Cell(number, "code", text) for number, text in enumerate(sources))
    return infer_requirements(tmp_path / "a.ipynb", Notebook(cells, metadata, "a.ipynb"))


def test_each_package_has_a_reason(tmp_path):
    result = inferred(tmp_path, "import sklearn, os", "%pip install alpha==1.0")
    assert result.texts == ("scikit-learn", "alpha==1.0")
    assert result.reasons["scikit-learn"] == "import sklearn, in cell 1"
    assert result.reasons["alpha"] == "pip install, in cell 2"
    assert result.guessed == frozenset()


def test_an_unknown_module_is_a_guess(tmp_path):
    result = inferred(tmp_path, "import no_such_module_at_all")
    assert result.guessed == {"no-such-module-at-all"}
    assert result.without("no-such-module-at-all").texts == ()
    assert "Named after modules" in result.all_remarks[-1]


def test_modules_next_to_the_notebook_are_its_own(tmp_path):
    (tmp_path / "helpers.py").touch()
    assert inferred(tmp_path, "import helpers").texts == ()


@pytest.mark.parametrize(
    "version, exactly, specifier",
    [("3.11.4", False, ">=3.11"), ("3.11.4", True, "==3.11.*"), ("2.7.18", False, ""), ("", 0, "")],
)
def test_the_python_that_it_was_last_run_with(tmp_path, version, exactly, specifier):
    result = inferred(tmp_path, "1", language_info={"name": "python", "version": version})
    assert result.requires_python(exactly) == specifier


def test_other_languages_are_refused(tmp_path):
    with pytest.raises(HeaderError, match="its language is"):
        inferred(tmp_path, "1", language_info={"name": "julia"})
