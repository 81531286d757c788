from __future__ import annotations

import pytest

from headstart.core.header.diff import changes
from headstart.core.header.normalise import spec_of
from headstart.core.header.spec import (
    EMPTY_SPEC,
    RESOLUTION_FIELDS,
    SPEC_FIELDS,
    EnvironmentSpec,
    KernelOptions,
    LocalExtra,
    ProvidedLock,
    SpecField,
)
from headstart.core.lock.embedded import NotebookLock, read_record
from headstart.core.lock.staleness import check_fits
from headstart.core.refresh import RefreshMode
from headstart.errors import LockOutdated
from tests.core.factory import metadata_header, spec_for

FULL = EnvironmentSpec(
    requirements=("alpha>=1", "beta"),
    requires_python=">=3.11",
    refresh=RefreshMode.EPHEMERAL,
    constraints=("gamma<2",),
    overrides=("delta==1",),
    exclude_newer="7 days",
    hashes=(("alpha", ("ab" * 32,)),),
    lock=ProvidedLock("text", "pylock.toml"),
    local_extras=(LocalExtra("/x", "cd" * 32),),
    kernel=KernelOptions((("A", "b"),), ("/bin",), ("os",)),
)
"""A spec that says all that one could say in the first version."""

EVERY_FIELD = FULL
"""A spec that says all that one can say."""


def test_the_digest_is_of_all_but_the_refresh_mode() -> None:
    plain = spec_for("numpy")
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
    digests = {plain.digest, spec_for("numpy>=1").digest, *(other.digest for other in others)}
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


def without(spec: EnvironmentSpec, field: SpecField) -> EnvironmentSpec:
    """The spec without what a field of it says."""
    name, _, option = field.attribute.partition(".")
    if option:
        default = KernelOptions._field_defaults[option]
        return spec._replace(kernel=spec.kernel._replace(**{option: default}))
    return spec._replace(**{name: EnvironmentSpec._field_defaults[name]})


def test_each_field_of_a_spec_has_a_row() -> None:
    rows = {field.attribute for field in SPEC_FIELDS}
    options = {f"kernel.{name}" for name in KernelOptions._fields}
    assert rows == {*EnvironmentSpec._fields, *options} - {"kernel"}
    assert all(field.of(EVERY_FIELD) != field.of(EMPTY_SPEC) for field in SPEC_FIELDS)


@pytest.mark.parametrize("field", SPEC_FIELDS, ids=lambda field: field.name)
def test_a_field_decides_the_resolution_if_its_row_says_so(field: SpecField) -> None:
    other = without(EVERY_FIELD, field)
    assert (other.digest != EVERY_FIELD.digest) is (field in RESOLUTION_FIELDS)
    assert (other.resolution != EVERY_FIELD.resolution) is (field in RESOLUTION_FIELDS)
    assert EVERY_FIELD.resolution.digest == EVERY_FIELD.digest


@pytest.mark.parametrize("field", RESOLUTION_FIELDS, ids=lambda field: field.name)
def test_a_lock_is_made_for_all_that_decides_the_resolution(field: SpecField) -> None:
    lock = NotebookLock(EVERY_FIELD.resolution, "text")
    check_fits(lock, EVERY_FIELD)
    with pytest.raises(LockOutdated):
        check_fits(lock, without(EVERY_FIELD, field))
    assert read_record(lock.record(), "text", "a.py").spec == EVERY_FIELD.resolution
    changed = read_record(
        NotebookLock(without(EVERY_FIELD, field), "text").record(), "text", "a.py"
    )
    assert changed.spec == without(EVERY_FIELD, field).resolution


@pytest.mark.parametrize("field", SPEC_FIELDS, ids=lambda field: field.name)
def test_a_difference_in_any_field_is_told(field: SpecField) -> None:
    found = changes(without(EVERY_FIELD, field), EVERY_FIELD)
    assert found is not None
    told = {**found.to_json(), "requirements": [*found.added, *found.removed, *found.changed]}
    assert field.name in found.other or told[field.name.replace("-", "_")]
