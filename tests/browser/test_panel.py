"""The panel, as a person uses it, in JupyterLab and in Notebook 7."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import MARKUP, Open, header, write_notebook
from .index import HeldIndex
from .jupyter import Server, wait_for
from .pages import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.real_index]

EPHEMERAL = "# [tool.headstart]\n# refresh = true\n"
PREFIX = "import sys; print(sys.prefix)"
INSTALLED = """\
import importlib.metadata, json, sys
own = [d for d in importlib.metadata.distributions(path=[p for p in sys.path if sys.prefix in p])]
print(json.dumps(sorted([d.name, d.version] for d in own)))"""


# -- ready -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ready(open_for_module: Open) -> NotebookPage:
    """A notebook whose kernel runs, with the panel open; for tests that only look."""
    page = open_for_module("lab", "ready.ipynb", header("hs-lib==1.0"), INSTALLED)
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()
    return page


def test_a_ready_kernel_is_shown_with_its_key_and_python(ready: NotebookPage):
    environment = ready.status()["environment"]

    expect(ready.panel.locator(".jp-Headstart-key")).to_contain_text(environment["short_key"])
    ready.says(f"Python {environment['python']}")
    ready.says("2 packages")


def test_the_table_holds_what_the_kernel_has(ready: NotebookPage):
    installed = json.loads(ready.result(1))

    assert sorted(row[:2] for row in ready.packages()) == installed


def test_packages_of_the_header_come_first_and_others_say_who_needs_them(ready: NotebookPage):
    rows = ready.panel.locator("tbody tr")

    expect(rows.nth(0)).to_contain_text("hs-libin the header")
    expect(rows.nth(1)).to_contain_text("hs-depneeded by hs-lib")


def test_the_table_is_filtered(ready: NotebookPage):
    field = ready.panel.get_by_role("searchbox")
    field.fill("DEP")
    expect(ready.panel.locator("tbody tr")).to_have_count(1)
    field.fill("nothing like it")
    ready.says("No package matches the filter.")
    field.fill("")
    expect(ready.panel.locator("tbody tr")).to_have_count(2)


def test_the_table_is_sorted_with_the_keyboard(ready: NotebookPage):
    heading = ready.panel.get_by_role("columnheader", name="Name")
    names = ready.panel.locator("tbody tr td:first-child button")
    ready.panel.get_by_role("button", name="Name").focus()

    ready.page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(names).to_have_text(["hs-dep", "hs-lib"])
    ready.page.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(names).to_have_text(["hs-lib", "hs-dep"])
    ready.page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "none")


def test_hostile_metadata_of_a_package_is_only_text(ready: NotebookPage):
    row = ready.panel.get_by_role("button", name="hs-lib", exact=True)
    row.click()

    expect(row).to_have_attribute("aria-expanded", "true")
    details = ready.panel.locator(".jp-Headstart-details")
    expect(details).to_contain_text(MARKUP)
    assert details.locator("img, a").count() == 0
    assert "hacked" not in ready.page.title()
    assert ready.violations() == []
    row.click()


def test_the_key_is_copied(ready: NotebookPage):
    ready.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ready.panel.locator(".jp-Headstart-key").click()

    ready.panel.get_by_text("Copied").wait_for(state="attached")
    copied = ready.page.evaluate("navigator.clipboard.readText()")
    assert copied == ready.status()["environment"]["short_key"]


def test_the_panel_is_there_and_accessible(app: str, open_notebook: Open):
    page = open_notebook(app, "there.ipynb", header("hs-lib==1.0"))
    page.open_panel()
    page.wait_for_state("Ready")

    assert [row[0] for row in page.packages()] == ["hs-lib", "hs-dep"]
    assert page.violations() == []


# -- building --------------------------------------------------------------------------------------


def test_a_build_is_shown_as_it_goes_on(open_notebook: Open, index: HeldIndex):
    name = index.add_chain("goes-on", 2)
    with index.held():
        page = open_notebook("lab", "build.ipynb", header(name))
        page.open_panel()
        page.wait_for_state("Building")
        page.says("Resolving")
        seconds = page.panel.locator(".jp-Headstart-building .jp-Headstart-quiet")
        shown = seconds.inner_text()
        expect(seconds).not_to_have_text(shown)
        assert page.violations() == []

    page.wait_for_state("Ready")
    assert [row[0] for row in page.packages()] == [name, name[:-1] + "1"]


def test_a_build_is_cancelled(open_notebook: Open, index: HeldIndex):
    name = index.add_chain("cancelled", 1)
    with index.held():
        page = open_notebook("notebook", "cancel.ipynb", header(name), "print(2)")
        page.open_panel()
        page.wait_for_state("Building")

        page.press("Cancel")

        page.wait_for_state("Failed")
        page.says("The build was cancelled.")
    page.press("Try again")
    page.wait_for_state("Ready")
    assert page.result(1) == "2"


# -- the refresh mode ------------------------------------------------------------------------------


def test_the_refresh_mode_is_written_into_the_header(app: str, open_notebook: Open):
    source = header("hs-lib==1.0")
    page = open_notebook(app, "mode.ipynb", source, PREFIX)
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()

    page.choose("Fresh at each start")
    page.says("Cached → Fresh at each start")
    assert "# what it needs" in page.source(0)
    assert "# refresh = true" in page.source(0)
    with page.restarting():
        page.press("Restart and apply")
        page.accept("Restart")

    assert "/ephemeral/" in page.result(1)
    expect(page.panel.get_by_text("Restart and apply")).to_have_count(0)


def test_the_refresh_mode_is_undone_in_the_editor(open_notebook: Open):
    source = header("hs-lib==1.0")
    page = open_notebook("lab", "undo.ipynb", source)
    page.open_panel()
    page.wait_for_state("Ready")
    page.choose("Fresh at each start")
    page.says("Restart and apply")

    page.cell(0).locator(".cm-content").click()
    page.page.keyboard.press("Control+z")

    wait_for(lambda: page.source(0) == source, what="the header as it was")
    expect(page.panel.get_by_label("Cached")).to_be_checked()
    expect(page.panel.get_by_text("Restart and apply")).to_have_count(0)


def test_the_refresh_mode_is_set_with_the_keyboard(open_notebook: Open):
    page = open_notebook("lab", "keys.ipynb", header("hs-lib==1.0"), PREFIX)
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()
    keyboard = page.page.keyboard

    page.panel.get_by_label("Cached").focus()
    keyboard.press("ArrowRight")
    page.says("Restart and apply")
    expect(page.panel.get_by_label("Fresh at each start")).to_be_focused()
    keyboard.press("Tab")
    expect(page.panel.get_by_role("button", name="Restart and apply")).to_be_focused()
    with page.restarting():
        keyboard.press("Enter")
        page.page.locator(".jp-Dialog-button", has_text="Restart").wait_for()
        keyboard.press("Enter")

    assert "/ephemeral/" in page.result(1)


# -- a changed header ------------------------------------------------------------------------------


def test_a_restart_applies_unsaved_edits_of_the_header(open_notebook: Open):
    before, after = header("hs-lib==1.0", "hs-dep"), header("hs-lib==2.0", "hs-more")
    page = open_notebook("lab", "changed.ipynb", before, "import hs_lib; print(hs_lib.VERSION)")
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()

    page.write(0, after)
    page.says("Header changed since the kernel started")
    lines = page.panel.locator(".jp-Headstart-changes li")
    expect(lines).to_have_text(
        ["+Added: hs-more", "−Removed: hs-dep", "~Changed: hs-lib==1.0 → hs-lib==2.0"]
    )
    assert page.violations() == []
    with page.restarting():
        page.press("Restart and apply")
        page.accept("Restart")

    assert page.result(1) == "2.0"
    assert "hs-more" in [row[0] for row in page.packages()]
    assert "hs-lib==1.0" in (page.server.root / "changed.ipynb").read_text()


def test_what_is_saved_and_then_taken_back_by_something_else_is_as_in_the_file(open_notebook: Open):
    before, after = header("hs-lib==1.0"), header("hs-lib==2.0")
    page = open_notebook("notebook", "taken-back.ipynb", before)
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()
    file = page.server.root / "taken-back.ipynb"
    stored = file.read_bytes()
    page.write(0, after)
    page.says("Header changed since the kernel started")

    with page.page.expect_response(lambda answer: "headstart/api/header" in answer.url):
        page.page.keyboard.press("Control+s")
    assert "hs-lib==2.0" in file.read_text()
    assert page.status()["header"]["requirements"] == ["hs-lib==2.0"]
    file.write_bytes(stored)
    assert page.status()["header"]["requirements"] == ["hs-lib==1.0"]


# -- failures --------------------------------------------------------------------------------------


def test_a_failure_says_why_and_what_to_do(open_notebook: Open):
    page = open_notebook("lab", "failed.ipynb", header("hs-lib==9.9"))
    page.open_panel()
    page.wait_for_state("Failed")

    notice = page.panel.get_by_role("alert")
    error = page.status()["error"]
    expect(notice.locator(".jp-Headstart-reason")).to_have_text(error["message"])
    expect(notice.locator(".jp-Headstart-hint")).to_have_text(error["hint"])
    log = notice.locator("pre")
    expect(log).to_be_hidden()
    notice.get_by_text("Log", exact=True).click()
    expect(log).to_contain_text("hs-lib")
    assert page.violations() == []


def test_an_error_in_the_header_is_said_once(open_notebook: Open):
    page = open_notebook("lab", "typo-in-header.ipynb", header("hs-lib=="))
    page.open_panel()
    page.wait_for_state("Failed")

    expect(page.panel.get_by_role("alert")).to_have_count(1)
    page.says("cell 1, line 2")


def test_an_error_in_the_header_is_shown_with_its_place(open_notebook: Open):
    page = open_notebook("lab", "error.ipynb", header("hs-lib==1.0"))
    page.open_panel()
    page.wait_for_state("Ready")

    page.write(0, header("hs-lib=="))

    page.says("The header has an error")
    page.says("cell 1, line 2")
    page.wait_for_state("Ready")
    assert page.violations() == []


# -- nothing to show -------------------------------------------------------------------------------


def test_a_notebook_without_a_header_is_told_how_to_begin(open_notebook: Open):
    page = open_notebook("lab", "empty.ipynb", "1 + 1", kernel="python3")
    page.open_panel()
    page.says("No header yet")
    assert page.violations() == []

    page.press("Add this header")

    page.says("does not read the header")
    assert 'dependencies = ["pandas"]' in page.source(0)
    assert page.violations() == []


def test_another_kernel_is_changed_to_ours(open_notebook: Open):
    page = open_notebook("lab", "other.ipynb", header("hs-lib==1.0"), PREFIX, kernel="python3")
    page.open_panel()
    page.says("does not read the header")
    page.wait_until_idle()

    page.press("Change to the Headstart kernel")

    page.wait_for_state("Ready")
    page.wait_until_idle()
    assert page.result(1) == page.status()["environment"]["prefix"]


def test_a_kernel_that_was_shut_down_is_not_ready(open_notebook: Open):
    page = open_notebook("notebook", "ended.ipynb", header("hs-lib==1.0"), PREFIX)
    page.open_panel()
    page.wait_for_state("Ready")
    page.wait_until_idle()

    page.menu("Kernel", "Shut Down Kernel")

    page.wait_for_state("Not running")
    page.says("No kernel is running.")
    expect(page.page.locator(".jp-KernelName").first).to_contain_text("No Kernel")
    expect(page.panel.locator("table, .jp-Headstart-key")).to_have_count(0)
    assert page.violations() == []
    page.press("Start the Headstart kernel")
    page.wait_for_state("Ready")


def test_the_kernel_of_another_notebook_is_not_taken_for_its_own(open_notebook: Open):
    page = open_notebook("lab", "named.ipynb", header("hs-lib==1.0"))
    page.wait_until_idle()
    renamed = {"path": "renamed.ipynb", "name": "renamed.ipynb"}
    session = next(s for s in page.server.request("GET", "api/sessions") if s["path"] == page.path)
    page.server.request("PATCH", f"api/sessions/{session['id']}", renamed)
    page.paths.append(renamed["path"])
    other = open_notebook("lab", "named.ipynb", header("hs-lib==1.0"), kernel="gone")
    other.accept("No Kernel")
    other.open_panel()

    other.says("No kernel is running.")
    other.wait_for_state("Not running")


def test_a_kernel_that_every_header_reaches_is_restarted(open_notebook: Open):
    page = open_notebook("lab-by-default", "plain.ipynb", "1 + 1", PREFIX, kernel="python3")
    page.open_panel()
    page.says("No header yet")
    page.wait_until_idle()

    page.write(0, header("hs-lib==1.0"))

    page.says("was started without the header")
    assert page.violations() == []
    with page.restarting():
        page.press("Restart and apply")
        page.accept("Restart")
    page.wait_for_state("Ready")
    assert page.result(1) == page.status()["environment"]["prefix"]


def test_a_header_in_the_wrong_place_is_pointed_out(open_notebook: Open):
    text = f'"""\n{header("hs-lib==1.0")}\n"""'
    page = open_notebook("lab", "misplaced.ipynb", text, kernel="python3")
    page.open_panel()

    page.says("in a string or a here-document")
    page.says("No header yet")
    assert page.violations() == []


OUTSIDE = """width => {
  const box = node => node.getBoundingClientRect();
  const panel = document.querySelector('#headstart-panel');
  const { left, right } = box(panel);
  const stack = box(document.querySelector('#jp-right-stack'));
  const scrolled = 'pre *, .jp-Headstart-unseen';
  const outside = [...panel.querySelectorAll('*')].filter(node => !node.matches(scrolled))
    .filter(node => box(node).left < left - 1 || box(node).right > right + 1)
    .map(node => `${node.outerHTML.slice(0, 80)}: ${box(node).left} to ${box(node).right}`);
  if (innerWidth !== width || right <= left) outside.push(`a window of ${innerWidth}`);
  if (left < stack.left - 1 || right > stack.right + 1) outside.push(`the panel: ${right}`);
  if (stack.right > innerWidth + 1) outside.push(`its place: ${stack.right}`);
  return outside;
}"""
"""What lies outside of the panel, of the panel's place or of the window, for messages."""


def test_nothing_of_the_panel_lies_outside_of_the_window(app: str, open_notebook: Open):
    page = open_notebook(app, "narrow.ipynb", header("hs-lib==1.0"), width=1280)
    page.wait_until_idle()
    page.open_panel()
    page.wait_for_state("Ready")
    page.choose("Fresh at each start")
    page.says("Restart and apply")

    for theme, width in itertools.product(("dark", "light"), (1280, 800, 1024, 1600)):
        page.set_theme(theme)
        page.page.set_viewport_size({"width": width, "height": 900})
        # Jupyter arranges its panels a moment after the window has changed.
        wait_for(
            lambda width=width: not page.page.evaluate(OUTSIDE, width), 30, f"{theme}, {width}"
        )


def test_the_panel_follows_the_notebook_in_front(
    open_notebook: Open, servers: Callable[[str], Server]
):
    write_notebook(servers("lab").root / "two.ipynb", header("hs-dep"))
    page = open_notebook("lab", "one.ipynb", header("hs-lib==1.0"))
    page.open_panel()
    page.open_beside("two.ipynb")
    tabs = page.page.locator("#jp-main-dock-panel .lm-TabBar-tab")

    for name, packages in (("one", ["hs-lib", "hs-dep"]), ("two", ["hs-dep"])):
        tabs.filter(has_text=name).click()
        expect(page.panel.locator("tbody td:first-child button")).to_have_text(packages)
