"""A kernel without its environment: what is shown of it, and what a person can do."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import expect

from .conftest import Open, header
from .index import HeldIndex
from .jupyter import wait_for
from .pages import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.real_index]

HELD = "Nothing is installed yet"
VERSION = "import hs_lib; print(hs_lib.VERSION)"
SIDEBAR = ".jp-SideBar.jp-mod-right .lm-TabBar-tab[data-headstart-state]"
BUTTON = '[data-headstart-state] .jp-Toolbar [data-jp-item-name="headstart"]'


def wait_for_mark(page: NotebookPage, app: str, mark: str) -> None:
    """Wait for the dot at the panel's icon, or in Notebook 7 at its button."""
    kind = app.partition("-")[0]
    place, shown = (SIDEBAR, SIDEBAR) if kind == "lab" else ("[data-headstart-state]", BUTTON)
    value = place.replace("[data-headstart-state]", f"[data-headstart-state='{mark}']")
    page.page.wait_for_selector(value, state="attached")
    content = "node => getComputedStyle(node, '::before').content"
    drawn = page.page.locator(shown).first.evaluate(content)
    assert drawn == ("none" if not mark else '""')


# -- held ------------------------------------------------------------------------------------------


def test_opening_a_notebook_installs_nothing_until_it_is_built(
    app: str, open_notebook: Open, index: HeldIndex
):
    name = index.add_chain(f"held-{app}", 2)
    page = open_notebook(f"{app}-held", "held.ipynb", header(name), "print(1)")
    page.open_panel()
    page.wait_for_state("Held")
    page.says(HELD)
    page.says(name)
    wait_for_mark(page, app, "held")
    assert page.violations() == []

    page.press("Build")

    page.wait_for_state("Ready")
    assert [row[0] for row in page.packages()] == [name, name[:-1] + "1"]
    wait_for_mark(page, app, "")
    assert page.result(1) == "1"


def test_running_a_cell_builds_what_is_held(app: str, open_notebook: Open, index: HeldIndex):
    name = index.add_chain(f"held-run-{app}", 1)
    page = open_notebook(f"{app}-held", "run.ipynb", header(name), "print(2)")
    page.open_panel()
    page.wait_for_state("Held")

    assert page.result(1) == "2"
    page.wait_for_state("Ready")


# -- progress --------------------------------------------------------------------------------------


def test_cells_that_wait_show_it_and_run_in_order_after_a_reload_too(
    app: str, open_notebook: Open, index: HeldIndex
):
    name = index.add_chain(f"order-{app}", 2)
    cells = [header(name), "order = [1]; print(order)", "order.append(2); print(order)"]
    with index.held():
        page = open_notebook(app, "order.ipynb", *cells)
        page.wait_until_idle()
        page.run(1)
        page.run(2)
        expect(page.progress(1)).to_contain_text("Resolving")
        expect(page.progress(1).get_by_role("progressbar")).to_be_visible()
        expect(page.progress(2)).to_have_text("Waiting")
        expect(page.progress(2).get_by_role("progressbar")).to_be_hidden()
        expect(page.cell(1).locator(".jp-OutputArea-output")).to_have_count(0)
        wait_for_mark(page, app, "building")
        if app == "lab":
            expect(page.page.locator(".jp-Headstart-statusItem")).to_contain_text("Building")
        page.open_panel()
        assert page.violations() == []

        page.reload()

        expect(page.progress(1)).to_contain_text("Resolving")
        expect(page.progress(2)).to_have_text("Waiting")
        expect(page.prompt(1)).to_contain_text("[*]:")

    expect(page.prompt(2)).to_contain_text("[2]:")
    expect(page.prompt(1)).to_contain_text("[1]:")
    expect(page.page.locator(".jp-Headstart-cellProgress")).to_have_count(0)
    assert [page.output(1).strip(), page.output(2).strip()] == ["[1]", "[1, 2]"]
    page.cell(2).locator(".cm-content").click()
    page.page.keyboard.press("Control+s")
    wait_for(lambda: "[1, 2]" in (page.server.root / page.path).read_text(), what="the file")
    assert "headstart.progress" not in (page.server.root / page.path).read_text()


def test_what_a_wait_has_left_in_a_file_is_taken_out(open_notebook: Open):
    page = open_notebook("lab", "left.ipynb", header("hs-lib==1.0"), "1 + 1", kernel="python3")
    file = page.server.root / page.path
    notebook = nbformat.read(file, as_version=4)
    data = {"application/vnd.headstart.progress+json": {"phase": "download"}, "text/plain": "left"}
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", data=data),
        nbformat.v4.new_output("stream", text="mine"),
    ]
    nbformat.write(notebook, file)

    page.reload()

    expect(page.cell(1).locator(".jp-OutputArea-output")).to_have_count(1)
    assert page.output(1).strip() == "mine"


def test_interrupting_cancels_and_running_goes_on(app: str, open_notebook: Open, index: HeldIndex):
    name = index.add_chain(f"interrupted-{app}", 1)
    with index.held():
        page = open_notebook(app, "interrupt.ipynb", header(name), "1 + 1", "print(4)")
        page.wait_until_idle()
        page.run(1)
        page.run(2)
        expect(page.progress(2)).to_be_visible()

        page.menu("Kernel", "Interrupt Kernel")

        expect(page.cell(1).locator(".jp-OutputArea")).to_contain_text("KeyboardInterrupt")
        expect(page.page.locator(".jp-Headstart-cellProgress")).to_have_count(0)
        assert page.output(2).strip() == ""
        page.open_panel()
        page.wait_for_state("Failed")
        assert page.violations() == []

    assert page.result(2) == "4"
    page.wait_for_state("Ready")


# -- failed ----------------------------------------------------------------------------------------


def test_a_header_is_mended_in_place(app: str, open_notebook: Open):
    page = open_notebook(app, "mended.ipynb", header("hs-lib==9.9"), VERSION)
    page.open_panel()
    page.wait_for_state("Failed")
    wait_for_mark(page, app, "failed")
    kernel = page.kernel()

    page.write(0, header("hs-lib==1.0"))
    page.press("Try again")

    page.wait_for_state("Ready")
    assert page.result(1) == "1.0"
    assert page.kernel() == kernel


def test_a_process_that_does_not_suit_is_restarted_and_the_cells_run(
    app: str, open_notebook: Open, index: HeldIndex
):
    name = index.add_chain(f"unsuited-{app}", 1)
    early = '# [tool.headstart]\n# env = {PYTHONHASHSEED = "0"}\n'
    cells = [header(name, more=early), "import os; print(os.environ['PYTHONHASHSEED'])"]
    with index.held():
        page = open_notebook(app, "unsuited.ipynb", *cells)
        page.wait_until_idle()
        page.run(1)
        expect(page.progress(1)).to_be_visible()
        page.open_panel()
    page.says("The kernel has to be restarted")
    assert page.violations() == []

    page.press("Restart")

    output = page.cell(1).locator(".jp-OutputArea-output")
    expect(output).to_have_text("0", timeout=60_000)
    page.wait_for_state("Ready")


# -- try first, then restart -----------------------------------------------------------------------


def test_a_header_that_cannot_be_had_costs_no_variable(app: str, open_notebook: Open):
    page = open_notebook(app, "tried.ipynb", header("hs-lib==1.0"), "x = 7; print(x)", "print(x)")
    page.open_panel()
    page.wait_for_state("Ready")
    assert page.result(1) == "7"

    page.write(0, header("hs-lib==9.9"))
    page.press("Restart and apply")

    page.says("The changed header was not applied")
    page.says("The kernel and its variables are as they were.")
    page.wait_for_state("Ready")
    assert page.violations() == []
    assert page.result(2) == "7"

    page.write(0, header("hs-lib==2.0"))
    page.says("Header changed since the kernel started")
    with page.restarting():
        page.press("Restart and apply")
        page.accept("Restart")
    page.wait_for_state("Ready")
    assert "NameError" in page.result(2)


def test_a_try_goes_on_beside_the_kernel(app: str, open_notebook: Open, index: HeldIndex):
    name = index.add_chain(f"beside-{app}", 1)
    page = open_notebook(app, "beside.ipynb", header("hs-lib==1.0"), "x = 7; print(x)", "print(x)")
    page.open_panel()
    page.wait_for_state("Ready")
    assert page.result(1) == "7"

    page.write(0, header(name))
    with index.held():
        page.press("Restart and apply")
        page.wait_for_state("Changing")
        page.says("Resolving")
        wait_for_mark(page, app, "changing")
        assert page.violations() == []
        # The user goes on working, so that no dialog may come in between.
        assert page.result(2) == "7"
    page.says("The changed header can be applied")
    expect(page.page.locator(".jp-Dialog")).to_have_count(0)
    with page.restarting():
        page.press("Restart and apply")
        page.accept("Restart")
    page.wait_for_state("Ready")
    assert [row[0] for row in page.packages()] == [name]


def test_a_try_is_cancelled(open_notebook: Open, index: HeldIndex):
    name = index.add_chain("try-cancelled", 1)
    page = open_notebook("lab", "try.ipynb", header("hs-lib==1.0"), "x = 7; print(x)")
    page.open_panel()
    page.wait_for_state("Ready")
    page.write(0, header(name))
    with index.held():
        page.press("Restart and apply")
        page.wait_for_state("Changing")
        page.press("Cancel")
        page.wait_for_state("Ready")
    page.says("The build was cancelled.")
    assert page.result(1) == "7"
