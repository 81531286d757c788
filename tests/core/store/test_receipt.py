import pytest

from headstart.core.notebook.find import Notebook, find_header
from headstart.core.store.receipt import Receipt, find_receipt, leave_receipt
from headstart.errors import NotebookError
from tests.core.factory import notebook

RECEIPT = Receipt("ab" * 32, "cd" * 32, "3.12.1", "linux-x86_64", "2026-11-20T10:00:00Z", "0.1.0")


def test_a_receipt_is_read_as_it_was_left():
    metadata = {"kernelspec": {}}
    leave_receipt(metadata, RECEIPT)
    assert find_receipt(Notebook(metadata=metadata)) == RECEIPT
    assert metadata["kernelspec"] == {}


def test_a_receipt_takes_the_place_of_the_one_before():
    metadata = {"headstart": {"lock": {"version": 1}, "receipt": {"key": "old"}}}
    leave_receipt(metadata, RECEIPT)
    assert metadata["headstart"] == {"lock": {"version": 1}, "receipt": RECEIPT.to_json()}


@pytest.mark.parametrize("header", ["numpy pandas", ["numpy", "pandas"]])
def test_a_header_beside_it_stays_the_header(header):
    metadata = {"headstart": header}
    leave_receipt(metadata, RECEIPT)
    found = find_header(Notebook(metadata=metadata))
    assert found is not None
    assert found.fields is not None
    assert found.fields["dependencies"] == header


def test_a_receipt_alone_is_no_header():
    metadata = {}
    leave_receipt(metadata, RECEIPT)
    assert find_header(Notebook(metadata=metadata)) is None


def test_broken_metadata_stays_as_it_is():
    metadata = {"headstart": 3}
    leave_receipt(metadata, RECEIPT)
    assert metadata == {"headstart": 3}


@pytest.mark.parametrize("metadata", [None, "numpy", ["numpy"], {}, {"dependencies": []}])
def test_most_notebooks_have_none(metadata):
    assert find_receipt(notebook(metadata=metadata)) is None


@pytest.mark.parametrize("value", [3, "text", [], {"key": 3}, {"lock": "x" * 1000}])
def test_what_is_no_receipt_is_an_error_that_says_so(value):
    with pytest.raises(NotebookError, match="receipt in the notebook's metadata cannot be read"):
        find_receipt(notebook(metadata={"receipt": value}))


def test_a_receipt_tells_whether_it_was_changed():
    metadata = {}
    leave_receipt(metadata, RECEIPT)
    left = metadata["headstart"]["receipt"]
    assert find_receipt(notebook(metadata={"receipt": left})).intact is True
    for name in left:
        changed = {**left, name: "other"}
        assert find_receipt(notebook(metadata={"receipt": changed})).intact is False, name
    earlier = {name: text for name, text in left.items() if name != "digest"}
    assert find_receipt(notebook(metadata={"receipt": earlier})).intact is None
