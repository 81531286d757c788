"""What a person does in JupyterLab and Notebook 7, as methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.waiting import LIMIT

from .jupyter import Server, wait_for

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

# Notebook 7.6 throws this by itself, without Headstart too.
KNOWN_PAGE_ERRORS = ("reading 'schema'",)

# Our panel, our button in the notebook's toolbar, and what is there of ours elsewhere.
RUN_AXE = """async () => {
  const parts = ['#headstart-panel', '.jp-Toolbar [data-jp-item-name="headstart"]',
    '.jp-Headstart-cellProgress', '.jp-Headstart-statusItem', '.jp-Headstart-live'];
  const there = parts.filter(part => document.querySelector(part));
  const { violations } = await axe.run({ include: there.map(part => [part]) });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""

IS_CONNECTED = """() => {
  const context = jupyterapp.shell.currentWidget?.sessionContext;
  return context?.session?.kernel?.connectionStatus === 'connected';
}"""


class NotebookPage:
    """One notebook, open in one page."""

    def __init__(self, page: Page, server: Server, app: str, path: str) -> None:
        self.page = page
        self.server = server
        self.path = path
        self.paths = [path]
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        place = "notebooks" if app.startswith("notebook") else "lab/tree"
        reset = "" if app.startswith("notebook") else "&reset"
        page.goto(f"{server.url}{place}/{path}?token={server.token}{reset}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def __enter__(self) -> NotebookPage:
        return self

    def __exit__(self, *exception: object) -> None:
        unknown = [e for e in self.errors if not any(known in e for known in KNOWN_PAGE_ERRORS)]
        self.page.close()
        assert not unknown or exception[0] is not None, unknown

    def reload(self) -> None:
        """Reload the page, and wait for the notebook."""
        self.page.reload()
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def wait_until_idle(self, limit: float = LIMIT) -> None:
        """Wait until the kernel is there and has nothing to do.

        JupyterLab's indicator says "idle" also before there is a kernel, so the server is asked
        as well. In a narrow window the indicator has no room, and is hidden.
        """
        wait_for(lambda: "idle" in self.server.states_of(self.path), limit, "an idle kernel")
        self.page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]",
            state="attached",
            timeout=limit * 1000,
        )

    def cell(self, index: int) -> Locator:
        """A cell, by its place in the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def write(self, index: int, source: str) -> None:
        """Replace a cell's text, as if typed; nothing is saved."""
        editor = self.cell(index).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        # Pasted, not typed: the editor would close brackets and quotes by itself.
        self.page.keyboard.insert_text(source)

    def run(self, index: int) -> None:
        """Run a cell, and do not wait for it.

        JupyterLab drops what is run before it is connected to a kernel, without a word.
        """
        self.cell(index).locator(".cm-content").click()
        self.page.wait_for_function(IS_CONNECTED, timeout=LIMIT * 1000)
        self.page.keyboard.press("Control+Enter")

    def output(self, index: int) -> str:
        """A cell's output as text."""
        return self.cell(index).locator(".jp-OutputArea").inner_text()

    def result(self, index: int, limit: float = LIMIT) -> str:
        """Run a cell to its end and return its output, which must not be the one it had."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.inner_text(), self.output(index)
        self.run(index)

        def ran() -> bool:
            now = prompt.inner_text(), self.output(index)
            return now != before and re.search(r"\[\d+\]:", now[0]) is not None

        wait_for(ran, limit, f"the end of cell {index}")
        return wait_for(lambda: self.output(index).strip(), what=f"the output of cell {index}")

    def menu(self, *names: str) -> None:
        """Choose an entry of the menu bar."""
        self.page.get_by_role("menuitem", name=names[0], exact=True).click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-item", has_text=name).first.click()

    def accept(self, button: str) -> None:
        """Press a button of the dialog in front."""
        self.page.locator(".jp-Dialog-button", has_text=button).click()

    def restart(self) -> None:
        """Restart the kernel through the menu, and wait until it is there again."""
        with self.restarting():
            self.menu("Kernel", "Restart Kernel…")
            self.accept("Restart")

    @contextmanager
    def restarting(self) -> Iterator[None]:
        """Ask for a restart in the block; leaving it waits until the restart is through."""
        log = self.server.log
        before = log.read_text().count(f"Kernel restarted: {self.kernel()}")
        yield
        line = f"Kernel restarted: {self.kernel()}"
        wait_for(lambda: log.read_text().count(line) > before, 120, "the restart")
        self.wait_until_idle()

    def open_beside(self, name: str) -> None:
        """Open another notebook of the folder in the same JupyterLab."""
        self.paths.append(name)
        self.page.locator(".jp-DirListing-item", has_text=name).dblclick()
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=name).wait_for()

    def open_panel(self) -> Locator:
        """Open the panel as a user does, through the notebook's toolbar."""
        if not self.panel.is_visible():
            self.page.locator('.jp-Toolbar [data-jp-item-name="headstart"]').first.click()
        self.panel.wait_for(state="visible")
        return self.panel

    @property
    def panel(self) -> Locator:
        """The panel's content."""
        return self.page.locator(".jp-Headstart-view")

    def says(self, text: str) -> None:
        """Wait until the panel shows this text."""
        self.panel.get_by_text(text).first.wait_for(state="visible")

    def wait_for_state(self, name: str) -> None:
        """Wait until the panel names this state."""
        self.panel.locator(".jp-Headstart-state", has_text=name).wait_for(state="visible")

    def press(self, button: str) -> None:
        """Press a button of the panel."""
        self.panel.get_by_role("button", name=button, exact=True).click()

    def choose(self, mode: str) -> None:
        """Choose a refresh mode in the panel."""
        self.panel.get_by_text(mode, exact=True).click()

    def progress(self, index: int) -> Locator:
        """What a cell shows while it waits."""
        return self.cell(index).locator(".jp-Headstart-cellProgress")

    def prompt(self, index: int) -> Locator:
        """The prompt of a cell: empty, a star or a number in brackets."""
        return self.cell(index).locator(".jp-InputPrompt")

    def packages(self) -> list[list[str]]:
        """Name, version and size of each package in the table, from top to bottom."""
        rows = self.panel.locator("tbody tr[data-direct]")
        columns = "row => [row.querySelector('button'), ...[...row.cells].slice(1)]"
        found: list[list[str]] = rows.evaluate_all(
            f"rows => rows.map({columns}).map(cells => cells.map(cell => cell.textContent))"
        )
        return found

    def source(self, index: int) -> str:
        """A cell's text as the editor shows it."""
        lines = self.cell(index).locator(".cm-line").all_inner_texts()
        return "\n".join(line.rstrip("\n") for line in lines)

    def set_theme(self, theme: str) -> None:
        """Show the page in the ``light`` or the ``dark`` theme."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        light = str(theme == "light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        # JupyterLab stumbles over its own splash screen if another theme comes before it is gone.
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def violations(self) -> list[str]:
        """What axe has to say of our part of the page, in both themes."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=str(AXE))
        found = []
        for theme in ("dark", "light"):
            self.set_theme(theme)
            results = self.page.evaluate(RUN_AXE)
            found += [f"{theme}: {result}" for result in results]
        return found

    def kernel(self) -> str:
        """The kernel's id."""
        return self.server.kernel_of(self.path)

    def status(self) -> dict[str, Any]:
        """What the server says of this notebook."""
        return self.server.status(self.path, self.kernel())
