"""The words of docs/architecture.md: each is there once, and what it replaces is used nowhere."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.core.refresh import RefreshMode
from headstart.core.store.manifest import EnvironmentKind
from headstart.kernels.status import KernelState
from tests.test_pages import PAGES, ROOT

SECTION = (ROOT / "docs/architecture.md").read_text().partition("## Words")[2].partition("\n## ")[0]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in SECTION.splitlines()
    if line.startswith("| ") and not line.startswith(("| word |", "| not |"))
]
NOT = r"""(?ix)
    \b(?: whereabouts | withdr[ae]w\w* | quarantine\w* | puts?\s+aside
    | whoever | nobody | anew | spelt )\b
    | \bstands?\b (?! -in | \s+for\b | \s+in\s+for\b | ing\b | \s+alone\b )
"""
SOURCES = sorted((ROOT / "provisioner").rglob("*.py"))


def prose_of(source: str) -> Iterator[tuple[int, str]]:
    """The comments and texts of a module, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_each_word_is_there_once() -> None:
    words = [word for word, _ in ROWS]
    assert len(words) == len(set(words)) > 40


def test_what_the_words_replace_is_what_is_looked_for() -> None:
    replaced = SECTION.partition("| not | but |")[2]
    names = re.findall(r"^\| ([^|]+) \|", replaced, re.MULTILINE)[1:]
    unused = [name for row in names for name in row.partition(" (")[0].split(", ")]
    assert len(unused) > 5
    assert all(re.search(NOT, name) for name in unused)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_uses_the_words(path: Path) -> None:
    prose = prose_of(path.read_text(encoding="utf-8"))
    assert not [(line, found[0]) for line, text in prose if (found := re.search(NOT, text))]


# The changelog tells what was changed, words included.
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name
)
def test_a_page_uses_the_words(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name == "architecture.md":
        text = text.replace(SECTION.partition("| not | but |")[2], "")
    assert not re.findall(NOT, text)


def test_states_modes_and_verbs_are_words() -> None:
    words = {word for word, _ in ROWS}
    assert {state.value for state in KernelState} <= words
    assert {mode.value for mode in RefreshMode} <= words
    assert {kind.value for kind in EnvironmentKind} - {"layer"} <= words
    assert {"keep", "launch", "lock", "prune"} <= words
