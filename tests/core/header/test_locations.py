"""Where the requirements are that an error is about."""

from __future__ import annotations

import pytest

from headstart.core.header.locations import MAX_LOCATIONS, requirement_locations, with_locations
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.notebook.find import Cell, FoundHeader, Notebook, find_header
from headstart.core.policy import Policy
from headstart.errors import NoSuchPackage, PolicyError, ResolutionError, VersionConflict
from headstart.settings import Settings
from tests.core.factory import block, notebook
from tests.effort import effort


def found_in(noted: Notebook) -> FoundHeader:
    found = find_header(noted)
    assert found is not None
    return found


def in_cell(*lines: str) -> FoundHeader:
    """A header in the second cell, whose TOML begins in its second line."""
    return found_in(notebook("1 + 1", block(*lines)))


def in_metadata(value: object) -> FoundHeader:
    return found_in(notebook(metadata=value))


def in_front_matter(*lines: str) -> FoundHeader:
    return found_in(Notebook((Cell(0, "raw", "\n".join(["---", *lines, "---"])),)))


def missing(name: str, found: FoundHeader) -> PolicyError | ResolutionError:
    """The error of a package that no index has, with its locations."""
    error = NoSuchPackage(
        f"There is no {name}.",
        hint="Look closer.",
        package=name,
        requirements=[f"{name}>=1"],
    )
    return with_locations(error, found)


def refused(found: FoundHeader, *requirements: str) -> PolicyError | ResolutionError:
    """The error of requirements that the policy refuses, with their locations."""
    with pytest.raises(PolicyError) as raised:
        Policy(Settings()).check_spec(EnvironmentSpec(requirements))
    return with_locations(raised.value, found)


LISTS = {
    ("dependencies = ['pandsa']",): 2,
    ('dependencies = ["numpy", "pandsa"]',): 2,
    ('requires-python = ">=3.11"', "dependencies = [", '  "numpy",', '  "pandsa>=2,<3",', "]"): 5,
    ("[tool.uv]", "constraint-dependencies = [", '  "pandsa<2",', "]"): 4,
    ("[tool.uv]", 'override-dependencies = ["pandsa"]'): 3,
    ("dependencies = [", '  "pandsa-more",', '  "more-pandsa", "pandsa"]'): 4,
    ("dependencies = [", '  # "pandsa" was here,', '  "pandsa", # "pandsa"', "]"): 4,
    ('# dependencies = ["pandsa"]', "dependencies = [", "", '"pandsa [all] ; os_name"', "]"): 5,
    ("[tool.headstart]", 'constraints = ["pandsa<3"]'): 3,
    ("[tool.headstart]", "refresh = true", "overrides = [", "'pandsa<3']"): 5,
    ("tool.headstart.overrides = ['pandsa']",): 2,
    (r'dependencies = ["\u0070andsa"]',): 2,
}


@pytest.mark.parametrize("lines, line", LISTS.items(), ids=range(len(LISTS)))
def test_a_block_has_the_line_of_the_item(lines: tuple[str, ...], line: int) -> None:
    lines = tuple(text.replace("os_name", "os_name == 'posix'") for text in lines)
    error = missing("pandsa", in_cell(*lines))
    [place] = error.details["places"]
    assert (place["cell"], place["line"]) == (2, line)
    assert place["where"] == f"cell 2, line {line}"
    assert error.hint == f"Look closer. pandsa is in cell 2, line {line}."


@pytest.mark.parametrize("written", ["Pandsa_X.Typo", "pandsa.x-typo[all]>=2", "PANDSA--X_typo"])
def test_names_are_compared_as_the_index_does(written: str) -> None:
    error = missing("pandsa-x-typo", in_cell(f'dependencies = ["{written}"]'))
    assert [place["requirement"] for place in error.details["places"]] == [written]


@pytest.mark.parametrize(
    "lines",
    [['dependencies = ["pandsa-more", "more-pandsa"] # pandsa'],
     ["# pandsa", 'dependencies = ["numpy"]'],
     ['[tool.headstart]', 'requirements = "pandsa.txt"', 'preload = ["pandsa"]'],
     ["dependencies = []"], []],
)  # fmt: skip
def test_what_stands_elsewhere_has_no_place(lines: list[str]) -> None:
    error = missing("pandsa", in_cell(*lines))
    assert "places" not in error.details
    assert error.hint == "Look closer."


def test_an_inline_table_has_no_lines_and_so_no_place() -> None:
    found = in_cell("dependencies = ['numpy']", "[tool]", "headstart = {overrides = ['pandsa']}")
    assert [place.name for place in requirement_locations(found)] == ["numpy"]


@pytest.mark.parametrize(
    "value, where",
    [("numpy pandsa>=2", "dependencies, line 1"), ("numpy\npandsa", "dependencies, line 2"),
     (["numpy", "pandsa"], "dependencies, item 2"),
     ({"constraints": ["pandsa<2"]}, "constraints, item 1")],
)  # fmt: skip
def test_the_metadata_have_items_and_no_lines(value: object, where: str) -> None:
    error = missing("pandsa", in_metadata(value))
    [place] = error.details["places"]
    assert place.keys() == {"requirement", "where"}
    assert error.hint.endswith(f" pandsa is in the notebook's metadata, {where}.")


@pytest.mark.parametrize(
    "lines, line",
    [(["headstart:", "  dependencies: [numpy, 'pandsa>=2']"], 3),
     (["title: pandsa", "headstart:", "    dependencies:", "    - pandsa-x # pandsa",
       "    - pandsa>=2"], 6),
     (["headstart: [numpy,", "  pandsa]"], 3), (["headstart:", "- numpy", '- "pandsa"'], 4),
     (["headstart:", "  constraints:", "   - pandsa<3"], 4)],
)  # fmt: skip
def test_front_matter_has_the_line_of_the_item(lines: list[str], line: int) -> None:
    error = missing("pandsa", in_front_matter(*lines))
    [place] = error.details["places"]
    assert (place["cell"], place["line"]) == (1, line)


def test_a_string_in_front_matter_has_lines_of_its_own() -> None:
    error = missing("pandsa", in_front_matter("headstart: |", "  numpy", "  pandsa>=2"))
    assert error.hint.endswith(" is in the notebook's front matter, dependencies, line 2.")


@pytest.mark.parametrize(
    "path, text, line",
    [("a.py", "\n\n" + block("dependencies = [", '  "pandsa",', "]"), 5),
     ("a.py", "# ---\n# headstart:\n#   dependencies:\n#   - pandsa\n# ---\n", 4),
     ("a.md", "---\njupyter:\n  headstart: [numpy, pandsa]\n---\n", 3)],
)  # fmt: skip
def test_a_text_notebook_has_lines_and_no_cells(path: str, text: str, line: int) -> None:
    error = missing("pandsa", found_in(Notebook(path=path, text=text)))
    [place] = error.details["places"]
    assert place == {"requirement": "pandsa", "where": f"line {line} of the notebook", "line": line}


def test_all_that_exclude_each_other_are_named() -> None:
    found = in_cell("dependencies = [", '"a>2",', '"b",', '"c",', "]",
                    "tool.headstart.constraints = ['a<2']")  # fmt: skip
    error = with_locations(VersionConflict("No.", requirements=["a>2", "c", "of-a-file"]), found)
    assert [place["line"] for place in error.details["places"]] == [3, 5, 7]
    assert error.hint == ("a is in cell 2, line 3 and in cell 2, line 7; c is in cell 2, line 5.")


def test_what_the_policy_refuses_has_its_place_and_no_secret() -> None:
    url = "https://user:secret@example.org/pandsa.whl"
    found = in_cell("dependencies = [", '"pandsa",', f'"Pandsa @ {url}",', "]")
    error = refused(found, "pandsa", f"pandsa @ {url}")
    [place] = error.details["places"]
    assert (place["line"], "secret" in str(error.details)) == (4, False)


def test_what_a_file_asks_for_is_not_looked_for_in_the_header() -> None:
    error = refused(in_cell("dependencies = ['pandsa']"), "pandsa @ https://example.org/pandsa.whl")
    assert "places" not in error.details


def test_places_are_named_once_and_not_without_end() -> None:
    found = in_cell(f"dependencies = {['pandsa>=1'] * 300}")
    error = missing("pandsa", found)
    hint = error.hint
    error = with_locations(error, found)
    assert (len(error.details["places"]), error.hint) == (MAX_LOCATIONS, hint)


def test_an_error_names_the_places_of_each_notebook_that_it_is_shown_for() -> None:
    error = NoSuchPackage("There is no pandsa.", hint="Look closer.", package="pandsa")
    first = with_locations(error, in_cell("dependencies = ['pandsa']"))
    second = with_locations(error, in_cell("dependencies = [", "'pandsa',", "]"))
    assert [place["line"] for place in first.details["places"]] == [2]
    assert [place["line"] for place in second.details["places"]] == [3]
    assert second.hint == "Look closer. pandsa is in cell 2, line 3."
    assert (error.hint, error.locations) == ("Look closer.", ())


def test_the_longest_header_is_looked_through_in_no_time() -> None:
    items = "\n".join(f'"p{number}>=1", # {"x" * 190}' for number in range(300)).splitlines()
    found = in_cell("dependencies = [", *items, "]")

    def look() -> None:
        assert len(list(requirement_locations(found))) == 300

    assert effort(look, rounds=1) < 500
