from __future__ import annotations

from typing import Any

import pytest

from headstart.core.header.normalise import spec_of
from headstart.core.notebook.find import HeaderPlace
from headstart.core.refresh import RefreshMode
from headstart.errors import HeaderError, RequirementError
from tests.core.factory import block, cell_header, header_of, metadata_header, notebook
from tests.effort import effort


def test_a_block_says_all_fields() -> None:
    header = cell_header(
        'requires-python = ">=3.11"',
        "dependencies = [",
        '  "NumPy >= 1.24",  # why',
        "  'pandas[excel] ; python_version < \"4\"',",
        "]",
        "",
        "[tool.headstart]",
        'python-version = "3.12"',
        "refresh = true",
        "exclude-newer = 2026-01-31",
        'constraints = ["Pillow<11"]',
        'overrides = ["six==1.16"]',
        "[tool.ruff]",
        "line-length = 100",
    )
    canonical = [requirement.canonical for requirement in header.requirements]
    assert canonical == ["numpy>=1.24", 'pandas[excel]; python_version < "4"']
    assert set(header.requires_python.split(",")) == {">=3.11", "==3.12.*"}
    assert header.refresh is RefreshMode.EPHEMERAL
    assert header.exclude_newer == "2026-01-31"
    assert (header.constraints, header.overrides) == (("pillow<11",), ("six==1.16",))


def test_a_requirement_knows_its_cell_and_line() -> None:
    source = "x = 1\n" + block("dependencies = [", "# numpy is slow", '"numpy",', '"a", "b"', "]")
    header = header_of(notebook("import os", source))
    lines = [(item.text, item.location.line) for item in header.requirements]
    assert lines == [("numpy", 5), ("a", 6), ("b", 6)]
    assert str(header.requirements[0].location) == "cell 2, line 5"


@pytest.mark.parametrize(
    "value",
    ["numpy==1.24.0 pandas>=2.0.0", "numpy==1.24.0, pandas>=2.0.0", "numpy==1.24.0\npandas>=2.0.0",
     ["numpy==1.24.0", "pandas>=2.0.0"]],
)  # fmt: skip
def test_metadata_may_be_a_list_or_a_string_of_requirements(value: object) -> None:
    header = header_of(notebook(metadata=value))
    assert [item.text for item in header.requirements] == ["numpy==1.24.0", "pandas>=2.0.0"]


def test_metadata_says_the_same_fields() -> None:
    header = metadata_header(
        dependencies=["numpy"],
        requires_python=">=3.11",
        refresh=True,
        exclude_newer="7 days",
        constraints="pillow<11 six",
    )
    assert header.place is HeaderPlace.METADATA
    assert header.refresh is RefreshMode.EPHEMERAL
    assert header.constraints == ("pillow<11", "six")
    assert (header.requires_python, header.exclude_newer) == (">=3.11", "7 days")


def test_an_empty_header_is_a_header() -> None:
    assert header_of(notebook("# /// script\n# ///")).requirements == ()
    assert metadata_header().requirements == ()


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("numpy==1.24.0 pandas>=2.0.0", ["numpy==1.24.0", "pandas>=2.0.0"]),
        ("numpy, pandas", ["numpy", "pandas"]),
        ("numpy,pandas", ["numpy", "pandas"]),
        ("numpy==1.24.0\npandas", ["numpy==1.24.0", "pandas"]),
        ("pandas>=2,<3", ["pandas<3,>=2"]),
        ("pandas >= 2, < 3", ["pandas<3,>=2"]),
        ("pandas >= 2, < 3, numpy", ["pandas<3,>=2", "numpy"]),
        ("pandas [excel, aws] (>=2, <3) numpy", ["pandas[aws,excel]<3,>=2", "numpy"]),
        ("# all\nnumpy  # fast\n\n pandas\r\n", ["numpy", "pandas"]),
        ('a; python_version < "3.9"\nb', ['a; python_version < "3.9"', "b"]),
        ("a @ https://example.org/a.whl b", ["a @ https://example.org/a.whl", "b"]),
        (" , ,numpy, ", ["numpy"]),
        ("numpy \\\n  >=1 # why\npandas \\", ["numpy>=1", "pandas"]),
        ("a[b,c] ; os_name == 'x' # d\n  # e\n", ['a[b,c]; os_name == "x"']),
        ("", []),
    ],
)
def test_one_string_holds_requirements_apart(text: str, canonical: list[str]) -> None:
    header = metadata_header(dependencies=text)
    assert [item.canonical for item in header.requirements] == canonical


@pytest.mark.parametrize(
    "text, hint",
    [
        ("numpy=1.24", 'write "numpy==1.24"'),
        ("numpy 1.24", 'write "numpy==1.24"'),
        ("numpy>=1 <2", '"numpy>=1,<2"'),
        ("numpy pandas", '"numpy", "pandas"'),
        ("python>=3.9", 'requires-python = ">=3.9"'),
        ("-r other.txt", 'requirements = "other.txt"'),
        ("--index-url=https://example.org", "by its name"),
        ("-e .", "by its name"),
        ("./folder", "in the header's local-extras"),
        ("a-1.0-py3-none-any.whl", "in the header's local-extras"),
        ("file:///etc/passwd", "in the header's local-extras"),
        ("git+https://example.org/a", "in the header's local-extras"),
        ("pandas≥2", "plain letters"),
        ("a\n--index-url=x", "plain letters"),
        ("a\x00", "plain letters"),
        ("a\ud800", "plain letters"),
        ("${HOME}", "looks like"),
        ("a==${HOME}", "looks like"),
        ("a; platform_version == '${HOME}'", "looks like"),
        ("a \\", "looks like"),
        ("a===--index-url", "looks like"),
        ("a; platform_version == '#1'", "looks like"),
        ("", "looks like"),
    ],
)
def test_what_is_no_requirement_is_refused_with_the_way_out(text: str, hint: str) -> None:
    with pytest.raises(RequirementError, match="item 2") as caught:
        metadata_header(dependencies=["numpy", text])
    assert hint in caught.value.hint
    assert caught.value.details["text"] == text
    str(caught.value).encode("utf-8")


def test_the_error_of_a_requirement_names_cell_line_and_text() -> None:
    with pytest.raises(RequirementError, match='In cell 1, line 4: "numpy=1"') as caught:
        cell_header("dependencies = [", '"pandas",', '"numpy=1",', "]")
    assert caught.value.details == {"cell": 1, "line": 4, "text": "numpy=1"}


def test_credentials_in_a_header_are_not_shown() -> None:
    with pytest.raises(RequirementError) as caught:
        metadata_header(dependencies=["https://me:canary@example.org/a.whl"])
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "lines, line, says",
    [
        (['dependencies = ["a"', '"b"]'], 3, "TOML"),
        (["dependencies = ["], 2, "ends too early"),
        (["dependencies = [a]"], 2, "Invalid value"),
        (["a = 1", "dependancies = []"], 2, '"a" is not a field'),
        (["dependancies = []"], 2, 'mean "dependencies"'),
        (["dependencies = 'numpy'"], 2, "is a string"),
        (["dependencies = [1]"], 2, "item 1 of dependencies is a whole number"),
        (["refresh = true"], 2, "under [tool.headstart]"),
        (["requires-python = '3.12'"], 2, 'Write "==3.12.*"'),
        (["requires-python = '3.12.1'"], 2, 'Write "==3.12.1"'),
        (["requires-python = 3.12"], 2, "in quotes"),
        (["requires-python = 'new'"], 2, "not a specifier"),
        (["[tool.headstart]", "refrsh = true"], 3, 'mean "refresh"'),
        (["[tool.headstart]", "refresh = 'yes'"], 3, "true (ephemeral"),
        (["[tool.headstart]", "refresh = 0x" + "f" * 9_000], 3, "a whole number"),
        (["[tool.headstart]", "lock = 'x'"], 3, "`headstart lock` writes it"),
        (["env = {}"], 2, "under [tool.headstart]"),
        (["[tool.headstart]", "dependencies = []"], 3, "above all tables"),
        (["[tool.headstart]", "python-version = '>=3'"], 3, '"3.12.1"'),
        (["[tool.headstart]", "exclude-newer = 'soon'"], 3, '"7 days"'),
        (["[tool.headstart]", "exclude-newer = 2026-01-31T00:00:00"], 3, "with its zone"),
        (["[tool.uv]", "python-preference = 'system'"], 3, "may not set how uv works"),
        (["[tool.uv]", "sources = {}"], 3, "local-extras"),
        (["[tool.uv]", "no-build = false"], 3, "Only wheels are installed"),
        (["[tool.uv]", "no-binary = true"], 3, "Only wheels are installed"),
        (["[tool.uv]", "prerelease = 'allow'"], 3, "pre-release by its version"),
        (["[tool.uv]", "resolution = 'lowest'"], 3, "the versions that you want"),
        (["[tool.uv]", "index-strategy = 'unsafe-best-match'"], 3, "Jupyter's configuration"),
        (["[tool.uv]", "required-version = 1"], 3, "Remove it"),
        (["[tool.uv]", "constraint-dependencies = ['./a']"], 3, "is a path"),
        (["[tool.uv]", "index = 1"], 3, "has a name and a url"),
        (["[[tool.uv.index]]", "name = 'a'"], 2, "has no url"),
        (["[[tool.uv.index]]", "url = 'a'", "explicit = true"], 4, '"explicit" in'),
        (["tool = 1"], 2, "It is a table"),
    ],
)
def test_an_error_names_its_line_and_what_would_be_right(
    lines: list[str], line: int, says: str
) -> None:
    with pytest.raises(HeaderError, match=f"In cell 1, line {line}:") as caught:
        cell_header(*lines)
    assert says in str(caught.value)
    assert caught.value.details["line"] == line


@pytest.mark.parametrize(
    "line",
    ["no-build = true", "no-build-package = ['a']", "no-sources = true", "resolution = 'highest'",
     "required-version = '>=0.5'", "index-strategy = 'first-index'",
     "prerelease = 'if-necessary-or-explicit'"],
)  # fmt: skip
def test_what_tool_uv_says_that_is_so_anyway_changes_nothing(line: str) -> None:
    assert spec_of(cell_header("[tool.uv]", line)) == spec_of(cell_header("[tool.uv]"))


def test_constraints_and_overrides_of_tool_uv_are_as_our_own() -> None:
    uv = ("[tool.uv]", "constraint-dependencies = ['A<2']", "override-dependencies = ['b==1']")
    ours = ("[tool.headstart]", "constraints = ['a<2']", "overrides = ['b==1']")
    assert spec_of(cell_header(*uv)) == spec_of(cell_header(*ours))
    both = cell_header(*uv, "[tool.headstart]", "constraints = ['c<3']")
    assert both.constraints == ("c<3", "a<2")


def test_two_headers_in_one_comment_say_how_to_part_them() -> None:
    with pytest.raises(HeaderError, match="empty line") as caught:
        header_of(notebook(block() + "\n" + block()))
    assert caught.value.details["line"] == 2


@pytest.mark.parametrize(
    "value, canonical",
    [("2026-01-31", "2026-01-31"), ("7 days", "7 days"), ("1 Week", "1 week"), ("", ""),
     ("P7D", "7 days"), ("PT24H", "24 hours"), ("1 day 2 hours", "26 hours"),
     ("2026-01-31T01:00:00+01:00", "2026-01-31T00:00:00Z")],
)  # fmt: skip
def test_exclude_newer_has_one_spelling(value: str, canonical: str) -> None:
    assert metadata_header(exclude_newer=value).exclude_newer == canonical
    assert cell_header("[tool.uv]", f"exclude-newer = '{value}'").exclude_newer == canonical


def test_python_version_is_a_specifier() -> None:
    assert metadata_header(python_version="3.12").requires_python == "==3.12.*"
    assert metadata_header(python_version="3.12.1").requires_python == "==3.12.1"


@pytest.mark.parametrize(
    "fields, says",
    [
        ({"requires_python": ">=3"}, 'mean "requires-python"'),
        ({"dependencies": "pip install numpy"}, "only the names"),
        ({"dependencies": ["a"] * 301}, "at most 300"),
        ({"dependencies": None}, "a list of strings"),
        ({"dependencies": "a " * 40_000}, "64 KiB"),
        ({"requirement": "x"}, 'mean "requirements"'),
        ({"\ud800": 1}, "not a field"),
        ({"refresh": None}, "true (ephemeral"),
    ],
)
def test_metadata_that_means_nothing_is_an_error(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(HeaderError, match="In the notebook's metadata") as caught:
        header_of(notebook(metadata=fields))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        ["a." * 20_000 + "a = 1"],
        ['"a".' * 12_000 + "a = 1"],
        ['"\'".' * 10_000 + "a = 1"],
        ['x = [{a = """', '""", ' + "k." * 20_000 + 'k = "1"}]'],
        [f"a{n}." + "b." * 60 + "c = 1" for n in range(450)],
        ["x = " + "[" * 30_000],
        ["x = " + "{a=" * 10_000],
        ["x = " + "1" * 60_000],
        ['dependencies = ["a==' + "1" * 60_000 + '"]'],
        ['dependencies = ["a; ' + "(" * 400 + "os_name == 'x'" + ")" * 400 + '"]'],
        ['dependencies = ["a; ' + "os_name == 'x' and " * 3_000 + "os_name == 'x'\"]"],
        ["dependencies = [" + "'a'," * 12_000 + "]"],
        ['dependencies = ["\ud800"]'],
        ['dependencies = ["\x00"]'],
        ["x" * 60_000 + " = 1"],
    ],
)
def test_hostile_headers_are_refused_quickly_by_our_own_error(lines: list[str]) -> None:
    def refuse() -> None:
        with pytest.raises(HeaderError) as caught:
            cell_header(*lines)
        str(caught.value).encode("utf-8")

    assert effort(refuse, rounds=1) < 150


@pytest.mark.parametrize(
    "text",
    ["a[" * 30_000, "a (" * 20_000, "a" + " " * 60_000 + "!", "a==1," * 12_000, "a-." * 20_000,
     "a @ " * 15_000, ";" * 60_000, "a=" * 30_000, "a\n" * 30_000],
)  # fmt: skip
def test_hostile_strings_are_split_in_linear_time(text: str) -> None:
    def refuse() -> None:
        with pytest.raises(HeaderError):
            metadata_header(dependencies=text)

    assert effort(refuse, rounds=1) < 150
