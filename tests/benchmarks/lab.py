"""JupyterLab in a real browser: from opening a notebook until its kernel is idle."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page, sync_playwright

from headstart import envvars
from tests.benchmarks.launchings import PROCESS, ZYGOTE, Launching, settle
from tests.benchmarks.measure import by_turns
from tests.benchmarks.rows import CannotMeasure, Line, Plan, Row
from tests.benchmarks.workbench import LINK_MODE, Workbench
from tests.browser.jupyter import BUNDLE, FLAGS, process_environ, start_server
from tests.zygotes import Zygotes

TITLE = "JupyterLab"

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

OPEN = """async path => {
  const begin = performance.now();
  const options = { path, factory: 'Notebook' };
  const widget = await window.jupyterapp.commands.execute('docmanager:open', options);
  const context = widget.sessionContext;
  await new Promise(resolve => {
    const look = () => {
      if (context.session?.kernel?.status === 'idle') {
        resolve();
      }
    };
    context.kernelChanged.connect(look);
    context.statusChanged.connect(look);
    look();
  });
  const taken = performance.now() - begin;
  await context.shutdown();
  widget.dispose();
  return taken / 1000;
}"""
"""Opens a notebook as a double click does; seconds until it is idle. Ends it again."""


def lines(bench: Workbench, plan: Plan) -> list[Line]:
    """Plain kernels, and ours in servers that fork kernels or do not."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise CannotMeasure("there is no Chromium")
    if not (BUNDLE / "package.json").is_file():
        raise CannotMeasure("the panel is not built")
    notebook = bench.notebook(plan.packages)
    specs = {"headstart": "headstart", "plain": bench.theirs(notebook).spec}
    samples = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        for launching in (PROCESS, ZYGOTE):
            with _lab(bench, launching, notebook, specs) as (url, forked):
                page = chromium.new_page()
                page.goto(url)
                page.wait_for_function("window.jupyterapp?.started", timeout=60_000)
                page.evaluate("window.jupyterapp.restored")
                samples[launching.name] = _by_turns(page, plan, forked)
                page.close()
        chromium.close()
    budgets = {PROCESS: None, ZYGOTE: 0.6}
    return [
        Row(
            f"from opening a notebook to idle, {launching}",
            *(samples[launching.name]["headstart"], "plain ipykernel"),
            *(samples[launching.name]["plain"], budget),
        )
        for launching, budget in budgets.items()
    ]


def _by_turns(page: Page, plan: Plan, forked: Zygotes | None) -> Any:
    def opened(path: str) -> float:
        if forked is not None:
            settle(found=forked)
        return float(page.evaluate(OPEN, path))

    if forked is not None:
        opened("headstart.ipynb")
        forked.wait()
    contenders = {
        name: (lambda name=name: opened(f"{name}.ipynb")) for name in ("headstart", "plain")
    }
    return by_turns(contenders, plan.rounds, plan.warm_up)


@contextmanager
def _lab(
    bench: Workbench, launching: Launching, notebook: Path, specs: dict[str, str]
) -> Iterator[tuple[str, Zygotes | None]]:
    """A server with a notebook for each kernel; its address, and where its zygotes are."""
    home, root = bench.path("lab"), bench.path("notebooks")
    for folder in (home / "config", root):
        folder.mkdir(parents=True)
    exposed = {"LabApp": {"expose_app_in_browser": True}}
    (home / "config" / "jupyter_lab_config.json").write_text(json.dumps(exposed))
    for name, spec in specs.items():
        document = nbformat.read(notebook, as_version=4)
        document.metadata.kernelspec.name = spec
        nbformat.write(document, root / f"{name}.ipynb")
    environ = process_environ(
        **launching.environ,
        **{
            envvars.STORE: str(bench.context.settings.store),
            envvars.LINK_MODE: LINK_MODE,
            "JUPYTER_PATH": os.environ["JUPYTER_DATA_DIR"],
        },
    )
    server = start_server("lab", root, home, environ)
    forked = Zygotes(home / "run" / "zygotes")
    try:
        address = f"{server.url}lab?token={server.token}&reset"
        yield address, forked if launching is ZYGOTE else None
    finally:
        server.stop()
        forked.end()
