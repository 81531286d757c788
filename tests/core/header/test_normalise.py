"""From a header to its spec: what means the same becomes the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.header.normalise import spec_of
from headstart.core.header.spec import EMPTY_SPEC, EnvironmentSpec
from headstart.core.refresh import RefreshMode
from tests.core.factory import cell_header, metadata_header, spec_for


def test_no_header_gives_the_empty_spec() -> None:
    assert spec_of(None) == EMPTY_SPEC == spec_of(metadata_header()) == EnvironmentSpec()


def test_requirements_are_normalised_sorted_and_merged() -> None:
    spec = spec_for(["Pandas[Excel]>=2", "numpy", "pandas [AWS] < 3", "NumPy", "ruamel.yaml"])
    assert spec.requirements == ("numpy", "pandas[aws,excel]<3,>=2", "ruamel-yaml")
    assert spec.direct == {"numpy", "pandas", "ruamel-yaml"}


def test_requirements_with_different_markers_stay_apart() -> None:
    spec = spec_for(["a<2; python_version<'3.12'", 'a>=2; python_version >= "3.12"'])
    assert spec.requirements == (
        'a<2; python_version < "3.12"',
        'a>=2; python_version >= "3.12"',
    )


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
    spec = spec_for([first for first, _ in pairs])
    shuffled = data.draw(st.permutations([second for _, second in pairs]))
    duplicated = [*shuffled, *shuffled[:1]]
    assert spec_for(duplicated) == spec
    assert spec_for("\n".join(duplicated)) == spec
    assert spec_for(list(spec.requirements)) == spec
