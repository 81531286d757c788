"""What a power cut leaves of uv's cache: files that are empty."""

from pathlib import Path

import pytest

from headstart.environments.build.build import build_environment
from headstart.environments.resolve.resolve import resolve
from headstart.errors import BuildError
from tests.local_uv import spec, this_python


def get(context, *requirements):
    asked = spec(*requirements)
    lock = resolve(asked, this_python(), context)
    return build_environment(lock, this_python(), asked, context)


def empty(cache, names):
    files = [path for name in names for path in cache.glob(f"archive-*/*/**/{name}")]
    for path in filter(Path.is_file, files):
        path.chmod(0o600)
        path.write_bytes(b"")
    assert files


@pytest.mark.parametrize(
    "names", [["alpha.py"], ["WHEEL"], ["METADATA"], ["alpha.py", "RECORD"], ["*"]]
)
def test_wheels_whose_files_are_empty_are_fetched_again(context, names):
    get(context, "alpha==1.0").close()
    for part in list(context.store.parts.names()):
        context.store.parts.discard(part)
    empty(context.store.uv_cache, names)
    with get(context, "alpha==1.0", "helper") as leased:
        site_packages = leased.environment.site_packages
    assert Path(site_packages, "alpha.py").read_text() == "__version__ = '1.0'\n"


def test_a_wheel_that_is_wrong_itself_is_refused_all_the_same(context):
    with pytest.raises(BuildError, match="python3"):
        get(context, "evil-python")
    assert context.store.entries() == []
