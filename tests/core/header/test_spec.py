from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.header.spec import (
    EMPTY_SPEC,
    EnvironmentSpec,
    GivenLock,
    KernelOptions,
    LocalExtra,
    spec_of,
)
from headstart.core.refresh import RefreshMode
from tests.core.factory import asked, cell_header, metadata_header

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


def test_no_header_gives_the_empty_spec() -> None:
    assert spec_of(None) == EMPTY_SPEC == spec_of(metadata_header()) == EnvironmentSpec()


def test_requirements_are_normalised_sorted_and_merged() -> None:
    spec = asked(["Pandas[Excel]>=2", "numpy", "pandas [AWS] < 3", "NumPy", "ruamel.yaml"])
    assert spec.requirements == ("numpy", "pandas[aws,excel]<3,>=2", "ruamel-yaml")
    assert spec.direct == {"numpy", "pandas", "ruamel-yaml"}


def test_requirements_with_different_markers_stay_apart() -> None:
    spec = asked(["a<2; python_version<'3.12'", 'a>=2; python_version >= "3.12"'])
    assert spec.requirements == (
        'a<2; python_version < "3.12"',
        'a>=2; python_version >= "3.12"',
    )


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


def test_the_refresh_mode_is_part_of_the_spec() -> None:
    header = cell_header("[tool.headstart]", "refresh = true")
    assert spec_of(header).refresh is RefreshMode.EPHEMERAL


NAMES = st.sampled_from(["numpy", "Pandas", "scikit_learn", "ruamel.yaml", "zope.Interface"])
BOUNDS = st.lists(st.sampled_from([">=1", "<3", "!=2.0", "~=1.4", "==1.*"]), max_size=3)
EXTRAS = st.lists(st.sampled_from(["a", "B_c", "d.e"]), max_size=2)
SPACE = st.sampled_from(["", " ", "  "])


@st.composite
def two_spellings(draw: st.DrawFn) -> tuple[str, str]:
    """One requirement, written in two ways that mean the same."""
    name, bounds, extras = draw(NAMES), draw(BOUNDS), draw(EXTRAS)

    def spelling(name: str) -> str:
        def joined(parts: list[str]) -> str:
            separator = f"{draw(SPACE)},{draw(SPACE)}"
            return separator.join(draw(st.permutations(parts)))

        options = f"{draw(SPACE)}[{joined(extras)}]" if extras else ""
        operators = [
            f"{bound.rstrip('0123456789.*')}{draw(SPACE)}{bound.lstrip('<>=!~')}"
            for bound in bounds
        ]
        quote = draw(st.sampled_from("'\""))
        marker = f"{draw(SPACE)};{draw(SPACE)}os_name{draw(SPACE)}=={draw(SPACE)}{quote}nt{quote}"
        return f"{name}{options}{draw(SPACE)}{joined(operators)}{marker}"

    other = draw(st.sampled_from([name.upper(), name.replace("_", "-"), name.replace(".", "__")]))
    return spelling(name), spelling(other)


@settings(max_examples=300, deadline=None)
@given(pairs=st.lists(two_spellings(), max_size=5), data=st.data())
def test_spelling_and_order_do_not_change_the_spec(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    one = asked([first for first, _ in pairs])
    shuffled = data.draw(st.permutations([second for _, second in pairs]))
    duplicated = [*shuffled, *shuffled[:1]]
    assert asked(duplicated) == one
    assert asked("\n".join(duplicated)) == one
    assert asked(list(one.requirements)) == one
