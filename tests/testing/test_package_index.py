import json
import urllib.error
from urllib.request import urlopen

import pytest

from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel


def test_it_lists_the_files_of_a_project_with_their_hashes(tmp_path):
    make_wheel(tmp_path, "alpha", "1.0", requires_python=">=3.8")
    make_wheel(tmp_path, "beta", "1.0")
    with LocalIndex(tmp_path) as index, urlopen(f"{index.url}/alpha/") as answer:
        listing = json.load(answer)
    assert [file["filename"] for file in listing["files"]] == ["alpha-1.0-py3-none-any.whl"]
    assert len(listing["files"][0]["hashes"]["sha256"]) == 64
    assert listing["files"][0]["requires-python"] == ">=3.8"


def test_it_records_requests(tmp_path):
    with LocalIndex(tmp_path) as index, pytest.raises(urllib.error.HTTPError) as caught:
        urlopen(f"{index.url}/nothing/")
    caught.value.close()
    assert index.requests == ["/simple/nothing/"]


def test_it_requires_credentials_if_configured(tmp_path):
    make_wheel(tmp_path, "alpha", "1.0")
    with (
        LocalIndex(tmp_path, credentials=("user", "secret")) as index,
        pytest.raises(urllib.error.HTTPError, match="401") as caught,
    ):
        urlopen(f"{index.url}/alpha/")
    caught.value.close()


def test_a_file_can_be_replaced_by_another(tmp_path):
    path = make_wheel(tmp_path, "alpha", "1.0")
    with LocalIndex(tmp_path) as index:
        index.replaced[path.name] = b"other"
        with urlopen(f"{index.url.removesuffix('/simple')}/files/{path.name}") as answer:
            assert answer.read() == b"other"
