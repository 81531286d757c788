from __future__ import annotations

import pytest

from headstart.core.consent import acts_locally, consent_text
from headstart.core.header.spec import (
    EMPTY_SPEC,
    SPEC_FIELDS,
    EnvironmentSpec,
    KernelOptions,
    LocalExtra,
    ProvidedLock,
    SpecField,
)
from tests.core.header.test_spec import EVERY_FIELD, without

CLOSURE = "a" * 64


def text(spec: EnvironmentSpec = EVERY_FIELD, closure: str = CLOSURE, kernel: str = "k") -> bytes:
    return consent_text(spec, closure, kernel)


@pytest.mark.parametrize("field", SPEC_FIELDS, ids=lambda field: field.name)
def test_each_field_of_a_header_is_part_of_what_is_agreed_to(field: SpecField) -> None:
    assert text(without(EVERY_FIELD, field)) != text()


def test_the_closure_and_the_kernel_are_part_of_it() -> None:
    assert len({text(), text(closure="b" * 64), text(kernel="other")}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"lock": ProvidedLock("other", "pylock.toml")},
        {"lock": ProvidedLock("text", "pylock.toml", extras=("e",))},
        {"lock": ProvidedLock("text", "pylock.toml", groups=())},
        {"local_extras": (LocalExtra("/x", "ef" * 32),)},
        {"local_extras": (LocalExtra("/y", "cd" * 32),)},
        {"kernel": EVERY_FIELD.kernel._replace(env=(("A", "c"),))},
        {"kernel": EVERY_FIELD.kernel._replace(env=(("A", "b"), ("C", "d")))},
        {"kernel": EVERY_FIELD.kernel._replace(prepend_paths=("/sbin",))},
        {"kernel": EVERY_FIELD.kernel._replace(preload=("os", "sys"))},
        {"hashes": (("alpha", ("ef" * 32,)),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_value_is_something_else(change: dict[str, object]) -> None:
    assert text(EVERY_FIELD._replace(**change)) != text()


def test_what_moves_and_where_a_lock_is_does_not_matter() -> None:
    moved = EVERY_FIELD._replace(
        lock=ProvidedLock("text", "the embedded lock"),
        local_extras=(LocalExtra("/elsewhere/x", "cd" * 32),),
    )
    assert text(moved) == text()


def test_it_stays_what_it_was_for_users_would_be_asked_again() -> None:
    expected = b'[1, {"refresh": "cached", "requirements": ["six"]}, "c", "headstart"]'
    assert consent_text(EnvironmentSpec(("six",)), "c", "headstart") == expected


def test_half_of_a_surrogate_pair_has_bytes_too() -> None:
    odd = EMPTY_SPEC._replace(kernel=KernelOptions((("A", "\ud800"),)))
    assert b"ud800" in text(odd)


def test_local_extras_and_paths_act_locally() -> None:
    assert not acts_locally(EnvironmentSpec(("six",)))
    assert acts_locally(EMPTY_SPEC._replace(local_extras=(LocalExtra("/x", "cd" * 32),)))
    assert acts_locally(EMPTY_SPEC._replace(kernel=KernelOptions(prepend_paths=("/x",))))
