import pytest

from headstart.core.lock.pylock import LockedPackage
from headstart.errors import PolicyError
from headstart.uv.commands import (
    clean_cache,
    compile_lock,
    install_python,
    locate_packages,
    make_venv,
    parse_locations,
    sync_lock,
)
from tests.local_uv import spec, this_python

HOSTILE = [
    "-r /etc/passwd",
    "-e .",
    "--index-url https://evil.invalid/simple",
    "alpha\n--extra-index-url https://evil.invalid/simple",
    "alpha @ https://evil.invalid/alpha.whl",
    "alpha @ file:///tmp/alpha.whl",
    "./local",
    "alpha; sys_platform == 'a\n-e .'",
    "",
]


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize("field", ["requirements", "constraints", "overrides"])
def test_a_line_that_uv_would_obey_does_not_get_into_a_command(line, field):
    hostile = spec(**{field: (line,)})
    with pytest.raises(PolicyError):
        compile_lock(hostile, this_python())


def test_requirements_are_in_a_file_and_not_in_the_arguments():
    command = compile_lock(spec("alpha >=1", constraints=("beta<2",)), this_python())
    assert command.files == {"requirements.in": "alpha>=1\n", "constraints.txt": "beta<2\n"}
    assert not [word for word in command.argv if "alpha" in word or "beta" in word]


def test_only_wheels_are_resolved_and_installed(tmp_path):
    for command in (
        compile_lock(spec("alpha"), this_python()),
        sync_lock(tmp_path, "", link_mode="copy"),
    ):
        assert command.argv[command.argv.index("--only-binary") + 1] == ":all:"
    assert "--require-hashes" in sync_lock(tmp_path, "", link_mode="copy").argv


def test_the_interpreter_is_an_absolute_path(tmp_path):
    for command in (compile_lock(spec("a"), this_python()), make_venv(tmp_path, this_python())):
        assert command.argv[command.argv.index("--python") + 1] == this_python().path


def test_preferences_lie_where_uv_keeps_its_output():
    command = compile_lock(spec("alpha"), this_python(), preferences="lock", refresh=True)
    assert command.files["pylock.toml"] == "lock"
    assert "--refresh" in command.argv


def test_locations_are_read_from_annotations():
    text = (
        "alpha==1.0\n    # via -r requirements.in\n    # from https://one/simple\n"
        "beta==2.0\n    # from file:///house\n"
        "gamma==3.0\n    # from https://two/simple?token=secret\n"
    )
    assert parse_locations(text) == {
        "alpha": "https://one/simple",
        "beta": "file:///house",
        "gamma": "https://two/simple?token=****",
    }


def test_packages_are_located_by_their_versions_and_markers():
    packages = [LockedPackage("alpha", "1.0"), LockedPackage("beta", "2", marker="os_name == 'nt'")]
    command = locate_packages(packages, this_python(), universal_from="3.11")
    assert command.files == {"requirements.in": 'alpha==1.0\nbeta==2; os_name == "nt"\n'}
    assert command.argv[-4:-1] == ("--universal", "--python-version", "3.11")


def test_a_python_is_asked_for_by_a_parsed_specifier():
    assert install_python(">= 3.12, <4").argv[-1] in {"<4,>=3.12", ">=3.12,<4"}
    with pytest.raises(ValueError, match="Invalid specifier"):
        install_python("--force")


def test_only_names_of_packages_reach_the_cleaning_of_the_cache() -> None:
    assert clean_cache(["Some_Name"]).argv == ("cache", "clean", "--", "some-name")
    for name in ("--force", "a b", "../x", ""):
        with pytest.raises(PolicyError):
            clean_cache([name])
