from __future__ import annotations

import pytest

from headstart.core.header.normalise import spec_of
from headstart.core.header.spec import (
    EMPTY_SPEC,
    EnvironmentSpec,
    GivenLock,
    KernelOptions,
    LocalExtra,
)
from headstart.core.refresh import RefreshMode
from tests.core.factory import asked, metadata_header

FULL = EnvironmentSpec(
    requirements=("alpha>=1", "beta"),
    requires_python=">=3.11",
    refresh=RefreshMode.EPHEMERAL,
    constraints=("gamma<2",),
    overrides=("delta==1",),
    exclude_newer="7 days",
    hashes=(("alpha", ("ab" * 32,)),),
    lock=GivenLock("text", "pylock.toml"),
    local_extras=(LocalExtra("/x", "cd" * 32),),
    kernel=KernelOptions((("A", "b"),), ("/bin",), ("os",)),
)
"""A spec that says all that one can say."""


def test_the_digest_is_of_all_but_the_refresh_mode() -> None:
    plain = asked("numpy")
    assert spec_of(metadata_header(dependencies="numpy", refresh=True)).digest == plain.digest
    others = [
        spec_of(metadata_header(dependencies="numpy", **fields))
        for fields in (
            {"requires_python": ">=3.11"},
            {"constraints": "pandas<3"},
            {"overrides": "pandas<3"},
            {"exclude_newer": "7 days"},
        )
    ]
    digests = {plain.digest, asked("numpy>=1").digest, *(other.digest for other in others)}
    assert len(digests) == 6
    assert all(len(digest) == 64 for digest in digests)


@pytest.mark.parametrize(
    "spec, digest",
    [
        (EMPTY_SPEC, "d7aa80888064d12a58a97acbb82788633ff6d75e934db8af9c717ac62bb134d7"),
        (FULL, "6668c844ada1c507b6a70636f5b125579606bb1f97af3be630f6526fe2e8aba7"),
        (
            FULL._replace(hashes=()),
            "c55ede1ba31d6f4c1978dc7da009f8d953a0bfc523fb66472e1dca2164544a1e",
        ),
    ],
)
def test_a_digest_stays_what_it_was_for_locks_are_remembered_under_it(spec, digest) -> None:
    assert spec.digest == digest
