"""What a start that builds nothing does not pay for."""

from __future__ import annotations

from headstart.store.store import Store
from tests.store.helpers import KEY, KIND, answer, fill

FIND = """
import sys
from pathlib import Path
from headstart.store.store import Store
from headstart.core.store.manifest import EnvironmentKind

Store(Path(sys.argv[1])).find(EnvironmentKind.ENVIRONMENT, sys.argv[2]).close()
needless = {"csv", "ctypes", "subprocess", "tempfile", "headstart.store.publish"}
print(sorted(needless & sys.modules.keys()))
"""


def test_finding_loads_nothing_that_only_building_needs(store: Store) -> None:
    store.build(KIND, KEY, fill).close()
    assert answer(FIND, store.root, KEY) == "[]"


def test_the_package_itself_needs_no_posix() -> None:
    assert answer("import sys, headstart.store; print('fcntl' in sys.modules)") == "False"
