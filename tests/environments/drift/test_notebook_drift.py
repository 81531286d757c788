from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.embedded import NotebookLock, find_lock
from headstart.core.notebook.find import Cell, Notebook
from headstart.core.store.receipt import Receipt
from headstart.environments.drift.findings import State
from headstart.environments.drift.notebook_drift import compare
from headstart.environments.ready import ensure
from headstart.environments.resolve.locking import lock_spec
from headstart.errors import HeaderError
from headstart.request.directory import NoFolder
from headstart.request.read import request_of
from tests.core.factory import block
from tests.local_uv import spec, this_python

OK, NONE, UNKNOWN, WRONG = State.OK, State.NONE, State.UNKNOWN, State.WRONG


def notebook_of(header: str, **ours) -> Notebook:
    return Notebook((Cell(0, "code", header),), {"headstart": ours}, "a.ipynb")


def compared(notebook: Notebook, context):
    def read(locked):
        return request_of(notebook, NoFolder(), lambda: context.settings, locked=locked)

    return compare(notebook, read, lambda: find_lock(notebook), context)


def states(found):
    """Of header, lock, packages, receipt, store and layer."""
    return [finding.state for finding in found.findings.values()]


def lock_for(asked: EnvironmentSpec, context, **facts):
    return NotebookLock(asked, lock_spec(asked, context).lock.render(), **facts)


def receipt_for(lock: str, **fields) -> dict:
    time = datetime.now(UTC).isoformat(timespec="seconds")
    known = Receipt(lock, "", this_python().version, this_python().platform, time, "0.1.0")
    return replace(known, **fields).to_json()


ALPHA = block('dependencies = ["alpha"]')


def test_a_notebook_without_lock_and_receipt_has_nothing_wrong(fake_context, fake):
    found = compared(notebook_of(ALPHA), fake_context)
    assert (states(found), found.ok) == ([OK, NONE, NONE, NONE, NONE, NONE], True)
    assert fake.commands == []


def test_a_notebook_without_a_header_has_nothing_wrong(fake_context):
    found = compared(Notebook((Cell(0, "code", "1"),)), fake_context)
    assert (states(found), found.ok) == ([NONE] * 6, True)


def test_a_notebook_that_agrees_with_itself(context):
    lock = lock_for(spec("alpha"), context, universal=True, platform="here")
    notebook = notebook_of(ALPHA, lock=lock.to_json(), receipt=receipt_for(lock.digest))
    assert states(compared(notebook, context)) == [OK, OK, UNKNOWN, OK, NONE, NONE]
    asked = request_of(notebook, NoFolder()).spec
    ensure(asked, context).close()
    found = compared(notebook, context)
    assert (states(found), found.ok) == ([OK] * 6, True)
    assert found.lock.message == f"{lock.digest[:12]} fits the header, for all platforms."
    assert found.receipt.message.endswith(", with this lock.")
    assert found.lock.facts["packages"] == {"alpha": "2.0"}


def test_a_header_that_cannot_be_read(fake_context):
    found = compared(notebook_of(block("dependencies = 3")), fake_context)
    assert (states(found), found.ok) == ([WRONG, *[NONE] * 5], False)
    assert found.header.facts["error"]["code"] == HeaderError.code


def test_a_header_that_no_longer_fits_the_lock(fake_context):
    lock = lock_for(spec("alpha<2"), fake_context)
    notebook = notebook_of(ALPHA, lock=lock.to_json(), receipt=receipt_for(lock.digest))
    found = compared(notebook, fake_context)
    assert (states(found), found.ok) == ([OK, WRONG, NONE, OK, NONE, NONE], False)
    assert found.lock.facts["error"]["code"] == "lock-outdated"
    assert found.lock.hint == "Lock the notebook again: headstart lock a.ipynb"


def test_a_lock_that_cannot_be_read(fake_context):
    found = compared(notebook_of(ALPHA, lock=3), fake_context)
    assert (states(found), found.ok) == ([OK, WRONG, NONE, NONE, NONE, NONE], False)


def test_a_lock_for_another_machine(fake_context):
    lock = lock_spec(spec("alpha"), fake_context).lock
    other = lock._replace(environments=("sys_platform == 'plan9'",)).render()
    found = compared(
        notebook_of(ALPHA, lock=NotebookLock(spec("alpha"), other).to_json()), fake_context
    )
    assert (found.lock.state, found.ok) == (WRONG, False)
    assert "for other machines" in found.lock.message


def test_a_receipt_of_another_lock(fake_context):
    lock = lock_for(spec("alpha"), fake_context)
    notebook = notebook_of(ALPHA, lock=lock.to_json(), receipt=receipt_for("ab" * 32))
    found = compared(notebook, fake_context)
    assert (found.receipt.state, found.ok) == (WRONG, False)
    assert f"with the lock abababababab; now it has {lock.digest[:12]}" in found.receipt.message


def test_without_a_lock_a_receipt_is_compared_with_what_a_kernel_would_have_now(fake_context):
    notebook = notebook_of(ALPHA, receipt=receipt_for("ab" * 32))
    unknown = compared(notebook, fake_context).receipt
    assert (unknown.state, "is not known" in unknown.message) == (UNKNOWN, True)
    with ensure(spec("alpha"), fake_context) as ready:
        same = notebook_of(ALPHA, receipt=receipt_for(ready.lock.digest))
    assert compared(notebook, fake_context).receipt.state is WRONG
    assert states(compared(same, fake_context)) == [OK, NONE, OK, OK, OK, OK]


def test_another_python_or_platform_is_said_and_is_not_wrong(fake_context):
    lock = lock_for(spec("alpha"), fake_context)
    receipt = receipt_for(lock.digest, python="3.99.1", platform="plan9")
    found = compared(notebook_of(ALPHA, lock=lock.to_json(), receipt=receipt), fake_context)
    assert found.receipt.state is OK
    assert "with Python 3.99.1 on plan9, with this lock; here it would run" in found.receipt.message


def test_a_receipt_that_cannot_be_read(fake_context):
    found = compared(notebook_of(ALPHA, receipt="text"), fake_context)
    assert (found.receipt.state, found.ok) == (WRONG, False)


def test_an_environment_that_is_damaged(fake_context):
    with ensure(spec("alpha"), fake_context) as ready:
        module = Path(ready.environment.environment.site_packages, "alpha.py")
    module.chmod(0o600)
    module.write_text("changed")
    found = compared(notebook_of(ALPHA), fake_context)
    assert (found.store.state, found.ok) == (WRONG, False)
    assert "alpha.py" in found.store.message


@pytest.mark.parametrize("refresh", ["true", "false"])
def test_an_ephemeral_notebook_is_compared_as_a_cached_one(fake_context, refresh):
    ensure(spec("alpha"), fake_context).close()
    header = block('dependencies = ["alpha"]', "[tool.headstart]", f"refresh = {refresh}")
    assert states(compared(notebook_of(header), fake_context)) == [OK, NONE, OK, NONE, OK, OK]
