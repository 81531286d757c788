"""Servers, a browser and notebooks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

from headstart import envvars
from headstart.core.header.spec import EMPTY_SPEC
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.settings import read_settings
from headstart.testing.wheels import make_wheel

from .index import HeldIndex
from .jupyter import FLAGS, Server, process_environ, start_server
from .pages import NotebookPage

Open = Callable[..., NotebookPage]

MARKUP = "<img src=x onerror=\"document.title='hacked'\">"


@pytest.fixture
def jp_asyncio_loop() -> None:
    """Playwright keeps a loop of its own running; pytest-jupyter's must stay out of its way."""


@pytest.fixture
def jp_server_cleanup() -> None:
    """As `jp_asyncio_loop`."""


@pytest.fixture(scope="package")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of a small library, one with hostile metadata."""
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "2.0"):
        make_wheel(
            folder,
            "hs-lib",
            version,
            {"hs_lib.py": f"VERSION = {version!r}\n"},
            requires=["hs-dep"],
            metadata={"Summary": MARKUP, "Home-page": "javascript:alert(1)"},
        )
    make_wheel(folder, "hs-dep", "3.0")
    make_wheel(folder, "hs-more", "1.0")
    return folder


@pytest.fixture(scope="package")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldIndex]:
    """A second package index of all servers, which can be held."""
    with HeldIndex(tmp_path_factory.mktemp("index")) as index:
        yield index


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def servers(
    shared_store: Path, wheels: Path, index: HeldIndex
) -> Iterator[Callable[[str], Server]]:
    """One server of each kind for all browser tests, started when it is first asked for.

    Of the kind ``lab-by-default`` is a JupyterLab that starts all kernels through Headstart; to one
    of the kind ``lab-held`` nothing is agreed before a cell is run.
    """
    running: dict[str, Server] = {}
    homes: list[Path] = []
    environ = process_environ(
        **{
            envvars.STORE: str(shared_store),
            envvars.FIND_LINKS: str(wheels),
            envvars.EXTRA_INDEXES: index.url,
        }
    )
    # The layer is looked up in the index, too, which tests hold to see their own packages wait.
    ensure(EMPTY_SPEC, open_context(read_settings(environ))).close()

    def get(app: str) -> Server:
        if app not in running:
            home = Path(tempfile.mkdtemp(prefix="hs-"))
            homes.append(home)
            root = home / "notebooks"
            root.mkdir()
            kind, _, variant = app.partition("-")
            variables = {
                "by-default": {envvars.DEFAULT_PROVISIONER: "headstart"},
                "held": {envvars.TRUST: "run"},
            }.get(variant, {})
            running[app] = start_server(kind, root, home, {**environ, **variables})
        return running[app]

    yield get
    for server in running.values():
        server.stop()
    for home in homes:
        shutil.rmtree(home)


@pytest.fixture(params=["lab", "notebook"])
def app(request: pytest.FixtureRequest) -> str:
    """JupyterLab, then Notebook 7."""
    name: str = request.param
    return name


@pytest.fixture
def open_notebook(browser: Browser, servers: Callable[[str], Server]) -> Iterator[Open]:
    """Write a notebook and open it; the kernel is shut down and the page closed afterwards."""
    with opener(browser, servers) as open_:
        yield open_


@pytest.fixture(scope="module")
def open_for_module(browser: Browser, servers: Callable[[str], Server]) -> Iterator[Open]:
    """As `open_notebook`, for tests of one module that share a page."""
    with opener(browser, servers) as open_:
        yield open_


@contextmanager
def opener(browser: Browser, servers: Callable[[str], Server]) -> Iterator[Open]:
    """What opens notebooks, and closes them in the end."""
    opened: list[NotebookPage] = []

    def open_(
        app: str, name: str, *cells: str, kernel: str = "headstart", width: int = 1400
    ) -> NotebookPage:
        server = servers(app)
        if name.endswith(".ipynb"):
            write_notebook(server.root / name, *cells, kernel=kernel)
        else:
            (server.root / name).write_text("".join(cells))
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        opened.append(NotebookPage(page, server, app, name))
        return opened[-1]

    yield open_
    for page in opened:
        with page:
            shut_down(page)
        page.page.context.close()


def shut_down(page: NotebookPage) -> None:
    """End the kernels of all notebooks that were opened in a page."""
    for session in page.server.request("GET", "api/sessions"):
        if session["path"] in page.paths:
            page.server.request("DELETE", f"api/sessions/{session['id']}")


def write_notebook(path: Path, *cells: str, kernel: str = "headstart") -> None:
    """A notebook with these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": spec},
    )
    nbformat.write(notebook, path)


def header(*dependencies: str, more: str = "") -> str:
    """A PEP 723 block, with a comment that edits must keep."""
    listed = ", ".join(f'"{dependency}"' for dependency in dependencies)
    return f"# /// script\n# dependencies = [{listed}]  # what it needs\n{more}# ///"
