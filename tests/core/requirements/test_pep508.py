"""Dependency specifiers (PEP 508): the examples and the list of tests of the specification."""

from __future__ import annotations

from itertools import product

import pytest
from packaging.requirements import Requirement

from headstart.core.policy import Policy
from headstart.core.requirements.grammar import canonical, parse_requirement
from headstart.core.requirements.tokens import RequirementProblem
from headstart.settings import Settings
from tests.core.factory import spec_for

NAMED = [
    ("A", "a"),
    ("A.B-C_D", "a-b-c-d"),
    ("aa", "aa"),
    ("name", "name"),
    ("name<=1", "name<=1"),
    ("name>=3", "name>=3"),
    ("name>=3,", "name>=3"),
    ("name>=3,<2", "name<2,>=3"),
    (
        "name[quux, strange];python_version<'2.7' and platform_version=='2'",
        'name[quux,strange]; python_version < "2.7" and platform_version == "2"',
    ),
    (
        'requests [security,tests] >= 2.8.1, == 2.8.* ; python_version < "2.7"',
        'requests[security,tests]==2.8.*,>=2.8.1; python_version < "2.7"',
    ),
    ('argparse;python_version<"2.7"', 'argparse; python_version < "2.7"'),
    ("requests[security,tests]", "requests[security,tests]"),
    ("name (>=3,<4)", "name<4,>=3"),
    ("name\t>=\t3", "name>=3"),
    ("name[]", "name"),
    ("name===legacy", "name===legacy"),
    ("name; 'linux' in sys_platform", 'name; "linux" in sys_platform'),
    ("name; sys_platform not  in 'win32'", 'name; sys_platform not in "win32"'),
]
DIRECT = [
    "name@http://foo.com",
    "name [fred,bar] @ http://foo.com ; python_version=='2.7'",
    "pip @ https://code.example.org/pip/archive/1.3.1.zip#sha1=da9234ee9982d4bbb3c72346a6de940a",
    "pip @ git+https://code.example.org/pip.git@7921be1537eac1e97bc40179a57f0349c2aee67d",
    "pip @ file:///localbuilds/pip-1.3.1-py33-none-any.whl",
]
# With the expressions of Python that they are to be read as.
MARKERS = [
    ("name; os_name=='a' or os_name=='b'", lambda name, _: name in ("a", "b")),
    (
        "name; os_name=='a' and sys_platform=='b' or os_name=='c'",
        lambda name, system: (name == "a" and system == "b") or name == "c",
    ),
    (
        "name; os_name=='a' and (sys_platform=='b' or os_name=='c')",
        lambda name, system: name == "a" and system == "b",
    ),
    (
        "name; os_name=='a' or os_name=='b' and sys_platform=='c'",
        lambda name, system: name == "a" or (name == "b" and system == "c"),
    ),
    (
        "name; (os_name=='a' or os_name=='b') and sys_platform=='c'",
        lambda name, system: name in ("a", "b") and system == "c",
    ),
]
INVALID = [
    "", ";", "name;", "name; ", "-name", "name-", "_name", "name=1", "name=>1", "name>=",
    "name>=1<2", "name ~1", "name[", "name]", "name[a", "name[a,,b]", "name[a b]", "name[-a]",
    "name @", "name@", "name (>=1", "name >=1)", "name; os_name", "name; os_name == ",
    "name; os_name == 'a",
    "name; os_name = 'a'", "name; unknown == 'a'", "name; os_name == 'a' and",
    "name; (os_name == 'a'",
    "name; not os_name == 'a'", "name other", "name\nother", "näme", "name>=1; os_name=='a';",
    "name==1.0.dev1.*", "name==1.0+foo1.*", "name~=1", "name~=1.0+local", "name>=1.0+local",
]  # fmt: skip


@pytest.mark.parametrize("text, written", NAMED)
def test_a_specifier_is_read_and_written_in_one_way(text: str, written: str) -> None:
    assert canonical(parse_requirement(text)) == written
    assert canonical(parse_requirement(written)) == written
    assert spec_for([text]).requirements == (written,)
    assert not Policy(Settings()).of_spec(spec_for([text]))


@pytest.mark.parametrize("text", DIRECT)
def test_a_direct_reference_is_read_and_then_refused_by_the_policy(text: str) -> None:
    requirement = parse_requirement(text)
    assert requirement.url == Requirement(text).url
    assert canonical(parse_requirement(canonical(requirement))) == canonical(requirement)
    assert Policy(Settings()).of_spec(spec_for([text]))


@pytest.mark.parametrize("text, meaning", MARKERS, ids=[text for text, _ in MARKERS])
def test_markers_bind_as_the_specification_says(text: str, meaning) -> None:
    [line] = spec_for([text]).requirements
    marker = Requirement(line).marker
    assert marker is not None
    for name, system in product("abcd", repeat=2):
        assert marker.evaluate({"os_name": name, "sys_platform": system}) is meaning(name, system)


@pytest.mark.parametrize("text", INVALID)
def test_what_the_grammar_does_not_allow_is_refused(text: str) -> None:
    with pytest.raises(RequirementProblem):
        parse_requirement(text)
