"""What uv has installed is split into parts: where each file goes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.store.parts import TREE
from headstart.errors import BuildError, EnvironmentDamaged
from headstart.store.parts.extract import Extracted, extract, open_stage
from headstart.store.parts.part_store import RECORD
from headstart.testing.wheelhouse import Wheelhouse
from headstart.testing.wheels import make_wheel

PACKAGES = "lib/python3.11/site-packages"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    folder = tmp_path / "stage"
    (folder / PACKAGES).mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/activate").write_text("")
    (folder / "lib64").symlink_to("lib")
    return folder


def split(prefix: Path, *wheels: Path, change=lambda site: None, trusted: bool = True) -> Extracted:
    stage = open_stage(prefix)
    house = Wheelhouse(wheels[0].parent)
    for wheel in wheels:
        house.unpack(wheel, prefix / PACKAGES, prefix / "bin")
    change(prefix / PACKAGES)
    names = [wheel.name.partition("-")[0] for wheel in wheels]
    return extract(
        stage, {name: f"{name}/cp311" for name in names}, prefix.parent / "parts", trusted=trusted
    )


def files(folder: Path) -> set[str]:
    top = folder / TREE
    return {str(path.relative_to(top)) for path in top.rglob("*") if not path.is_dir()}


def test_each_file_goes_to_the_wheel_that_brought_it(prefix: Path, tmp_path: Path) -> None:
    one = make_wheel(tmp_path / "house", "one", "1", scripts={"tool": "one:main"})
    two = make_wheel(tmp_path / "house", "two", "1", files={"{data}/other": "x"})
    parts = split(prefix, one, two, change=lambda site: None)
    assert parts.unclear == frozenset()
    assert {"bin/tool", f"{PACKAGES}/one.py", f"{PACKAGES}/one-1.dist-info/INSTALLER"} <= files(
        parts.folders["one"]
    )
    assert f"{PACKAGES}/two.py" in files(parts.folders["two"])
    assert (parts.folders["one"] / RECORD).is_file()


def test_what_is_extracted_cannot_be_written(prefix: Path, tmp_path: Path) -> None:
    folder = split(prefix, make_wheel(tmp_path / "house", "one", "1")).folders["one"]
    modes = {path.lstat().st_mode & 0o222 for path in (folder / TREE).rglob("*")}
    assert modes == {0}


def test_wheels_with_a_file_in_common_are_unclear(prefix: Path, tmp_path: Path) -> None:
    modules = {"tests/__init__.py": ""}
    house = tmp_path / "house"
    wheels = [make_wheel(house, name, "1", modules) for name in ("one", "two")]
    parts = split(prefix, *wheels, make_wheel(house, "three", "1"))
    assert parts.unclear == {"one", "two"}
    assert parts.folders.keys() == {"three"}


def test_a_file_in_no_record_makes_all_unclear(prefix: Path, tmp_path: Path) -> None:
    wheels = [make_wheel(tmp_path / "house", name, "1") for name in ("one", "two")]
    parts = split(prefix, *wheels, change=lambda site: (site / "loose.py").write_text(""))
    assert parts.unclear == {"one", "two"}


def test_a_file_in_no_record_goes_to_the_only_wheel(prefix: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "house", "one", "1")
    parts = split(prefix, wheel, change=lambda site: (site / "loose.py").write_text(""))
    assert f"{PACKAGES}/loose.py" in files(parts.folders["one"])


def test_links_are_extracted(prefix: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "house", "one", "1")
    parts = split(prefix, wheel, change=lambda site: (site / "link").symlink_to("one.py"))
    assert (parts.folders["one"] / TREE / PACKAGES / "link").readlink() == Path("one.py")


@pytest.mark.parametrize(
    "change,what",
    [
        (lambda site: (site / "one.py").unlink(), "one.py is missing"),
        (lambda site: (site / "one.py").write_text(""), "one.py has 0 bytes"),
        (lambda site: (site / "one.py").write_text("__version__ = '2'\n"), "another hash"),
    ],
)
def test_what_is_not_as_the_wheel_says_is_refused(prefix, tmp_path, change, what) -> None:
    with pytest.raises(EnvironmentDamaged, match=what):
        split(prefix, make_wheel(tmp_path / "house", "one", "1"), change=change)


@pytest.mark.parametrize("path", ["headstart.json", ".headstart/own.json"])
def test_a_wheel_with_a_file_of_ours_is_refused(prefix: Path, tmp_path: Path, path: str) -> None:
    def bring(site: Path) -> None:
        (prefix / path).parent.mkdir(exist_ok=True)
        (prefix / path).write_text("{}")

    with pytest.raises(BuildError, match="only Headstart"):
        split(prefix, make_wheel(tmp_path / "house", "one", "1"), change=bring)


@pytest.mark.parametrize(
    "change",
    [
        lambda site: (site / "loose.py").write_text(""),
        lambda site: (site / "one-1.dist-info/RECORD").write_text("one-1.dist-info/RECORD,,\n"),
    ],
)
def test_a_file_without_a_hash_is_not_accepted_from_a_cache(prefix, tmp_path, change) -> None:
    with pytest.raises(EnvironmentDamaged, match="No RECORD has a hash"):
        split(prefix, make_wheel(tmp_path / "house", "one", "1"), change=change, trusted=False)


def test_a_wheel_in_order_is_accepted_from_a_cache(prefix: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "house", "one", "1", scripts={"tool": "one:main"})
    assert split(prefix, wheel, trusted=False).folders.keys() == {"one"}
