"""Hashes that a header has for its requirements: nothing else is installed for their names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.environments.ready import ensure
from headstart.environments.resolve.resolve import recall_lock, resolve
from headstart.errors import HashMismatch
from headstart.testing.wheels import make_wheel
from tests.local_uv import runner, spec, this_python


def sha_of(house: Path, wheel: str) -> str:
    return hashlib.sha256((house / wheel).read_bytes()).hexdigest()


def test_a_wheel_with_one_of_the_hashes_is_installed(context, house):
    sha = sha_of(house, "alpha-1.0-py3-none-any.whl")
    asked = spec("alpha==1.0", hashes=(("alpha", ("0" * 64, sha)),))
    with ensure(asked, context) as ready:
        (found,) = ready.environment.environment.manifest.distributions
        assert (found.name, found.version, found.wheel) == ("alpha", "1.0", sha)
    assert recall_lock(asked, this_python(), context) == ready.lock


def test_no_other_wheel_of_that_name_is(context, house):
    sha = sha_of(house, "alpha-1.0-py3-none-any.whl")
    for asked in (
        spec("alpha", hashes=(("alpha", (sha,)),)),
        spec("beta", hashes=(("alpha", ("0" * 64,)),)),
    ):
        with pytest.raises(HashMismatch, match=r"No wheel of alpha \d.0 has one of the hashes"):
            resolve(asked, this_python(), context)
        assert recall_lock(asked, this_python(), context) is None


def test_of_several_wheels_those_with_other_hashes_are_left_out(context, tmp_path):
    tags = ("py3-none-any", f"{this_python().tags[0]}")
    names = [make_wheel(tmp_path / "links", "twin", "1.0", tag=tag).name for tag in tags]
    settings = replace(context.settings, find_links=(str(tmp_path / "links"),))
    context = context._replace(settings=settings)
    context = context._replace(uv=runner(settings))
    sha = sha_of(tmp_path / "links", names[0])
    lock = resolve(spec("twin", hashes=(("twin", (sha,)),)), this_python(), context)
    assert [wheel.filename for wheel in lock.packages[0].wheels] == names[:1]
    plain = resolve(spec("twin"), this_python(), context)
    assert {wheel.filename for wheel in plain.packages[0].wheels} == set(names)
