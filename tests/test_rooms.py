"""The layout of the source: rooms that are not too full, and names that say which module it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1] / "provisioner"
MODULES = [path for path in ROOT.rglob("*.py") if path.name != "__init__.py"]
MOST = 14
VERBS = ROOT / "headstart/cli/verbs"


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path.name for path in MODULES)
    assert not {name for name, count in names.items() if count > 1}


def test_no_folder_has_too_many_modules() -> None:
    folders = Counter(path.parent for path in MODULES)
    assert {folder for folder, count in folders.items() if count > MOST} <= {VERBS}


def test_tests_are_where_their_module_is() -> None:
    """Where a test file has the name of a module, it is in the folder of the same name."""
    tests = Path(__file__).parent
    by_name = {f"test_{path.stem}.py": path.parent.relative_to(ROOT) for path in MODULES}
    for test in tests.rglob("test_*.py"):
        folder = by_name.get(test.name)
        if folder is not None:
            # The tests of `headstart` are not in a folder of that name.
            expected = tests.joinpath(*(part for part in folder.parts if part != "headstart"))
            assert test.parent == expected
