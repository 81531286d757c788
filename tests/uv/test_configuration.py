"""The user's own settings count; what lies beside a notebook does not."""

import os
from dataclasses import replace

import pytest

from headstart import envvars
from headstart.errors import SettingsError
from headstart.uv.configuration import read_configuration
from tests.local_uv import bare_environ


@pytest.fixture
def bare(settings, tmp_path):
    return replace(settings, environ=bare_environ(tmp_path))


def with_environ(settings, **environ):
    return replace(settings, environ={**settings.environ, **environ})


def write_user_settings(settings, text):
    path = settings.store.parent / settings.environ["HOME"] / ".config/uv/uv.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_without_settings_uv_gets_who_the_user_is_and_no_more(bare):
    environ = read_configuration(with_environ(bare, SECRET="x", PYTHONPATH="/x")).environ
    assert set(environ) <= {"PATH", "LANG", "HOME", "UV_HTTP_RETRIES", "UV_PYTHON_DOWNLOADS"}


def test_variables_of_uv_that_are_no_setting_are_dropped(bare):
    names = ("UV_OVERRIDE", "UV_CONSTRAINT", "UV_PYTHON", "UV_PROJECT", "UV_NO_VERIFY_HASHES")
    environ = read_configuration(with_environ(bare, **dict.fromkeys(names, "x"))).environ
    assert environ.keys().isdisjoint(names)


def test_the_users_indexes_are_passed_on_in_uvs_order(bare):
    write_user_settings(
        bare,
        'extra-index-url = ["https://third/simple"]\n'
        '[[index]]\nname = "second"\nurl = "https://second/simple"\n'
        '[[index]]\nurl = "https://last/simple"\ndefault = true\n'
        '[[index]]\nname = "pinned"\nurl = "https://pinned/simple"\nexplicit = true\n',
    )
    found = read_configuration(with_environ(bare, UV_INDEX="https://first/simple"))
    assert found.environ["UV_INDEX"] == (
        "https://first/simple second=https://second/simple https://third/simple"
    )
    assert found.environ["UV_DEFAULT_INDEX"] == "https://last/simple"
    assert found.indexes[1] == "https://second/simple"


def test_headstarts_settings_come_before_uvs(bare):
    named = replace(
        bare, default_index="https://ours/simple", extra_indexes=("https://more/simple",)
    )
    found = read_configuration(
        with_environ(named, UV_INDEX_URL="https://theirs/simple", UV_INDEX="https://b/simple")
    )
    assert found.indexes == ("https://more/simple", "https://b/simple", "https://ours/simple")


def test_the_pip_table_comes_before_the_rest_of_the_file(bare):
    write_user_settings(
        bare, 'index-url = "https://a/simple"\n[pip]\nindex-url = "https://b/simple"\n'
    )
    assert read_configuration(bare).indexes == ("https://b/simple",)


def test_a_file_that_the_user_names_replaces_the_others(bare, tmp_path):
    write_user_settings(bare, 'index-url = "https://not-this/simple"\n')
    named = tmp_path / "named.toml"
    named.write_text('index-url = "https://this/simple"\nkeyring-provider = "subprocess"\n')
    found = read_configuration(with_environ(bare, UV_CONFIG_FILE=str(named)))
    assert found.indexes == ("https://this/simple",)
    assert found.environ["UV_KEYRING_PROVIDER"] == "subprocess"
    assert envvars.UV_CONFIG_FILE not in found.environ


def test_the_systems_file_comes_last(bare, tmp_path):
    system = tmp_path / "xdg" / "uv" / "uv.toml"
    system.parent.mkdir(parents=True)
    system.write_text('index-url = "https://system/simple"\nfind-links = ["/opt/a"]\n')
    write_user_settings(bare, 'index-url = "https://user/simple"\nfind-links = ["/opt/b"]\n')
    found = read_configuration(with_environ(bare, XDG_CONFIG_DIRS=str(tmp_path / "xdg")))
    assert found.sources == ("https://user/simple", "file:///opt/b", "file:///opt/a")


def test_folders_of_wheels_become_urls(bare, tmp_path):
    found = read_configuration(replace(bare, find_links=(f"{tmp_path}/a,b",)))
    assert found.environ["UV_FIND_LINKS"] == f"file://{tmp_path}/a%2Cb"
    assert found.folders == (f"file://{tmp_path}/a%2Cb",)


def test_credentials_reach_uv_only(bare):
    url = "https://user:secret@private/simple"
    found = read_configuration(
        with_environ(bare, UV_DEFAULT_INDEX=url, UV_INDEX_PRIVATE_PASSWORD="hidden")
    )
    assert found.environ["UV_DEFAULT_INDEX"] == url
    assert found.environ["UV_INDEX_PRIVATE_PASSWORD"] == "hidden"
    assert "secret" not in repr(found)
    assert "hidden" not in repr(found)


def test_no_python_is_downloaded_by_the_way(bare):
    environ = read_configuration(with_environ(bare, UV_PYTHON_DOWNLOADS="automatic")).environ
    assert environ["UV_PYTHON_DOWNLOADS"] == "never"


def test_offline_is_passed_on(bare):
    assert read_configuration(replace(bare, offline=True)).environ["UV_OFFLINE"] == "1"
    assert "UV_OFFLINE" not in read_configuration(with_environ(bare, UV_OFFLINE="0")).environ


def test_no_index_leaves_the_folders_only(bare, tmp_path):
    found = read_configuration(
        with_environ(replace(bare, find_links=(str(tmp_path),)), UV_NO_INDEX="1")
    )
    assert found.sources == (tmp_path.as_uri(),)
    assert found.arguments == ("--no-index",)


def test_shims_on_the_path_become_the_pythons_they_stand_for(bare, tmp_path):
    for folder in ("shims", "versions/3.12.1/bin", "versions/3.13.0/bin"):
        (tmp_path / "pyenv" / folder).mkdir(parents=True)
    path = os.pathsep.join([str(tmp_path / "pyenv" / "shims"), "/usr/bin"])
    found = read_configuration(with_environ(bare, PATH=path)).environ["PATH"].split(os.pathsep)
    versions = tmp_path / "pyenv" / "versions"
    assert found == [str(versions / "3.13.0/bin"), str(versions / "3.12.1/bin"), "/usr/bin"]


@pytest.mark.parametrize("text", ["index-url = ", "[" * 2000])
def test_a_file_that_cannot_be_read_is_named(bare, text):
    write_user_settings(bare, text)
    with pytest.raises(SettingsError, match=r"uv\.toml"):
        read_configuration(bare)


@pytest.mark.parametrize(
    "limits", ['{ alpha = "2020-01-01" }', '{ a = false, b = "7 days" }', '"x"']
)
def test_limits_of_single_packages_are_refused_rather_than_passed_over(bare, limits):
    write_user_settings(bare, f"exclude-newer-package = {limits}")
    with pytest.raises(SettingsError, match=r"exclude-newer-package in .*uv\.toml limits single"):
        read_configuration(bare)


def test_a_package_that_is_freed_of_the_limit_has_it_all_the_same(bare):
    text = 'exclude-newer = "2020-01-01"\nexclude-newer-package = { alpha = false }'
    write_user_settings(bare, text)
    assert read_configuration(bare).exclude_newer.startswith("2020-01-02T00:00:00")
