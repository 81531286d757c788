"""Which cells hold a header, as a kernel sees it that was started without one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.notebook.find import PYTHON_MAGICS, Cell, Notebook, find_header
from headstart.errors import HeaderError
from headstart_kernel import headerless
from headstart_kernel.headerless import has_header

BLOCK = '# /// script\n# dependencies = ["six"]\n# ///'

LINES = (
    *("# /// script", "# ///", "#", "# dependencies = []", "# /// other", "# /// script ", "x = 1"),
    *("", "%%time", "%%bash", "  # /// script", "!ls", "#/// script"),
)


@pytest.mark.parametrize(
    "cell",
    [
        BLOCK,
        BLOCK.replace("\n", "\r\n"),
        f"import six\n\n{BLOCK}\nsix",
        f"%%time\n{BLOCK}\nsix",
        f"%%capture out\n{BLOCK}",
        f"!echo '''\n{BLOCK}",
        f"a = '''\nb'''\n{BLOCK}",
        f'print(\'"""\')\n{BLOCK}',
        f'# """\n\n{BLOCK}',
        f"call(a, '''b''',\n{BLOCK}\n)",
    ],
)
def test_a_cell_with_a_block_holds_a_header(cell: str) -> None:
    assert has_header(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "1 + 1",
        f"%%writefile tool.py\n{BLOCK}",
        f"%%bash\ncat <<END\n{BLOCK}\nEND",
        f"%%time\n%%bash\n{BLOCK}",
        f"text = '''\n{BLOCK}\n'''",
        f'text = f"""\n{BLOCK}\n"""',
        f"%time\n%matplotlib it's\ntext = '''\n\n{BLOCK}\n'''",
        f"files = !echo it's\ntext = '''\n\n{BLOCK}\n'''",
        BLOCK.replace("script", "other"),
        "# /// script\n# dependencies = []",
        f"  {BLOCK}".replace("\n", "\n  "),
        "print('# /// script')\n# ///",
    ],
)
def test_other_cells_hold_none(cell: str) -> None:
    assert not has_header(cell)


def test_it_knows_the_same_cell_magics() -> None:
    assert headerless.PYTHON_MAGICS == PYTHON_MAGICS


@given(st.lists(st.sampled_from(LINES), max_size=9))
def test_it_is_the_header_that_is_found_in_a_notebook(lines: list[str]) -> None:
    cell = "\n".join(lines)
    try:
        header = find_header(Notebook((Cell(0, "code", cell),), {}))
    except HeaderError:  # two, or nearly one: no kernel starts with that
        return
    assert has_header(cell) == (header is not None)
