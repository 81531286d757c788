"""The facts of errors besides their messages, and their one form as JSON."""

from __future__ import annotations

import json

import pytest

from headstart.core.header.parse import parse_header
from headstart.core.notebook.find import Notebook, find_header
from headstart.error_facts import RequirementLocation, SourceLocation, Violation, Weight
from headstart.errors import (
    BuildTooLarge,
    ExecutionError,
    HeaderError,
    HeadstartError,
    PolicyError,
    ResolutionError,
    UvError,
)
from tests.core.factory import block, notebook

METADATA = "the notebook's metadata, dependencies, item 3"


@pytest.mark.parametrize(
    "location, for_people, for_programs",
    [(SourceLocation(2, 4, "numpy=1"), "cell 3, line 4", {"cell": 3, "line": 4, "text": "numpy=1"}),
     (SourceLocation(line=4), "line 4 of the notebook", {"line": 4, "text": ""}),
     (SourceLocation(line=3, text="a", where=METADATA), METADATA, {"line": 3, "text": "a"}),
     (SourceLocation(where="the notebook's folder"), "the notebook's folder", {"text": ""})],
)  # fmt: skip
def test_a_location_is_said_in_one_way(
    location: SourceLocation, for_people: str, for_programs: dict[str, object]
) -> None:
    assert (str(location), location.to_json()) == (for_people, for_programs)


PLACE = RequirementLocation("a", SourceLocation(0, 2, "A>=1"))

FACTS = [
    (UvError("No.", log="error: no"), {"log": "error: no"}),
    (HeaderError("No.", location=SourceLocation(0, 2, "x")), {"cell": 1, "line": 2, "text": "x"}),
    (ResolutionError("No.", package="a", requirements=(), chain=("a", "b")),
     {"package": "a", "requirements": [], "chain": ["a", "b"]}),
    (ResolutionError("No.", details={"verb": "lock"}).with_locations([PLACE]),
     {"verb": "lock",
      "places": [{"requirement": "A>=1", "where": "cell 1, line 2", "cell": 1, "line": 2}]}),
    (PolicyError("No.", violations=[Violation("vcs", "a", "No.", "Remove it.")]),
     {"violations": [{"code": "vcs", "requirement": "a", "reason": "No.", "hint": "Remove it."}]}),
    (BuildTooLarge("No.", setting="LIMIT", limit=1, found=2, largest=[Weight("a 1.0", 5)]),
     {"setting": "LIMIT", "limit": 1, "found": 2,
      "largest": [{"package": "a 1.0", "bytes": 5, "files": None}]}),
    (ExecutionError("No.", traceback="Traceback", details={"cell": 1}),
     {"traceback": "Traceback", "cell": 1}),
    (HeadstartError("No."), {}),
]  # fmt: skip


@pytest.mark.parametrize("error, facts", FACTS, ids=lambda value: type(value).__name__)
def test_what_an_error_knows_becomes_json(error: HeadstartError, facts: dict[str, object]) -> None:
    shown = json.loads(json.dumps(error.to_json()))
    assert shown == {"code": error.code, "message": "No.", "hint": "", "details": facts}


@pytest.mark.parametrize("error", [error for error, _ in FACTS], ids=lambda e: type(e).__name__)
def test_an_error_with_another_hint_is_the_same_otherwise(error: HeadstartError) -> None:
    try:
        raise error from ValueError("below")
    except HeadstartError as raised:
        longer = raised.with_hint("First.").with_hint("Then.")
    assert (type(longer), longer.details) == (type(error), error.details)
    assert (longer.message, longer.hint, error.hint) == ("No.", "First. Then.", "")
    assert (longer.__cause__, longer.__traceback__) == (error.__cause__, error.__traceback__)
    assert longer.__suppress_context__


def test_an_error_in_other_words_knows_what_it_knew() -> None:
    error = BuildTooLarge("It is large.", hint="Shrink it.", limit=1, log="no")
    other = error.with_message("The kernel is large.", "Raise it.")
    assert (other.args, other.message, other.hint) == (
        ("The kernel is large.",),
        "The kernel is large.",
        "Raise it.",
    )
    assert (other.limit, other.log, error.message) == (1, "no", "It is large.")


HEADERS = {
    "not closed": Notebook(path="a.py", text="\n# /// script\n# dependencies = []\n"),
    "nearly closed": notebook("# /// script\n#///\n"),
    "nearly opened": notebook("1", "#/// script\n# dependencies = []\n# ///"),
    "two": notebook(block(), block()),
    "too long": notebook(block("#" * 70_000)),
    "not TOML": notebook("1", block("dependencies = [")),
    "a field": notebook(block("", "dependences = []")),
    "a field of the metadata": notebook(metadata={"dependences": []}),
    "a requirement": notebook(block("dependencies = [", '"numpy=1",', "]")),
    "a requirement of the metadata": notebook(metadata=["numpy", "pandas=1"]),
    "a requirement in a string": notebook(metadata="numpy pandas=1=2"),
    "front matter": Notebook(path="a.md", text="---\nheadstart: [\n---\n"),
    "the form of front matter": Notebook(path="a.md", text="---\nheadstart:\n---\n"),
}


def _read(noted: Notebook) -> None:
    found = find_header(noted)
    assert found is not None
    parse_header(found)


@pytest.mark.parametrize("noted", HEADERS.values(), ids=HEADERS.keys())
def test_every_error_of_a_header_has_its_location(noted: Notebook) -> None:
    with pytest.raises(HeaderError) as caught:
        _read(noted)
    location = caught.value.location
    assert location is not None
    assert f"n {location}" in caught.value.message
    assert caught.value.details.items() >= location.to_json().items()
