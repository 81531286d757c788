"""Each class of failure, from what the real uv says about a local index."""

from dataclasses import replace

import pytest

from headstart import errors
from headstart.core.lock.pylock import parse_lock
from headstart.testing.package_index import LocalIndex
from headstart.uv.commands import UvCommand, compile_lock, list_pythons, make_venv, sync_lock
from headstart.uv.diagnosis import diagnose
from tests.local_uv import bare_environ, local_settings, runner, spec, this_python


def failure_of(settings, command):
    with pytest.raises(errors.HeadstartError) as caught:
        runner(settings).run(command)
    return caught.value


def resolve(settings, *requirements, **options):
    return failure_of(settings, compile_lock(spec(*requirements), this_python(), **options))


def test_a_package_that_no_index_has(local):
    error = resolve(local, "alpha", "nothing-of-that-name")
    assert type(error) is errors.NoSuchPackage
    assert error.message == "No package index has a package named nothing-of-that-name."
    assert error.hint == "Check the spelling of nothing-of-that-name in the header."
    assert error.details["package"] == "nothing-of-that-name"


@pytest.mark.parametrize(
    "name, package",
    [("cv2", "opencv-python-headless"), ("PIL", "pillow"), ("yaml", "pyyaml"),
     ("sklearn", "scikit-learn"), ("dateutil>=2", "python-dateutil"), ("Crypto", "pycryptodome")],
)  # fmt: skip
def test_the_name_of_a_module_points_to_its_package(local, name, package):
    error = resolve(local, "alpha", name)
    assert isinstance(error, errors.NoSuchPackage | errors.NoCompatibleWheel)
    assert error.hint.endswith(f"which the package {package} brings: write {package}.")


def test_a_module_of_python_itself_is_to_be_left_out(local):
    assert resolve(local, "json").hint == "json is a module of Python itself: leave it out."


def test_a_package_that_another_one_needs_and_no_index_has(local):
    error = resolve(local, "needs-missing>=1")
    assert type(error) is errors.NoSuchPackage
    assert "named missing" in error.message
    assert error.hint.startswith("needs-missing>=1 in the header needs it")


@pytest.mark.parametrize("requirement", ["alpha==9", "alpha<7,>5"])
def test_a_version_that_does_not_exist(local, requirement):
    error = resolve(local, requirement)
    assert type(error) is errors.NoSuchVersion
    assert error.message.startswith(f"No version of alpha satisfies {requirement}.")
    assert error.hint == f"Change {requirement} in the header."


def test_a_version_that_was_yanked_is_named(local, index):
    index.yanked["alpha-1.0-py3-none-any.whl"] = "too slow"
    error = resolve(local, "alpha<2")
    index.yanked.clear()
    assert type(error) is errors.NoSuchVersion
    said = "alpha 1.0 was yanked, and no other version of it satisfies alpha<2."
    assert error.message == said
    assert error.hint.startswith("Change alpha<2 in the header; alpha==1.0 takes it all the same.")


def test_an_index_without_upload_times_is_named(local, index):
    page = (
        f'<a href="{index.url}/../files/alpha-1.0-py3-none-any.whl">alpha-1.0-py3-none-any.whl</a>'
    )
    index.pages["alpha"] = (200, "text/html", page.encode())
    error = resolve(local, "alpha", exclude_newer="2024-01-01")
    index.pages.clear()
    assert type(error) is errors.NoSuchVersion
    assert "tells no upload times" in error.hint


def test_a_limit_on_upload_times_is_named_where_it_leaves_nothing(local):
    error = resolve(local, "alpha", exclude_newer="1990-01-01")
    assert type(error) is errors.NoSuchVersion
    assert error.hint.endswith("exclude-newer leaves out what was uploaded after 1990-01-01.")


def test_a_version_that_another_package_needs_and_that_does_not_exist(local):
    error = resolve(local, "needs-newer")
    assert type(error) is errors.NoSuchVersion
    assert error.message.startswith("needs-newer needs a version of alpha that does not exist.")
    assert error.details["requirements"] == ["needs-newer"]


def test_requirements_that_exclude_each_other_are_named_with_the_chain(local):
    error = resolve(local, "alpha", "delta", "gamma")
    assert type(error) is errors.VersionConflict
    assert error.message.startswith("The requirements delta and gamma exclude each other: ")
    assert "all versions of delta depend on beta" in error.message
    assert error.hint == "Change one of them in the header: delta, gamma."
    assert len(error.details["chain"]) == 3


def test_two_ranges_of_one_package_that_exclude_each_other(local):
    assert type(resolve(local, "alpha<2", "gamma")) is errors.VersionConflict


@pytest.mark.parametrize(
    "name, what", [("windows", "platform"), ("old-abi", "Python"), ("source", "only its source")]
)
def test_a_package_without_a_wheel_that_fits(local, name, what):
    error = resolve(local, name)
    assert type(error) is errors.NoCompatibleWheel
    assert f"{name} has no wheel" in error.message
    assert what in error.message
    assert f"Change {name} in the header" in error.hint
    assert "--" not in error.hint


def test_a_package_for_a_later_python(local):
    error = resolve(local, "future")
    assert type(error) is errors.NoCompatibleWheel
    assert error.message == "future needs Python >=3.99."
    assert 'requires-python = ">=3.99"' in error.hint


def test_an_index_that_no_server_serves(local):
    error = resolve(replace(local, default_index="http://127.0.0.1:9/simple"), "alpha")
    assert type(error) is errors.IndexUnreachable
    assert "http://127.0.0.1:9/simple" in error.message


def test_an_index_with_a_name_that_does_not_exist(local):
    error = resolve(replace(local, default_index="http://index.invalid/simple"), "alpha")
    assert type(error) is errors.IndexUnreachable


@pytest.mark.parametrize("given", ["", "user:wrong-secret@"])
def test_an_index_that_wants_other_credentials(local, house, given):
    with LocalIndex(house, credentials=("user", "right-secret")) as private:
        url = private.url.replace("://", f"://{given}")
        error = resolve(replace(local, default_index=url), "alpha")
    assert type(error) is errors.IndexUnauthorised
    assert private.url in error.message
    assert "secret" not in f"{error} {error.details}"


JSON = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def rubbish(index):
    """Lets the index answer as pages of the project ``bad`` what is none."""
    yield lambda status, kind, body: index.pages.update(bad=(status, kind, body))
    index.pages.clear()


@pytest.mark.parametrize(
    "kind, body",
    [(JSON, b'{"rubbish'), (JSON, b"[1, 2]"), ("text/plain", b"hello"), ("image/png", b"x")],
)
def test_a_page_that_is_none_of_an_index(local, index, rubbish, kind, body):
    rubbish(200, kind, body)
    url = index.url.replace("://", "://user:right-secret@")
    error = resolve(replace(local, default_index=url), "alpha", "bad")
    assert type(error) is errors.PackageIndexError
    assert error.message == f"What the package index at {index.url}/bad/ answers is no page of one."
    assert "address" in error.hint
    assert "secret" not in f"{error} {error.details}"


@pytest.mark.parametrize("body", [b"<html>Please log in.</html>", bytes(range(256)), b""])
def test_a_page_without_files(local, index, rubbish, body):
    rubbish(200, "text/html", body)
    url = index.url.replace("://", "://user:right-secret@")
    error = resolve(replace(local, default_index=url), "alpha", "bad")
    assert type(error) is errors.NoSuchVersion
    assert error.message.startswith("The package index lists no files of bad")
    assert error.message.endswith(f"{index.url.replace('://', '://****@')}.")
    assert "a log-in" in error.hint
    assert error.details["package"] == "bad"


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable",
                                    "429 Too Many Requests"])  # fmt: skip
def test_an_index_that_answers_with_an_error(local, index, rubbish, status):
    rubbish(int(status[:3]), "text/plain", b"oops")
    error = resolve(local, "bad")
    assert type(error) is errors.IndexUnreachable
    said = f"The package index at {index.url}/bad/ answers with an error: {status}."
    assert error.message == said
    assert "Try again later" in error.hint


def test_a_folder_of_wheels_that_is_gone(local, tmp_path):
    error = resolve(replace(local, find_links=(f"{tmp_path}/gone",)), "alpha")
    assert type(error) is errors.PackageIndexError
    said = f"The folder of wheels {tmp_path}/gone cannot be read: No such file or directory."
    assert error.message == said
    assert "find_links" in error.hint


@pytest.mark.parametrize("page, how", [("links", "404 Not Found"), (":9/links", "reached")])
def test_a_page_of_wheels_that_is_not_there(local, index, page, how):
    base = "http://user:right-secret@127.0.0.1"
    url = f"{base}{page}" if page[0] == ":" else index.url.replace("http://127.0.0.1", base) + page
    error = resolve(replace(local, find_links=(url,)), "alpha")
    assert isinstance(error, errors.PackageIndexError)
    assert error.message.startswith("The page of wheels at http://")
    assert how in error.message
    assert "secret" not in f"{error} {error.details}"


@pytest.mark.parametrize("name", ["wants-url", "wants-wants"])
def test_a_package_that_requires_another_one_from_a_url(local, name):
    error = resolve(local, "alpha", name)
    assert type(error) is errors.ResolutionError
    assert error.message == (
        "wants-url 1.0 requires away from a URL, which is not allowed: "
        '"https://****@example.org/away-1.0-py3-none-any.whl".'
    )
    assert error.hint.startswith(f"Change {name} in the header")
    assert "local-extras" in error.hint
    assert error.details["package"] == "wants-url"
    assert error.details["requirements"] == [name]
    assert "secret" not in f"{error} {error.details}"


def test_offline_with_a_version_that_is_not_cached(local):
    runner(local).run(compile_lock(spec("alpha==2.0"), this_python()))
    error = resolve(replace(local, offline=True), "alpha==1.0")
    assert type(error) is errors.IndexUnreachable
    assert error.message == "Headstart is offline, and alpha==1.0 is not in uv's cache."


def test_a_limit_of_the_users_is_not_taken_for_an_empty_page(local):
    environ = {**local.environ, "UV_EXCLUDE_NEWER": "1990-01-01"}
    error = resolve(replace(local, environ=environ), "alpha")
    assert type(error) is errors.NoSuchVersion
    assert error.message == "No version of alpha satisfies alpha."
    assert "exclude-newer" in error.hint


def test_offline_with_a_package_that_another_one_needs(local, index):
    runner(local).run(compile_lock(spec("needs-later"), this_python()))
    clean_cache_of = UvCommand("clean-cache", ("cache", "clean", "--", "beta"))
    runner(local).run(clean_cache_of)
    error = resolve(replace(local, offline=True), "alpha", "needs-later")
    assert type(error) is errors.IndexUnreachable
    assert error.message == "Headstart is offline, and beta is not in uv's cache."
    assert error.hint.startswith("Go online once")
    assert "needs-later" in error.hint


def test_offline_with_an_empty_cache(local):
    error = resolve(replace(local, offline=True), "alpha")
    assert type(error) is errors.IndexUnreachable
    assert error.message == "Headstart is offline, and alpha is not in uv's cache."


@pytest.fixture
def empty(local, tmp_path):
    prefix = tmp_path / "prefix"
    runner(local).run(make_venv(prefix, this_python()))
    return prefix


def locked(settings, *requirements):
    command = compile_lock(spec(*requirements), this_python())
    return parse_lock(runner(settings).run(command).stdout).render()


def install(settings, prefix, lock):
    return failure_of(settings, sync_lock(prefix, lock, link_mode="copy"))


def test_a_file_that_is_not_the_one_in_the_lock(local, empty):
    lock = locked(local, "alpha")
    sha256 = parse_lock(lock).packages[0].wheels[0].sha256
    error = install(local, empty, lock.replace(sha256, "0" * 64))
    assert type(error) is errors.HashMismatch
    assert "alpha==2.0" in error.message


def test_a_file_that_is_no_wheel(local, empty, index):
    lock = locked(local, "alpha")
    index.replaced["alpha-2.0-py3-none-any.whl"] = b"no zip file"
    error = install(local, empty, lock)
    assert type(error) is errors.BuildError
    assert error.details["package"] == "alpha==2.0"


def test_a_file_that_the_index_does_not_have_any_more(local, empty):
    lock = locked(local, "alpha").replace("/files/alpha", "/files/gone/alpha")
    error = install(local, empty, lock)
    assert type(error) is errors.PackageIndexError


def test_an_install_offline_of_a_wheel_that_is_not_cached(local, empty):
    error = install(replace(local, offline=True), empty, locked(local, "alpha"))
    assert type(error) is errors.IndexUnreachable
    assert error.message == "Headstart is offline, and alpha==2.0 is not in uv's cache."


@pytest.mark.parametrize("name", ["script-python", "script-outside"])
def test_a_wheel_with_a_script_that_must_not_be(local, empty, name):
    error = install(local, empty, locked(local, name))
    assert type(error) is errors.BuildError
    assert f"{name}==1.0 cannot be installed" in error.message


def test_a_python_that_is_not_there(local, tmp_path):
    missing = this_python()._replace(path="/no/such/python")
    error = failure_of(local, make_venv(tmp_path / "x", missing))
    assert type(error) is errors.InterpreterError
    assert "/no/such/python" in error.message


def test_an_unknown_failure_quotes_uv(local):
    error = failure_of(local, UvCommand("odd", ("pip", "compile", "no-such-file.in")))
    assert type(error) is errors.UvError
    assert "no-such-file.in" in error.message
    assert error.details["exit_code"] != 0


# As uv said it on a full tmpfs: while it downloaded, installed, and made an environment.
FULL_DISKS = [
    """\
Using Python 3.11.7 environment at: prefix
error: Failed to download `contourpy==1.3.3`
  cause: Failed to extract archive: contourpy-1.3.3-cp311-cp311-manylinux_2_28_x86_64.whl
  cause: I/O operation failed during extraction
  cause: failed to write to file `cache/.tmp/contourpy.so`: No space left on device (os error 28)
""",
    """\
Prepared 18 packages in 1.38s
error: Failed to install: fonttools-4.68.0-py3-none-any.whl (fonttools==4.68.0)
  cause: Failed to copy to `prefix/lib/python3.11/site-packages/fontTools/bezierTools.so`
  cause: failed to copy file from cache/a.so to prefix/.tmp: No space left on device (os error 28)
""",
    """\
error: Failed to create virtual environment
  cause: failed to write to file `prefix/CACHEDIR.TAG`: No space left on device (os error 28)
""",
]


@pytest.mark.parametrize("log", FULL_DISKS)
def test_a_full_disk(log):
    error = diagnose(list_pythons(), 1, log)
    assert type(error) is errors.DiskFull
    assert "HEADSTART_STORE" in error.hint


def test_the_log_of_an_error_has_no_credentials():
    error = diagnose(list_pythons(), 2, "error: https://user:secret@host/simple is odd")
    assert error.details["log"] == "error: https://****@host/simple is odd"


def test_a_uv_that_says_nothing():
    assert "said nothing" in diagnose(list_pythons(), 7, "").message


def test_settings_of_the_machine_have_no_part_in_these_tests(settings, tmp_path, index):
    assert local_settings(settings, tmp_path, index).environ == bare_environ(tmp_path)
