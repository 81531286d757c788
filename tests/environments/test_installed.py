import zipfile

import pytest

from headstart.environments.installed import Source, read_distributions
from headstart.errors import EnvironmentDamaged
from headstart.testing.wheels import make_wheel
from tests.local_uv import this_python

MARKERS = this_python().markers


@pytest.fixture
def install(tmp_path):
    def install(name, version="1.0", **fields):
        wheel = make_wheel(tmp_path / "wheels", name, version, **fields)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tmp_path / "site")
        return tmp_path / "site"

    return install


def read(site, *direct):
    return {item.name: item for item in read_distributions(site, MARKERS, direct, {})}


def test_wheels_and_sizes_are_those_that_are_known(install):
    site = install("alpha")
    found = read_distributions(site, MARKERS, (), {"alpha": Source("ab" * 32, 1000)})
    assert (found[0].wheel, found[0].size) == ("ab" * 32, 1000)


def test_requirements_are_evaluated_with_the_interpreters_markers(install):
    install("alpha", requires=["beta; python_version>='3'", "gamma; sys_platform=='none'"])
    install("beta")
    site = install("gamma")
    found = read(site)
    assert found["beta"].required_by == ("alpha",)
    assert found["gamma"].required_by == ()


def test_an_extra_counts_if_somebody_asked_for_it(install):
    install("alpha", requires=["beta[fast]"])
    install("beta", requires=["gamma; extra=='fast'", "delta; extra=='slow'"])
    install("gamma")
    site = install("delta")
    found = read(site, "alpha")
    assert found["gamma"].required_by == ("beta",)
    assert found["delta"].required_by == ()
    assert read(site, "alpha", "beta[slow]")["delta"].required_by == ("beta",)


def test_names_are_normalised(install):
    site = install("Long.Name", modules={"x.py": ""})
    assert read(site, "long_name")["long-name"].direct


@pytest.mark.parametrize(
    "metadata, expected",
    [
        ({"License-Expression": "MIT", "License": "other"}, "MIT"),
        ({"License": "BSD"}, "BSD"),
        ({"License": "The whole text " * 20}, ""),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        ({"License": "UNKNOWN"}, ""),
    ],
)
def test_the_licence_is_short(install, metadata, expected):
    assert read(install("alpha", metadata=metadata))["alpha"].license == expected


@pytest.mark.parametrize(
    "metadata, expected",
    [
        ({"Home-page": "https://a.example"}, "https://a.example"),
        ({"Project-URL": "Homepage, https://b.example"}, "https://b.example"),
        ({"Home-page": "javascript:alert(1)"}, ""),
        ({"Project-URL": "Homepage, file:///etc/passwd"}, ""),
    ],
)
def test_only_web_links_are_home_pages(install, metadata, expected):
    assert read(install("alpha", metadata=metadata))["alpha"].homepage == expected


def test_a_distribution_without_metadata_is_a_damage(install):
    site = install("alpha")
    (site / "alpha-1.0.dist-info" / "METADATA").unlink()
    with pytest.raises(EnvironmentDamaged, match=r"alpha-1\.0\.dist-info"):
        read(site)


def test_distributions_that_require_each_other_are_no_loop(install):
    install("alpha", requires=["beta"])
    site = install("beta", requires=["alpha[x]"])
    assert read(site)["alpha"].required_by == ("beta",)
