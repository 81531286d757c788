import pytest

from headstart.core.lock.closure import Closure, check_closure
from tests.local_uv import this_python

MARKERS = this_python().markers
METADATA = {
    "alpha": ["beta>=1", 'gamma; extra == "more"', 'windows-only; sys_platform == "win32"'],
    "beta": [],
    "gamma": ['delta[deep]; python_version >= "3"', "not a requirement"],
    "delta": ['epsilon; extra == "deep"', 'delta[deep]; extra == "all"'],
    "epsilon": [],
}


def checked(*requirements, has="alpha beta", overrides=(), metadata=METADATA, **more):
    versions = dict.fromkeys(has.split(), "1.0")
    read = {name: lines for name, lines in metadata.items() if name in versions}
    return check_closure(requirements, overrides, versions, read, MARKERS, **more)


@pytest.mark.parametrize(
    "requirement, has",
    [
        ("alpha", "alpha beta"),
        ("alpha[more]", "alpha beta gamma delta epsilon"),
        ("Alpha[More] >= 1", "alpha beta gamma delta epsilon"),
        ("delta[all]", "delta epsilon"),
        ('alpha; sys_platform == "plan9"', ""),
    ],
)
def test_what_is_closed_has_no_problems(requirement, has):
    assert checked(requirement, has=has) == Closure()


@pytest.mark.parametrize(
    "requirement, has, problem",
    [
        ("alpha", "alpha", 'alpha requires "beta>=1", which is missing'),
        ("alpha", "beta", 'the header asks for "alpha", which is missing'),
        ("beta>1", "beta", 'the header asks for "beta>1", and beta 1.0 is present'),
        ("beta", "beta gamma", "nothing requires gamma 1.0"),
        ("alpha[more]", "alpha beta gamma delta", "delta requires 'epsilon; extra"),
        ("alpha", "alpha beta epsilon", "nothing requires epsilon 1.0"),
    ],
)
def test_each_way_not_to_be_closed_is_told(requirement, has, problem):
    assert any(line.startswith(problem) for line in checked(requirement, has=has).problems)


def test_what_requires_one_another_but_nobody_asked_for_is_surplus():
    metadata = {**METADATA, "one": ["two"], "two": ["one"]}
    closure = checked("alpha", has="alpha beta one two", metadata=metadata)
    assert closure.problems == ("nothing requires one 1.0", "nothing requires two 1.0")


def test_where_metadata_is_not_known_nothing_is_called_surplus():
    closure = checked("alpha", "other", has="alpha beta other gamma", metadata=METADATA)
    assert (closure.problems, closure.unread, closure.unclear) == ((), ("other",), ("gamma",))


def test_an_override_takes_the_place_of_what_is_required():
    metadata = {**METADATA, "alpha": ["beta>=2"]}
    assert checked("alpha", metadata=metadata).problems
    assert checked("alpha", metadata=metadata, overrides=["beta==1.0"]) == Closure()
    never = ['beta; sys_platform == "plan9"']
    assert checked("alpha", has="alpha", metadata=metadata, overrides=never) == Closure()
    windows = ["windows-only==1.0"]  # whatever the marker of what it replaces says, as in uv
    assert checked("alpha", has="alpha beta windows-only", overrides=windows).problems == ()


def test_a_set_that_may_have_more_is_only_asked_for_what_is_missing():
    assert checked("beta", has="alpha beta epsilon", only=False) == Closure()
    assert checked(has="alpha", only=False).problems == (
        'alpha requires "beta>=1", which is missing',
    )
