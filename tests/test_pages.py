"""The pages of the repository point to what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headstart.settings import Settings
from tests.settings_table import table

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    links = LINK.findall(page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_the_readme_has_every_setting_with_its_variable() -> None:
    table = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("## ")[0]
    listed = set(re.findall(r"`([a-z_]+)`", table))
    names = set(Settings.__dataclass_fields__) - {"environ"}
    assert not names - listed
    variables = set(re.findall(r"`(HEADSTART_[A-Z_]+)`", table))
    assert variables == {f"HEADSTART_{name.upper()}" for name in names}


def test_the_readmes_table_of_settings_is_that_of_their_rows() -> None:
    # To write it: .venv/bin/python -m tests.settings_table
    assert table() in (ROOT / "README.md").read_text()


def test_the_readme_names_every_verb_but_the_one_for_clients() -> None:
    spoken = subprocess.run(
        [sys.executable, "-m", "headstart", "--help"], capture_output=True, text=True
    ).stdout
    verbs = set(re.findall(r"^    ([a-z]+) ", spoken, re.MULTILINE))
    assert {"run", "prune"} <= verbs
    named = set(re.findall(r"`(?:headstart )?([a-z]+)[ `]", (ROOT / "README.md").read_text()))
    assert verbs - named == {"launch"}


def test_the_readme_names_targets_that_exist() -> None:
    makefile, readme = (ROOT / "Makefile").read_text(), (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert {"lab", "demo"} <= set(re.findall(r"make ([a-z]+)", readme)) <= targets
