"""A header in a string, in a here-document or for another program is none."""

from __future__ import annotations

import ast
import random
import tokenize
from io import StringIO

import pytest

from headstart.core.notebook.code_lines import hidden_lines
from headstart.core.notebook.find import Cell, Notebook, find_header
from headstart.core.notebook.misplaced import misplaced_header
from tests.core.factory import block, notebook

HEADER = block('dependencies = ["alpha"]')
JUPYTEXT = {"jupytext": {"text_representation": {"extension": ".py"}}}

HIDDEN = {
    "in a string": f'text = """\n{HEADER}\n"""',
    "in quotes of the other kind": f"x = f'''\n\"\"\"\n{HEADER}\n'''",
    "after an escaped quote": f'x = """ \\"""\n{HEADER}\n"""',
    "after an escaped end of a line": f'x = \'a\\\n"""\' + """\n{HEADER}\n"""',
    "in a string without an end": f'x = """\n{HEADER}',
    "in a string below a magic": f'%%time\nx = """\n{HEADER}\n"""',
    "in a here-document": f"!cat <<EOF > x.py\n{HEADER}\nEOF\nimport os",
    "in one whose name is quoted": f"out = !python - <<-'A_1' | \\\n  head\n{HEADER}\n  A_1",
    "not closed in a string": 'x = """\n# /// script\n# ///script\n"""',
}
READ = {
    "above a string": f'{HEADER}\nx = """\n"""',
    "below a string": f'x = """\n# a\n"""\n{HEADER}',
    "after a comment": f'# it\'s """\n{HEADER}',
    "after an odd quote": f'x = \' """\n{HEADER}',
    "after a shell command": f'!echo \'"""\'\n%alias x echo """\nx = %sx \'\'\'\n{HEADER}',
    "after a remainder": f'print("%d"\n  % """a\nb""")\n{HEADER}',
    "after what is no here-document": f"!cat <<< EOF\n!cat <<EOF\nx = 1 <<y\n{HEADER}\ny",
    "after a here-document": f'!cat <<EOF\n# a """\nEOF\n{HEADER}',
    "below a magic": f"\n  %%capture out\n%%time\n{HEADER}",
    "for the kernel": f"%%memit -r 1\n{HEADER}",
}
FOREIGN = (
    "%%bash",
    "%%bash --out x",
    "%%writefile tool.py",
    "%%html",
    "%%sql db",
    "%%python",
    "%%!",
)


@pytest.mark.parametrize("source", HIDDEN.values(), ids=HIDDEN)
def test_a_block_in_a_string_or_a_here_document_is_no_header(source: str) -> None:
    nb = notebook("import os", source)
    assert find_header(nb) is None
    message = misplaced_header(nb)
    assert "header in cell 2, line" in message
    assert "is in a string or a here-document" in message


@pytest.mark.parametrize("source", READ.values(), ids=READ)
def test_a_block_outside_of_them_is_one(source: str) -> None:
    found = find_header(notebook(source))
    assert found is not None
    assert found.text == 'dependencies = ["alpha"]\n'
    assert misplaced_header(notebook(source)) == ""


@pytest.mark.parametrize("magic", [*FOREIGN, "%%time\n%%bash"])
def test_what_is_for_another_program_is_no_header_and_is_named(magic: str) -> None:
    nb = notebook(f"{magic}\n{HEADER}")
    assert find_header(nb) is None
    assert f"for {magic.split()[-1] if ' ' not in magic else magic.split()[0]} gives the cell" in (
        misplaced_header(nb)
    )


def test_the_header_is_the_one_that_is_no_string() -> None:
    found = find_header(notebook(HIDDEN["in a string"], HEADER, f"%%bash\n{HEADER}"))
    assert found is not None
    assert found.cell == 1


def test_raw_cells_are_text_in_which_quotes_mean_nothing() -> None:
    assert find_header(notebook(HIDDEN["in a string"], kind="raw")) is not None


def test_in_markdown_notebooks_a_cell_is_read_as_in_others() -> None:
    text = f"# A\n\n```{{code-cell}}\n{HIDDEN['in a string']}\n```\n"
    assert find_header(Notebook(path="a.md", text=text)) is None
    assert "header in line 5 of the notebook" in misplaced_header(Notebook(path="a.md", text=text))
    for cell in (READ["below a string"], f"```\n\n```{{raw-cell}}\n{HIDDEN['in a string']}"):
        text = f"```{{code-cell}}\n{cell}\n```\n"
        assert find_header(Notebook(path="a.md", text=text)) is not None
        assert misplaced_header(Notebook(path="a.md", text=text)) == ""


def test_of_a_script_the_comments_count_as_the_standard_reads_them() -> None:
    """For uv they count in a string, too. The file and the notebook made of it, say the same."""
    text = f'"""\n{HEADER}\n"""\n'
    for nb in (Notebook(path="a.py", text=text), Notebook((Cell(0, "code", text),), JUPYTEXT)):
        assert find_header(nb) is not None
        assert misplaced_header(nb) == ""


PIECES = (
    *(
        '"""',
        "'''",
        '"',
        "'",
        "\\",
        "\n",
        "\n",
        "\n",
        " ",
        "a",
        "# b",
        "x = ",
        "r",
        "\\\n",
        "(",
        ")",
    ),
    *("#", '\\"', "\\'", '"a"', "1", "+"),
)


def inside_of_strings(source: str) -> set[int]:
    """The lines that begin in a string, as Python's own tokenizer has them."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.STRING:
            found.update(range(token.start[0], token.end[0]))
    return found


def test_strings_are_those_that_python_sees() -> None:
    compared = 0
    for seed in range(30_000):
        source = "".join(random.Random(seed).choices(PIECES, k=14))
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        lines = source.split("\n")
        assert hidden_lines(lines, len(lines)) == inside_of_strings(source), source
        compared += bool(inside_of_strings(source))
    assert compared > 20
