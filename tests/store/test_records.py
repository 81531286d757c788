from __future__ import annotations

from pathlib import Path

import pytest

from headstart.errors import EnvironmentDamaged
from headstart.store.records import check_installed
from tests.store.helpers import add_distribution

MODULES = {"one.py": "1\n", "pack/two, three.py": "2\n", "../../bin/tool": "#!\n"}


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    folder = tmp_path / "lib/python3/site-packages"
    add_distribution(folder, "one", {k: v for k, v in MODULES.items() if "," not in k})
    return folder


def test_a_complete_installation_passes(site_packages: Path) -> None:
    check_installed(site_packages, {})


@pytest.mark.parametrize("path", ["one.py", "../../bin/tool"])
def test_a_missing_file_is_named(site_packages: Path, path: str) -> None:
    (site_packages / path).unlink()
    with pytest.raises(EnvironmentDamaged, match=f"one-1.0 was not .*: {path} is missing"):
        check_installed(site_packages, {})


def test_a_missing_file_of_unknown_size_is_named(site_packages: Path) -> None:
    add_distribution(site_packages, "two", {}).write_text("two.py,,\n")
    with pytest.raises(EnvironmentDamaged, match=r"two\.py is missing"):
        check_installed(site_packages, {})
    (site_packages / "two.py").write_text("any size")
    check_installed(site_packages, {})


def test_a_file_cut_short_is_named(site_packages: Path) -> None:
    (site_packages / "one.py").write_text("")
    with pytest.raises(EnvironmentDamaged, match=r"one\.py has 0 bytes, and not 2\."):
        check_installed(site_packages, {})


def test_what_was_looked_at_is_not_looked_at_again(site_packages: Path) -> None:
    tool = str(site_packages.parents[1] / "bin/tool")
    check_installed(site_packages, {tool: 3})
    with pytest.raises(EnvironmentDamaged, match=r"tool has 4 bytes, and not 3\."):
        check_installed(site_packages, {tool: 4})


def test_a_file_of_two_distributions_may_be_either(site_packages: Path) -> None:
    add_distribution(site_packages, "two", {"one.py": "another text\n"})
    check_installed(site_packages, {})
    (site_packages / "one.py").write_text(MODULES["one.py"])
    check_installed(site_packages, {})
    (site_packages / "one.py").write_text("neither")
    with pytest.raises(EnvironmentDamaged, match=r"7 bytes, and not 2 or 13"):
        check_installed(site_packages, {})


def test_paths_are_read_as_csv(site_packages: Path) -> None:
    record = add_distribution(site_packages, "three", {})
    record.write_text('"two, three.py",sha256=0,2\n\n')
    with pytest.raises(EnvironmentDamaged, match=r"two, three\.py is missing"):
        check_installed(site_packages, {})


@pytest.mark.parametrize("text", ["one.py\n", "one.py,,many\n", "a,b,c,d\n", "one\0.py,,1\n"])
def test_a_record_that_is_none_is_refused(site_packages: Path, text: str) -> None:
    add_distribution(site_packages, "three", {}).write_text(text)
    with pytest.raises(EnvironmentDamaged, match=r"three-1\.0"):
        check_installed(site_packages, {})
