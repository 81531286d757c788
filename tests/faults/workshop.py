"""A store of small environments that need no network, what they must hold, who builds them."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import headstart_kernel
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.refresh import RefreshMode
from headstart.core.store.manifest import EnvironmentKind
from headstart.core.store.parts import python_tag
from headstart.environments.context import Context
from headstart.environments.ready import Ready, ensure
from headstart.environments.upkeep.compile_wheels import compile_missing
from headstart.environments.upkeep.gc import prune
from headstart.settings import Settings, read_settings
from headstart.store.store import Store
from headstart.testing.fake_uv import FakeUv
from headstart.testing.wheels import make_wheel
from headstart.uv.runner import Uv, UvRunner
from tests.faults.oracle import Oracle
from tests.local_uv import bare_environ, this_python
from tests.stub_kernel import make_ipykernel

TREES = ("ash", "birch", "cedar", "fir")
SPECS = tuple(
    EnvironmentSpec(names)
    for names in (("ash",), ("ash", "birch"), ("birch", "cedar"), ("ash", "cedar", "fir"))
)
MODULES = {f"m{number}": f"text = {'leaf ' * 100!r}\n" * (number + 1) for number in range(8)}

WRONG = 3
"""How a child ends that saw something wrong."""


class Workshop:
    """A wheelhouse, a store, and an oracle that knows by the wheels what is right.

    :param folder: for the wheels and, unless ``store`` says where, for the store.
    :param index: URL of an index of the wheels, for the real uv; if it is empty, an imitation
        installs them.
    :param modules: of each wheel.
    """

    def __init__(
        self,
        folder: Path,
        store: Path | None = None,
        index: str = "",
        modules: Mapping[str, str] = MODULES,
    ) -> None:
        self.house = folder / "house"
        self.wheels = {name: make_tree(self.house, name, modules) for name in TREES}
        self.wheels["ipykernel"] = make_ipykernel(self.house)
        self._folder, self._index = folder, index
        self.move(store or folder / "store")
        self.oracle = Oracle({}, {"headstart_kernel": Path(headstart_kernel.__file__).parent})
        self.keys: dict[tuple[str, ...], str] = {}
        self._pattern = folder / "pattern"
        self.learn(SPECS)

    def move(self, store: Path) -> None:
        """Take another store from now on."""
        self.root = store
        self.settings = _settings(store, self._folder, self._index)
        self.uv: Uv = _real_uv(self.settings) if self._index else FakeUv(self.house)

    @property
    def context(self) -> Context:
        """As a Jupyter process would make it, which has just started."""
        return Context(self.settings, Store(self.root), self.uv)

    def get(self, spec: EnvironmentSpec) -> Ready:
        """Find or build an environment."""
        return ensure(spec, self.context)

    def use(self, spec: EnvironmentSpec) -> list[str]:
        """What is wrong with an environment, as its user sees it, from the start to the end."""
        with self.get(spec) as ready:
            prefix = Path(ready.environment.environment.prefix)
            key = self.keys[spec.requirements]
            wrong = self.oracle.check(prefix, key, imports=False)
            time.sleep(random.uniform(0, 0.005))
            wrong += self.oracle.check(prefix, key, imports=False)
        if spec.refresh is RefreshMode.EPHEMERAL:
            ready.release()
        return wrong

    def compile(self) -> None:
        """Compile wheels that have no bytecode yet, unless somebody else does."""
        compile_missing(Store(self.root), this_python().path, python_tag(this_python()))

    def compile_all(self) -> None:
        """Have environments with their bytecode from now on."""
        for spec in SPECS:
            self.get(spec).close()
        self.compile()
        for spec in SPECS:
            assert self.remove(spec)

    def prune(self) -> None:
        """Remove all that nobody uses."""
        prune(self.context, everything=True)

    def remove(self, spec: EnvironmentSpec) -> bool:
        """Remove an environment unless somebody uses it; whether it is gone."""
        return self.context.store.remove(EnvironmentKind.ENVIRONMENT, self.keys[spec.requirements])

    def forget(self, spec: EnvironmentSpec) -> None:
        """Remove an environment that nobody uses, and what the store keeps of its wheels."""
        assert self.remove(spec)
        parts = self.context.store.parts
        digests = {hashlib.sha256(self.wheels[name].read_bytes()).hexdigest() for name in TREES}
        for name in list(parts.names()):
            if name.partition("/")[0] in digests:
                parts.discard(name)

    def check(self, *, imports: bool = True) -> tuple[int, list[str]]:
        """How many environments and layers there are, and what is wrong with them."""
        return self.oracle.check_store(self.root, imports=imports)

    def leftovers(self) -> list[str]:
        """What there should not be once nobody works in the store and it was pruned."""
        folders = [self.root / "v1" / name for name in ("building", "trash", "ephemeral")]
        return [str(path) for folder in folders for path in folder.glob("*")]

    def learn(self, specs: Iterable[EnvironmentSpec]) -> None:
        """Find out which keys specs have, in a store where nothing ever goes wrong."""
        pattern = self._pattern
        context = Context(_settings(pattern, pattern), Store(pattern), FakeUv(self.house))
        for spec in specs:
            with ensure(spec, context) as ready:
                key, layer = ready.environment.environment.key, ready.layer.environment.key
            self.keys[spec.requirements] = key
            self.oracle.wheels[key] = tuple(self.wheels[name] for name in spec.requirements)
            self.oracle.wheels[layer] = (self.wheels["ipykernel"],)
        wrong = self.oracle.check_store(pattern)[1]
        assert not wrong, wrong


def _settings(store: Path, folder: Path, index: str = "") -> Settings:
    environ = bare_environ(folder) if index else {}
    given = read_settings(environ)
    # As users have it; root would get copies, of which less can go wrong.
    # Builds fill disks to the last byte here, so nothing is left free.
    given = replace(given, store=store, auto_prune=False, link_mode="hardlink", reserve=0)
    return replace(given, default_index=index) if index else given


def _real_uv(settings: Settings) -> UvRunner:
    return UvRunner(settings, Store(settings.store).uv_cache)


def make_tree(house: Path, name: str, modules: Mapping[str, str]) -> Path:
    """A wheel with a package, a module beside it, a script and a data file."""
    package = {f"{name}/{module}.py": text for module, text in modules.items()}
    return make_wheel(
        house,
        name,
        "1.0",
        {f"{name}/__init__.py": "from . import m0\n", f"{name}_too.py": "", **package},
        scripts={name: f"{name}:main"},
        files={f"{name}/data/table.csv": "1,2,3\n" * 500},
    )


def child(action: Callable[[], object]) -> int:
    """Fork a process that does something; its number.

    It ends with 0, with `WRONG` if the action returned something, or with 1 if it failed.
    """
    number = os.fork()
    if number:
        return number
    status = 1
    try:
        random.seed()
        wrong = action()
        status = WRONG if wrong else 0
        if wrong:
            os.write(2, f"{wrong}\n".encode())
    except BaseException:  # noqa: BLE001  (whatever it is, the child must end here)
        traceback.print_exc()
    finally:
        os._exit(status)


def kill(number: int) -> None:
    """End a child that was not waited for yet, as if its power were cut."""
    os.kill(number, signal.SIGKILL)


def wait_for(children: Sequence[int]) -> list[int]:
    """Wait for children; their exit codes, or the numbers of their signals, negative."""
    return [os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in children]
