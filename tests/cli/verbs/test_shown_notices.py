"""What uv warns of although it succeeds is said by the verbs, every time."""

from __future__ import annotations

import json

import pytest

from headstart import envvars
from headstart.testing.package_index import LocalIndex

from ..conftest import block

EXTRA = 'alpha 1.0 has no extra named "nope", so nothing was taken for it.'
YANKED = 'alpha 1.0 was yanked by its publishers, who say "too slow": '


@pytest.fixture
def environ(environ, house):
    """With an index on which a version is yanked."""
    with LocalIndex(house) as index:
        index.yanked["alpha-1.0-py3-none-any.whl"] = "too slow"
        yield {**environ, envvars.DEFAULT_INDEX: index.url}


def test_an_unknown_extra_and_a_yanked_version_are_pointed_out(headstart, notebook):
    path = notebook(block("alpha[nope]==1.0"))
    for notice in (EXTRA, YANKED):
        for _ in range(2):
            assert f"warning      {notice}" in headstart("show", path).stdout
        assert f"note: {notice}" in headstart("ensure", path).stderr
        assert f"note: {notice}" in headstart("lock", path).stderr
        assert f"warning      {notice}" in headstart("show", path).stdout
    assert EXTRA in json.loads(headstart("show", path, "--json").stdout)["notices"]
    assert EXTRA in json.loads(headstart("lock", path, "--json").stdout)["notices"]


def test_add_points_them_out(headstart, notebook):
    path = notebook(block())
    assert f"note: {EXTRA}" in headstart("add", path, "alpha[nope]==1.0").stderr
    done = headstart("add", notebook(block()), "alpha==1.0", "--json")
    assert any(notice.startswith(YANKED) for notice in json.loads(done.stdout)["notices"])


def test_of_other_versions_nothing_is_said(headstart, notebook):
    path = notebook(block("alpha"))
    assert "warning" not in headstart("show", path).stdout
    assert headstart("lock", path).stderr == ""
