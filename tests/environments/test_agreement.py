from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from headstart.core.header.spec import EMPTY_SPEC, KernelOptions, LocalExtra
from headstart.core.lock.pylock import Lock, LockedPackage, Wheel
from headstart.core.refresh import RefreshMode
from headstart.environments.agreement import agree, is_agreed
from headstart.environments.context import Context
from headstart.request.read import NO_REQUEST
from tests.local_uv import spec


@pytest.fixture(autouse=True)
def ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user has it who has set nothing."""
    monkeypatch.delenv("HEADSTART_TRUST")


ALPHA = LockedPackage("alpha", "1.0", wheels=(Wheel("alpha-1.0-py3-none-any.whl", "u", "ab" * 32),))
LOCK = Lock((ALPHA,))


def test_a_notebook_without_a_header_needs_no_agreement(fake_context: Context) -> None:
    assert is_agreed(NO_REQUEST.spec, Lock(), "headstart", fake_context)
    agree(NO_REQUEST.spec, Lock(), "headstart", "", fake_context)
    assert list(fake_context.store.root.iterdir()) == []


def test_what_was_agreed_to_is_just_that(fake_context: Context) -> None:
    asked = spec("alpha")
    assert not is_agreed(asked, LOCK, "headstart", fake_context)
    agree(asked, LOCK, "headstart", "/x/a.ipynb", fake_context)
    assert is_agreed(asked, LOCK, "headstart", fake_context)
    other = Lock((replace(ALPHA, wheels=(ALPHA.wheels[0]._replace(sha256="cd" * 32),)),))
    assert not is_agreed(asked, other, "headstart", fake_context)
    assert not is_agreed(asked, LOCK, "other", fake_context)
    assert not is_agreed(
        spec("alpha", kernel=KernelOptions((("A", "b"),))), LOCK, "headstart", fake_context
    )
    [consent] = fake_context.store.consents.all()
    assert (consent.notebook, consent.kernel, consent.packages) == ("/x/a.ipynb", "headstart", 1)
    assert consent.date.endswith("Z")


def test_what_is_resolved_again_each_time_is_never_agreed_to(fake_context: Context) -> None:
    asked = spec("alpha", refresh=RefreshMode.EPHEMERAL)
    agree(asked, LOCK, "headstart", "", fake_context)
    assert not is_agreed(asked, LOCK, "headstart", fake_context)
    always = fake_context._replace(settings=replace(fake_context.settings, trust="always"))
    assert is_agreed(asked, LOCK, "headstart", always), "the setting agrees to whatever there is"


@pytest.mark.parametrize(
    "asked, agreed",
    [
        (spec("alpha"), True),
        (spec("alpha", kernel=KernelOptions((("A", "b"),), preload=("alpha",))), True),
        (spec("alpha", local_extras=(LocalExtra("/x", "cd" * 32),)), False),
        (spec("alpha", kernel=KernelOptions(prepend_paths=("/x",))), False),
        (spec("alpha", kernel=KernelOptions((("PYTHONPATH", "."),))), False),
        (spec("alpha", kernel=KernelOptions((("LD_PRELOAD", "./x.so"),))), False),
        (spec("alpha", kernel=KernelOptions((("BASH_ENV", "./x"),))), False),
    ],
)
def test_the_setting_can_agree_to_packages_and_not_to_files(
    fake_context: Context, asked, agreed
) -> None:
    always = fake_context._replace(settings=replace(fake_context.settings, trust="always"))
    assert is_agreed(asked, LOCK, "headstart", always) is agreed
    agree(asked, LOCK, "headstart", "", always)
    assert is_agreed(asked, LOCK, "headstart", always)


def test_a_store_that_cannot_be_written_is_no_error(
    fake_context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    fake_context.store.prepare()
    fake_context.store.layout.version.chmod(0o777)
    with caplog.at_level(logging.WARNING):
        agree(spec("alpha"), LOCK, "headstart", "", fake_context)
    assert "is not remembered: The store cannot be used" in caplog.text
    assert not is_agreed(spec("alpha"), LOCK, "headstart", fake_context)


def test_an_empty_header_is_as_none() -> None:
    assert NO_REQUEST.spec == EMPTY_SPEC
