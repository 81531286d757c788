"""Take the README's pictures of the panel: ``python -m tests.browser.pictures [FOLDER]``.

The quickstart notebook runs in JupyterLab, with the panel open, once in each theme.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from headstart import envvars
from tests.isolation import PREFIX, isolate, remove_tree

from .jupyter import FLAGS, process_environ, start_server
from .pages import NotebookPage

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "examples" / "notebooks" / "quickstart.ipynb"
PICTURES = {"light": "panel.png", "dark": "panel-dark.png"}


def take_pictures(folder: Path, home: Path, chromium: str) -> None:
    """Write the pictures into ``folder``.

    :param home: an empty folder, for a server and a store.
    :param chromium: the browser's path.
    """
    notebooks = home / "notebooks"
    shutil.copytree(NOTEBOOK.parent, notebooks)
    _shorten(notebooks / NOTEBOOK.name)
    environ = process_environ(**{envvars.STORE: str(home / "store")})
    server = start_server("lab", notebooks, home, environ)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 1400, "height": 940})
            page.set_default_timeout(120_000)
            with NotebookPage(page, server, "lab", NOTEBOOK.name) as notebook:
                _arrange(notebook)
                for theme, name in PICTURES.items():
                    notebook.set_theme(theme)
                    page.screenshot(path=folder / name, animations="disabled")
            browser.close()
    finally:
        server.stop()


def _shorten(path: Path) -> None:
    """Keep what fits on one screen: title, header, data and plot."""
    notebook = nbformat.read(path, as_version=4)
    title, header, *cells = notebook.cells
    title.source = title.source.splitlines()[0]
    data, plot = [cell for cell in cells if "harvest" in cell.source]
    data.source = "import pandas as pd\n\n" + data.source.rpartition("\n")[0]
    notebook.cells = [title, header, data, plot]
    nbformat.write(notebook, path)


def _arrange(notebook: NotebookPage) -> None:
    """The notebook as it is after a run, saved, and the panel beside it."""
    page = notebook.page
    notebook.open_panel()
    notebook.wait_for_state("Ready")
    notebook.wait_until_idle()
    notebook.menu("Run", "Run All Cells")
    page.locator(".jp-OutputArea img").wait_for(state="visible")
    notebook.wait_until_idle()
    page.keyboard.press("Control+s")
    notebook.cell(1).locator(".jp-InputPrompt").click()
    page.locator(".jp-DirListing-item[data-is-dirty=true]").wait_for(state="detached")
    page.mouse.move(0, 0)


def main() -> None:
    """Take them, in a home of their own."""
    isolate()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium was not found: make chromium")
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        take_pictures(folder, home, chromium)
    finally:
        remove_tree(home)


if __name__ == "__main__":
    main()
