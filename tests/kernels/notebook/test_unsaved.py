import pytest

from headstart.core.notebook.find import Cell, Notebook
from headstart.kernels.notebook.unsaved import MOST, LiveHeaders, Revision


@pytest.fixture
def headers():
    return LiveHeaders()


def notebook(source):
    return Notebook((Cell(0, "code", source),), {})


def shown(headers, path="a.ipynb"):
    """The source of the cell of what is remembered of a path."""
    live = headers.get(path)
    return None if live is None else live.notebook.cells[0].source


def test_a_request_that_another_of_its_page_has_overtaken_is_dropped(headers):
    assert headers.put("a.ipynb", notebook("new"), Revision("page", 2)) is not None

    assert headers.put("a.ipynb", notebook("old"), Revision("page", 1)) is None
    assert headers.put("a.ipynb", notebook("old"), Revision("page", 2)) is None
    assert shown(headers) == "new"


def test_of_two_pages_the_one_that_is_heard_last_counts_whatever_its_number(headers):
    """A page that is reloaded, or in another browser, counts from the beginning."""
    headers.put("a.ipynb", notebook("first"), Revision("one", 2**53 - 1))
    headers.put("a.ipynb", notebook("second"), Revision("two", 1))
    assert shown(headers) == "second"

    headers.put("a.ipynb", notebook("third"), Revision("three", 0))
    headers.put("a.ipynb", notebook("overtaken"), Revision("two", 1))
    assert shown(headers) == "third"


def test_a_closed_notebook_is_forgotten_and_what_its_closing_has_overtaken_is_too(headers):
    headers.put("a.ipynb", notebook("edited"), Revision("page", 1))

    headers.forget("a.ipynb", Revision("page", 3))
    headers.forget("b.ipynb", Revision("page", 4))
    headers.put("a.ipynb", notebook("late"), Revision("page", 2))
    assert shown(headers) is None

    headers.put("a.ipynb", notebook("opened again"), Revision("page", 5))
    headers.forget("a.ipynb", Revision("page", 3))
    assert shown(headers) == "opened again"


def test_what_was_stored_is_noted_only_of_the_latest(headers):
    first = headers.put("a.ipynb", notebook("first"), Revision("page", 1))
    second = headers.put("a.ipynb", notebook("second"), Revision("page", 2))

    headers.note_stored("a.ipynb", first, "old")
    assert headers.get("a.ipynb") == second
    headers.note_stored("a.ipynb", second, "new")
    assert headers.get("a.ipynb") == second._replace(stored="new")
    headers.drop("a.ipynb", second)
    assert shown(headers) == "second", "another one has come"
    headers.drop("a.ipynb", headers.get("a.ipynb"))
    assert shown(headers) is None


def test_the_oldest_notebooks_and_pages_are_forgotten_first(headers):
    for number in range(MOST + 1):
        headers.put(f"{number}.ipynb", notebook("x"), Revision("page", number))
        headers.put("a.ipynb", notebook("x"), Revision(f"page {number}", 5))

    assert headers.get("0.ipynb") is None
    assert shown(headers) == shown(headers, f"{MOST}.ipynb") == "x"
    assert headers.put("a.ipynb", notebook("y"), Revision(f"page {MOST}", 4)) is None
    assert headers.put("a.ipynb", notebook("y"), Revision("page 0", 4)) is not None
