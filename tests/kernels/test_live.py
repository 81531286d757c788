import time

from headstart.core.notebook import Cell, Notebook
from headstart.kernels.live import LiveHeaders


def notebook(source):
    return Notebook((Cell(0, "code", source),), {})


def test_the_newest_revision_is_kept_whatever_comes_late():
    headers = LiveHeaders()

    headers.put("a.ipynb", notebook("new"), 2)
    headers.put("a.ipynb", notebook("old"), 1)

    assert headers.get("a.ipynb") == notebook("new")


def test_a_notebook_that_is_opened_anew_counts_anew():
    headers = LiveHeaders()

    headers.put("a.ipynb", notebook("before"), 7)
    headers.put("a.ipynb", notebook("after"), 0)

    assert headers.get("a.ipynb") == notebook("after")


def test_what_was_saved_since_is_newer():
    headers = LiveHeaders()
    headers.put("a.ipynb", notebook("edited"), 1)

    assert headers.get("a.ipynb", newer_than=time.time() + 1) is None
    assert headers.get("a.ipynb", newer_than=time.time() - 60) == notebook("edited")


def test_a_closed_notebook_is_forgotten():
    headers = LiveHeaders()
    headers.put("a.ipynb", notebook("edited"), 1)

    headers.forget("a.ipynb")
    headers.forget("a.ipynb")

    assert headers.get("a.ipynb") is None
