"""What relies on more of another package than it promises is in one of two rooms, and listed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "provisioner"
ROOMS = (SOURCE / "headstart/kernels/jupyter", SOURCE / "headstart_kernel/patched")
MODULES = [m for room in ROOMS for m in sorted(room.glob("*.py")) if m.name != "__init__.py"]
OTHERS = [m for m in sorted(SOURCE.rglob("*.py")) if m.parent not in ROOMS]
FIELDS = ("Relies on", "Why", "Without it", "Noticed by")
PAGE = ROOT / "docs/patched.md"

READS_ATTRIBUTES = {"getattr", "hasattr", "setattr", "delattr"}
READS_FRAMES = {"currentframe", "_getframe", "stack"}


def fields(module: Path) -> dict[str, str]:
    """What a module's docstring says, by `FIELDS`."""
    docstring = ast.get_docstring(ast.parse(module.read_text())) or ""
    parts = re.split(rf"^({'|'.join(FIELDS)}): ", docstring, flags=re.MULTILINE)
    row = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: " ".join(text.replace("``", "`").split()) for name, text in row.items()}


def row(module: Path) -> str:
    """A module's row in the page's table."""
    row = fields(module)
    test = row["Noticed by"]
    links = [
        f"[`{module.parent.name}/{module.name}`](../{module.relative_to(ROOT)})",
        f"[`{Path(test).name}`](../{test})",
    ]
    return f"| {links[0]} | {row['Relies on']} | {row['Why']} | {row['Without it']} | {links[1]} |"


def elsewhere() -> set[str]:
    """The files of the page's second table."""
    table = PAGE.read_text().partition("## Elsewhere")[2]
    return set(re.findall(r"\]\(\.\./(provisioner/[\w/]+\.py)\)", table))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_says_what_it_relies_on_and_which_test_notices(module: Path) -> None:
    row = fields(module)
    assert tuple(row) == FIELDS
    assert (ROOT / row["Noticed by"]).is_file()


def with_table(page: str) -> str:
    """The page with the rows that it is to have."""
    top, heading, rest = page.partition("## Elsewhere")
    head = top[: top.index("|---") + top[top.index("|---") :].index("\n") + 1]
    return "".join((head, *(row(module) + "\n" for module in MODULES), "\n", heading, rest))


def test_the_page_has_a_row_for_each_module_and_no_other() -> None:
    assert PAGE.read_text() == with_table(PAGE.read_text())


def private_names(tree: ast.AST) -> Iterator[str]:
    """What code takes from others by a name that they keep for themselves, or from their frames."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in READS_FRAMES:
            yield node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if node.func.id in READS_ATTRIBUTES:
                yield from (t for t in texts if isinstance(t, str) and re.match(r"_[^_]", t))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            of_vars = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "vars"
            if of_vars and str(node.slice.value).startswith("_"):
                yield str(node.slice.value)


def test_nothing_else_relies_on_what_is_private() -> None:
    found = {
        str(module.relative_to(ROOT)): names
        for module in OTHERS
        if (names := set(private_names(ast.parse(module.read_text()))))
    }
    assert not found.keys() - elsewhere(), found


def test_what_is_looked_for_would_be_found() -> None:
    for module in ("jupyter/nbclient_frames", "jupyter/server_app", "jupyter/encryption"):
        tree = ast.parse((SOURCE / "headstart/kernels" / f"{module}.py").read_text())
        assert set(private_names(tree))


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
