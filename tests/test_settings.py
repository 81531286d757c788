from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from traitlets import Bool, Enum, Float, Integer, List, TraitError, Unicode, Union

from headstart import envvars
from headstart.errors import SettingsError
from headstart.settings import (
    GIB,
    SETTINGS,
    Settings,
    default_store,
    environ_of,
    read_settings,
)
from headstart.traits import Headstart

ROOT = Path(__file__).parents[1]
SOURCES = {path: path.read_text("utf-8") for path in ROOT.glob("provisioner/headstart/**/*.py")}


def test_what_nobody_says_has_its_default() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({envvars.STORE: ""}, {"offline": None}).store == default_store()


def test_an_environment_variable_wins_over_a_trait() -> None:
    traits = {"transport": "tcp", "max_age": 30.0}
    settings = read_settings({envvars.TRANSPORT: "ipc"}, traits)
    assert (settings.transport, settings.max_age) == ("ipc", 30)


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


@pytest.mark.parametrize(
    "name, kind",
    [("store", Unicode), ("offline", Bool), ("default_index", Unicode), ("find_links", List),
     ("link_mode", Enum), ("build_timeout", Float), ("max_age", Float), ("max_packages", Integer),
     ("reserve", Union), ("system_store", Unicode)],
)  # fmt: skip
def test_a_trait_has_the_type_of_its_setting_and_no_value(name: str, kind: type) -> None:
    trait = Headstart.class_traits()[name]
    assert isinstance(trait, kind)
    assert getattr(Headstart(), name) is None
    assert trait.help == next(setting.help for setting in SETTINGS if setting.name == name)


def test_a_trait_that_is_a_list_of_texts_takes_nothing_else() -> None:
    assert Headstart(extra_indexes=["https://one.invalid"]).settings().extra_indexes
    with pytest.raises(TraitError, match="extra_indexes"):
        Headstart(extra_indexes=[1])


def test_a_setting_is_declared_in_its_row_alone() -> None:
    names = "|".join(setting.name for setting in SETTINGS)
    variable, trait = rf'"HEADSTART_({names.upper()})"', rf"^    ({names}) = \w+\("
    assert not [path.name for path, source in SOURCES.items() if re.search(variable, source)]
    assert not re.search(trait, SOURCES[ROOT / "provisioner/headstart/traits.py"], re.MULTILINE)


def test_every_variable_that_is_named_is_one() -> None:
    tests = {path: path.read_text("utf-8") for path in ROOT.glob("tests/**/*.py")}
    texts = [*SOURCES.values(), *tests.values()]
    named = {name for text in texts for name in re.findall(r"\benvvars\.([A-Z]\w*)", text)}
    settings = {setting.name.upper() for setting in SETTINGS}
    assert {"STORE", "PATH"} <= named <= settings | vars(envvars).keys()


def test_a_variable_of_a_setting_is_named_after_it() -> None:
    assert envvars.QUOTA_BYTES == envvars.of_setting("quota_bytes") == "HEADSTART_QUOTA_BYTES"
    assert not hasattr(envvars, "quota_bytes")


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
