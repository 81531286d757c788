from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headstart import envvars
from headstart.errors import SettingsError
from headstart.settings import GIB, Settings, default_store, environ_of, read_settings
from headstart.traits import Headstart


def test_what_nobody_says_has_its_default() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({envvars.STORE: ""}, {"offline": None}).store == default_store()


def test_an_environment_variable_wins_over_a_trait() -> None:
    traits = {"transport": "tcp", "max_age": 30.0}
    found = read_settings({envvars.TRANSPORT: "ipc"}, traits)
    assert (found.transport, found.max_age) == ("ipc", 30)


@pytest.mark.parametrize(
    "text, size",
    [("20GiB", 20 * GIB), ("500 MB", 500_000_000), ("1.5k", 1500), ("7", 7), ("0", 0), (8, 8)],
)
def test_a_size_has_a_unit_or_is_in_bytes(text: str | int, size: int) -> None:
    assert read_settings({}, {"quota_bytes": text}).quota_bytes == size


@pytest.mark.parametrize(
    "name, value",
    [
        ("quota_bytes", "much"),
        ("reserve", "-1"),
        ("quota_inodes", "2.5"),
        ("max_age", "nan"),
        ("build_timeout", "0"),
        ("auto_prune", "perhaps"),
        ("link_mode", "symlink"),
        ("receipts", "always"),
    ],
)
def test_a_value_that_means_nothing_names_its_place(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"HEADSTART_{name.upper()} is '{value}'"):
        read_settings({f"HEADSTART_{name.upper()}": value})


def test_every_setting_can_be_a_trait() -> None:
    fields = set(Settings.__dataclass_fields__) - {"environ"}
    assert fields == set(Headstart.class_trait_names(config=True))


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings(
        store=Path("/a"),
        extra_indexes=("https://one.invalid", "https://two.invalid"),
        quota_bytes=5,
        auto_prune=False,
        system_store=Path("/b"),
        receipts="save",
        environ={"PATH": "/bin"},
    )
    environ = environ_of(settings)
    assert environ["PATH"] == "/bin"
    assert read_settings(environ) == replace(settings, environ=environ)
