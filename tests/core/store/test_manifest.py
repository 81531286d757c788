from headstart.core.store.manifest import Distribution, Environment, EnvironmentKind, Manifest
from tests.local_uv import spec

MANIFEST = Manifest(
    key="k",
    kind=EnvironmentKind.ENVIRONMENT,
    lock_digest="",
    python_path="/python",
    python_version="3.12.1",
    site_packages="lib",
    uv_version="1",
    built_at="",
    distributions=(Distribution("alpha", "1.0", direct=True), Distribution("beta", "2.0")),
)


def test_what_is_direct_is_what_this_spec_asks_for():
    packages = Environment("/prefix", MANIFEST).packages(spec("beta>=2").direct)
    assert {item.name: item.direct for item in packages} == {"alpha": False, "beta": True}
