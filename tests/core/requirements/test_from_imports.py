"""What is found of imports and install commands in a notebook's cells."""

from __future__ import annotations

import pytest

from headstart.core.notebook.find import Cell, Notebook
from headstart.core.requirements.from_imports import code_cells, imported_modules, installs
from headstart.core.requirements.module_table import distribution_of


def modules(*sources: str) -> set[str]:
    return set(imported_modules(tuple(Cell(n, "code", text) for n, text in enumerate(sources))))


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import numpy as np, os\ndef f():\n    from pandas.io import json\n"
    source += "    from . import x\n    from .a import y\n"
    assert modules(source) == {"numpy", "os", "pandas.io.json"}


def test_magics_and_shell_commands_are_no_obstacle() -> None:
    source = "%matplotlib inline\n!ls\nfiles = !ls\nx = %time 1\nnp.array?\n?np\n"
    source += "if 1:\n    %pip list\nimport a"
    assert modules(source) == {"a"}


def test_cells_of_other_languages_are_not_read() -> None:
    assert modules("%%bash\nimport a", "%%time\nimport b", "%%writefile x.py\nimport c") == {"b"}
    assert imported_modules((Cell(0, "markdown", "import a"),)) == {}


def test_a_cell_that_is_not_python_is_read_line_by_line() -> None:
    assert modules("import a.b as c, d\nfrom e.f import g\nprint 'old'") == {"a.b", "d", "e.f"}
    assert modules("\x00", "import b") == {"b"}
    assert modules("import a\n" + "(" * 5000) == {"a"}


def test_the_first_cell_of_each_is_told() -> None:
    cells = tuple(Cell(n, "code", text) for n, text in enumerate(["", "import a", "import a"]))
    assert imported_modules(cells) == {"a": 1}


@pytest.mark.parametrize(
    "line, tool, named, options",
    [
        ("%pip install numpy 'pandas>=2,<3'  # x", "pip", ("numpy", "pandas>=2,<3"), ()),
        ("!pip3 install -q -U numpy", "pip", ("numpy",), ()),
        ("!{sys.executable} -m pip install a", "pip", ("a",), ()),
        ("!python3 -m pip install a && echo b", "pip", ("a",), ()),
        ("%uv pip install a", "pip", ("a",), ()),
        ("pip install a", "pip", ("a",), ()),
        ("    !uv pip install a \\\n  b", "pip", ("a", "b"), ()),
        ("%conda install -y -c conda-forge a", "conda", ("a",), ("-c conda-forge",)),
        ("%pip install -r x.txt --index-url=u -e .", "pip", (),
         ("-r x.txt", "--index-url=u", "-e .")),
        ("%pip install 'a", "pip", ("'a",), ()),
    ],
)  # fmt: skip
def test_install_commands_are_read(
    line: str, tool: str, named: tuple[str, ...], options: tuple[str, ...]
) -> None:
    (found,) = installs((Cell(0, "code", f"import x\n{line}\n"),))
    assert (found.tool, found.requirements, found.options) == (tool, named, options)


def test_other_commands_install_nothing() -> None:
    lines = "!apt install a\n# pip install b\nprint('pip install c')\n%pip list\n!pip uninstall d"
    assert list(installs((Cell(0, "code", lines),))) == []


def test_a_module_has_its_distribution_by_its_longest_known_name() -> None:
    assert distribution_of("sklearn.linear_model") == "scikit-learn"
    assert distribution_of("google.cloud.storage.blob") == "google-cloud-storage"
    assert distribution_of("google.cloud") is None
    assert distribution_of("mpl_toolkits.mplot3d") == "matplotlib"
    assert distribution_of("mpl_toolkits.basemap.x") == "basemap"
    assert distribution_of("numpy.linalg") == "numpy"
    assert distribution_of("thing_of_ours.part") is None
    assert distribution_of("a.b", {"a": "A_B", "a.c": "x"}) == "a-b"


def test_text_notebooks_have_code_cells_too() -> None:
    script = Notebook(path="a.py", text="# %%\n# %pip install a\nimport b\n# !pip install c\n")
    assert list(imported_modules(code_cells(script))) == ["b"]
    assert [found.requirements for found in installs(code_cells(script))] == [("a",), ("c",)]
    text = "import x\n\n```{python}\nimport b\n```\n\n```r\nimport c\n```\n"
    assert list(imported_modules(code_cells(Notebook(path="a.qmd", text=text)))) == ["b"]
