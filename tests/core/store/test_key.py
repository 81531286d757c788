from __future__ import annotations

import pytest

from headstart.core.header.spec import ProvidedLock
from headstart.core.interpreter import Interpreter
from headstart.core.lock.pylock import parse_lock
from headstart.core.store.key import (
    environment_key,
    is_key,
    layer_key,
    provided_lock_digest,
    resolution_digest,
)
from headstart.errors import LockError
from tests.core.factory import LINUX, lock_text, package_lines, pure, spec_for, wheel_line
from tests.core.header.test_spec import FULL

SIX = parse_lock(lock_text(pure("six", "1.16.0")))


def test_keys_are_64_hex_digits_and_nothing_else_is_a_key() -> None:
    key = environment_key(SIX, LINUX)
    assert is_key(key)
    assert not any(map(is_key, ["", key[1:], key.upper(), f"{key}\n", "../" + key[3:], "٣" * 64]))


def test_the_key_is_of_the_selected_artifacts_alone() -> None:
    mac = wheel_line("six-1.16.0-cp312-cp312-macosx_11_0_arm64.whl")
    here = wheel_line("six-1.16.0-py3-none-any.whl", url="https://mirror.example.org/s/six.whl")
    named = here.replace("{ url", '{ name = "six-1.16.0-py3-none-any.whl", url')
    other = parse_lock(lock_text(package_lines("six", "1.16.0", mac, named)))
    assert environment_key(other, LINUX) == environment_key(SIX, LINUX)


def test_other_bytes_are_another_key() -> None:
    changed = parse_lock(lock_text(pure("six", "1.16.0", sha="cd" * 32)))
    assert environment_key(changed, LINUX) != environment_key(SIX, LINUX)


def test_keys_stay_what_they_were_for_environments_are_kept_under_them() -> None:
    told = {"call": ["x"], "choosing": ["y"]}
    given = ProvidedLock("text", "pylock.toml", ("plot",), ("dev",))
    assert [
        environment_key(SIX, LINUX),
        layer_key(SIX, LINUX, "a"),
        resolution_digest(FULL, LINUX, **told),
        provided_lock_digest(given, FULL, LINUX, choosing=["y"]),
    ] == [
        "e4ca118c70e72cc2cc4ead874416924798b951bf828255f9a0b4fb42aeb62178",
        "92a7065173550d145c69131bde29c6e43d649c3509955af43470fed4e3bfb95e",
        "317294791bad04947a136b3f917ce8a93c470324ea7ebe5dd5086b0588ce0fac",
        "5dd189a7cf8d806e40ced544274385b45a6237b953e1a2d0d16c842e218694c9",
    ]


@pytest.mark.parametrize("field", ["path", "version", "implementation", "platform"])
def test_another_interpreter_is_another_key(field: str) -> None:
    other = LINUX._replace(**{field: getattr(LINUX, field) + "1"})
    assert environment_key(SIX, other) != environment_key(SIX, LINUX)


def test_a_layer_is_never_an_environment_and_knows_its_kernel_package() -> None:
    keys = {layer_key(SIX, LINUX, "a"), layer_key(SIX, LINUX, "b"), environment_key(SIX, LINUX)}
    assert len(keys) == 3


def test_a_lock_that_does_not_fit_has_no_key() -> None:
    with pytest.raises(LockError):
        environment_key(SIX, LINUX._replace(tags=("cp312-cp312-win_amd64",)))


def test_a_lock_is_remembered_for_all_that_decides_a_resolution() -> None:
    spec = spec_for("numpy")
    plain = resolution_digest(spec, LINUX, call=["x"], choosing=["https://a"])

    def digest(python: Interpreter = LINUX, line: str = "numpy", **told: object) -> str:
        told = {"call": ["x"], "choosing": ["https://a"], **told}
        return resolution_digest(spec_for(line), python, **told)

    assert digest(LINUX._replace(path="/other")) == plain
    others = [
        digest(line="numpy>=1"),
        digest(call=["y"]),
        digest(choosing=["https://b"]),
        digest(choosing=["https://b", "https://a"]),
        digest(LINUX._replace(version="3.12.2")),
        digest(LINUX._replace(tags=LINUX.tags[1:])),
    ]
    assert len({plain, *others}) == 7
