from __future__ import annotations

from collections.abc import Iterator

import pytest

from headstart.core.header.normalise import spec_of
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.pylock import Lock, parse_lock
from headstart.core.policy import Policy, raise_violations
from headstart.error_facts import Violation
from headstart.errors import PolicyError
from headstart.settings import Settings
from tests.core.factory import lock_text, metadata_header, package_lines, pure, spec_for, wheel_line

POLICY = Policy(Settings())
WHEEL = "six-1.16.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "requirement, code",
    [
        ("a @ https://example.org/a-1-py3-none-any.whl#sha256=ab", "direct-url"),
        ("a @ git+https://example.org/a", "vcs"),
        ("a @ GIT+SSH://git@example.org/a", "vcs"),
        ("a @ hg+https://example.org/a", "vcs"),
        ("a @ file:///etc/a.whl", "local-path"),
        ("a @ ../folder", "local-path"),
        ("a @ folder ; os_name == 'posix'", "local-path"),
    ],
)
def test_packages_from_elsewhere_are_refused(requirement: str, code: str) -> None:
    [violation] = POLICY.of_spec(spec_for([requirement, "numpy"]))
    assert (violation.code, violation.requirement) == (code, "a")
    assert "in the header's local-extras" in violation.hint
    assert "alone" not in violation.hint


@pytest.mark.parametrize("name", ["constraints", "overrides"])
def test_constraints_and_overrides_are_checked_too(name: str) -> None:
    header = metadata_header(**{name: ["a @ https://example.org/a.whl"]})
    assert [violation.code for violation in POLICY.of_spec(spec_of(header))] == ["direct-url"]


def lock_of(url: str, **more: str) -> Lock:
    return parse_lock(lock_text(package_lines("six", "1.16.0", wheel_line(WHEEL, url=url), **more)))


def test_hashed_wheels_of_an_index_are_allowed() -> None:
    assert POLICY.of_lock(parse_lock(lock_text(pure("six", "1.16.0")))) == ()
    assert POLICY.of_lock(lock_of(f"http://127.0.0.1:8000/{WHEEL}")) == ()


@pytest.mark.parametrize(
    "folder, allowed",
    [("/srv/my wheels", True), ("file:///srv/my%20wheels/", True), ("/srv/my", False),
     ("/srv/my wheels/x", False), ("https://example.org/srv", False), ("", False)],
)  # fmt: skip
def test_local_wheels_come_from_the_folders_of_the_settings_alone(
    folder: str, allowed: bool
) -> None:
    lock = lock_of(f"file:///srv/my%20wheels/{WHEEL}")
    assert (POLICY._replace(folders=lambda: [folder]).of_lock(lock) == ()) is allowed


@pytest.mark.parametrize(
    "url",
    [f"file:///srv/../etc/{WHEEL}", f"file:///srv/%2e%2e/etc/{WHEEL}", f"file://host/srv/{WHEEL}",
     f"/srv/{WHEEL}", WHEEL, f"ftp://example.org/{WHEEL}", f"file:///etc/{WHEEL}"],
)  # fmt: skip
def test_wheels_from_any_other_place_are_refused(url: str) -> None:
    [violation] = POLICY._replace(folders=lambda: ["/srv"]).of_lock(lock_of(url))
    assert (violation.code, violation.requirement) == ("local-path", "six==1.16.0")


@pytest.mark.parametrize("sha", ["", "ab", "g" * 64])
def test_a_wheel_without_a_hash_is_refused(sha: str) -> None:
    lock = parse_lock(lock_text(pure("six", "1.16.0", sha=sha)))
    assert [violation.code for violation in POLICY.of_lock(lock)] == ["no-hash"]


@pytest.mark.parametrize("kind", ["sdist", "vcs", "directory", "archive"])
def test_what_is_no_wheel_is_refused(kind: str) -> None:
    lock = parse_lock(
        lock_text(f'\n[[packages]]\nname = "six"\nversion = "1"\n{kind} = {{path = "x"}}\n')
    )
    assert [violation.code for violation in POLICY.of_lock(lock)] == [kind]


def test_a_package_of_an_index_that_is_not_configured_is_refused() -> None:
    lock = lock_of(f"https://example.org/{WHEEL}", extra='index = "https://Example.org/simple/"')
    configured = POLICY._replace(indexes=["https://me:x@example.org/simple"])
    assert POLICY.of_lock(lock) == configured.of_lock(lock) == ()
    [violation] = POLICY._replace(indexes=["https://other.org/simple"]).of_lock(lock)
    assert violation.code == "foreign-index"


def test_one_error_names_all_violations_and_no_credentials() -> None:
    spec = spec_for(["a @ https://me:canary@example.org/a.whl", "b @ git+https://example.org/b"])
    with pytest.raises(PolicyError) as caught:
        POLICY.check_spec(spec)
    assert "comes from a URL" in str(caught.value)
    assert "comes from a repository" in str(caught.value)
    assert len(caught.value.details["violations"]) == 2
    assert "canary" not in str(caught.value.to_json())


def test_of_a_lock_that_a_notebook_brings_only_what_it_has_is_judged() -> None:
    POLICY.check_provided_lock(lock_of(f"file:///etc/{WHEEL}"))
    with pytest.raises(PolicyError, match="no SHA-256"):
        POLICY.check_provided_lock(parse_lock(lock_text(pure("six", "1.16.0", sha="ab"))))


def test_where_wheels_may_lie_is_looked_up_for_locks_alone() -> None:
    looked: list[str] = []
    policy = POLICY._replace(folders=lambda: looked)
    policy.check_spec(spec_for(["numpy"]))
    policy.check_provided_lock(lock_of(f"file:///srv/{WHEEL}"))
    looked.append("/srv")
    policy.check_lock(lock_of(f"file:///srv/{WHEEL}"))


def test_a_rule_that_is_listed_is_in_force_with_its_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def few(spec: EnvironmentSpec, policy: Policy) -> Iterator[Violation]:
        if len(spec.requirements) > policy.settings.max_packages:
            yield Violation("many", "", "It asks for too much.", "Ask for less.")

    monkeypatch.setattr("headstart.core.policy.SPEC_RULES", (few,))
    spec = spec_for(["numpy", "pandas"])
    Policy(Settings(max_packages=2)).check_spec(spec)
    with pytest.raises(PolicyError, match="asks for too much"):
        Policy(Settings(max_packages=1)).check_spec(spec)


def test_no_violation_raises_nothing() -> None:
    raise_violations(())
