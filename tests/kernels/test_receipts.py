"""What notebooks keep of what their kernels run with."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from headstart import __version__
from headstart.core.header.spec import EMPTY_SPEC, ProvidedLock
from headstart.core.lock.pylock import Lock, LockedPackage
from headstart.core.store.manifest import EnvironmentKind
from headstart.core.store.receipt import PROVIDED, RESOLVED, installed_digest
from headstart.kernels import receipts
from headstart.kernels.receipts import leave_in_saved, receipt_of
from headstart.kernels.status import status_board
from tests.core.store.test_receipt import RECEIPT
from tests.server.factory import environment, ready

LOCK = Lock((LockedPackage("alpha", "1.0"),))


def running(kind: EnvironmentKind = EnvironmentKind.ENVIRONMENT, **values: Any) -> Any:
    """As much of a `Ready` as a receipt tells of."""
    leased = SimpleNamespace(environment=environment(kind))
    return SimpleNamespace(**{"spec": EMPTY_SPEC, "lock": LOCK, "environment": leased, **values})


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Leave nothing to the next test: they are of the process."""
    yield
    receipts._left.clear()


@pytest.fixture
def kernel() -> Iterator[None]:
    """A kernel runs for sub/a.ipynb, and has a receipt."""
    status_board.set(ready(receipt=RECEIPT))
    yield
    status_board.forget("k1")


def test_a_receipt_says_what_a_kernel_runs_with() -> None:
    receipt = receipt_of(running())
    assert (receipt.lock, receipt.key) == (LOCK.digest, "ab" * 32)
    assert (receipt.python, receipt.platform) == ("3.12.1", sysconfig.get_platform())
    assert receipt.headstart == __version__
    assert receipt.time.endswith("Z")
    assert receipt.origin == RESOLVED
    distributions = environment().manifest.distributions
    wheels = [(item.name, item.wheel) for item in distributions if item.wheel]
    assert receipt.installed == installed_digest(wheels)


def test_of_a_lock_in_the_notebook_the_receipt_names_the_whole() -> None:
    given = ProvidedLock(LOCK.render(), "the notebook")
    receipt = receipt_of(running(spec=EMPTY_SPEC._replace(lock=given), lock=Lock()))
    assert receipt.lock == hashlib.sha256(given.text.encode()).hexdigest() == LOCK.digest
    assert receipt.origin == PROVIDED


def test_an_ephemeral_environment_has_no_key_that_means_something() -> None:
    assert receipt_of(running(EnvironmentKind.EPHEMERAL)).key == ""


@pytest.mark.usefixtures("kernel")
def test_a_notebook_that_is_saved_gets_the_receipt_of_its_kernel() -> None:
    content: dict[str, Any] = {"cells": [], "metadata": {}}
    leave_in_saved({"type": "notebook", "content": content}, "/sub/a.ipynb")
    assert content["metadata"] == {"headstart": {"receipt": RECEIPT.to_json()}}


def test_a_receipt_stays_when_the_kernel_has_ended() -> None:
    status_board.set(ready(receipt=RECEIPT))
    for ended in (False, True):
        content: dict[str, Any] = {"cells": [], "metadata": {}}
        leave_in_saved({"type": "notebook", "content": content}, "sub/a.ipynb")
        assert content["metadata"] == {"headstart": {"receipt": RECEIPT.to_json()}}, ended
        status_board.forget("k1")


def test_a_server_remembers_so_many_receipts_and_no_more() -> None:
    for number in range(receipts._REMEMBERED + 2):
        receipts._keep(f"{number}.ipynb", RECEIPT)
    assert len(receipts._left) == receipts._REMEMBERED
    assert "1.ipynb" not in receipts._left
    assert "2.ipynb" in receipts._left


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    "model, path",
    [
        ({"type": "notebook", "content": {"metadata": {}}}, "sub/b.ipynb"),
        ({"type": "file", "content": "text"}, "sub/a.ipynb"),
        ({"type": "notebook", "content": None}, "sub/a.ipynb"),
        ({"type": "notebook"}, "sub/a.ipynb"),
    ],
)
def test_other_notebooks_and_files_are_saved_as_they_are(model: Any, path: str) -> None:
    before = repr(model)
    leave_in_saved(model, path)
    assert repr(model) == before
