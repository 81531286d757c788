"""An ephemeral environment is built while uv asks the index, and used if uv then says the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headstart.core.refresh import RefreshMode
from headstart.core.store.parts import part_name, python_tag
from headstart.environments.context import Context
from headstart.environments.ready import Ready, ensure
from headstart.environments.resolve.resolve import expected_lock, recall_lock
from headstart.errors import BuildCancelled, PackageIndexError
from headstart.store.layout import EPHEMERAL_NAME
from headstart.store.store import Store
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.local_uv import Counted, spec, this_python
from tests.waiting import until

FRESH = spec("growing", refresh=RefreshMode.EPHEMERAL)
KEPT = spec("growing")


class AskedIndex(LocalIndex):
    """An index that does something before it answers, and may answer with an error."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)
    broken = False

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        self.meanwhile()
        return (403, "text/plain", b"") if self.broken else super().answer(path, authorization)


class CountingStore(Store):
    """A store that remembers how many ephemeral environments were begun in it."""

    begun = 0

    def build_ephemeral(self, fill):
        self.begun += 1
        return super().build_ephemeral(fill)


@pytest.fixture
def house(house: Path, tmp_path: Path) -> Path:
    """A folder of the test's own, to which releases can be added."""
    folder = tmp_path / "house"
    folder.mkdir()
    for wheel in [*house.glob("ipykernel-7*"), *house.glob("shared-2.1*")]:
        (folder / wheel.name).symlink_to(wheel)
    make_wheel(folder, "growing", "1.0")
    return folder


@pytest.fixture
def index(house: Path) -> Iterator[AskedIndex]:
    with AskedIndex(house) as running:
        yield running


@pytest.fixture
def known(context: Context, index: AskedIndex) -> Context:
    """A context whose store knows what `FRESH` got last, and has its wheels."""
    context = context._replace(store=CountingStore(context.store.root))
    ensure(KEPT, context).close()
    index.meanwhile = lambda: until(lambda: folders(context, "ephemeral"))
    return context


def folders(context: Context, name: str) -> list[str]:
    return [path.name for path in (context.store.root / "v1" / name).iterdir()]


def left(context: Context) -> list[str]:
    """All that an ephemeral environment may leave behind."""
    found = [
        name for place in ("building", "ephemeral", "trash") for name in folders(context, place)
    ]
    found += filter(EPHEMERAL_NAME.fullmatch, folders(context, "leases"))
    return found + [thread.name for thread in threading.enumerate() if "ahead" in thread.name]


def version(ready: Ready) -> str:
    """The version that is installed."""
    [module] = Path(ready.environment.environment.site_packages).glob("growing.py")
    return module.read_text().split("'")[1]


def test_the_environment_is_there_before_the_index_has_answered(known, index):
    seen = []

    def meanwhile():
        until(lambda: folders(known, "ephemeral"))
        seen.extend(folders(known, "ephemeral"))

    index.meanwhile = meanwhile
    ready = ensure(FRESH, known)
    assert set(seen) == {ready.environment.environment.key}
    assert (known.store.begun, ready.reused, version(ready)) == (1, False, "1.0")
    ready.release()
    assert left(known) == []


def test_a_release_on_the_index_is_installed_and_nothing_else_stays(known, house):
    make_wheel(house, "growing", "2.0")
    ready = ensure(FRESH, known)
    assert (known.store.begun, version(ready)) == (2, "2.0")
    assert folders(known, "ephemeral") == [ready.environment.environment.key]
    ready.release()
    assert left(known) == []


def test_after_a_release_it_is_expected_and_others_keep_what_they_have(known, house):
    before = recall_lock(KEPT, this_python(), known)
    make_wheel(house, "growing", "2.0")
    ensure(FRESH, known).release()
    known.store.begun = 0
    ready = ensure(FRESH, known)
    assert (known.store.begun, version(ready)) == (1, "2.0")
    ready.release()
    assert recall_lock(KEPT, this_python(), known) == before
    assert ensure(KEPT, known).lock.versions == {"growing": "1.0"}


def test_what_is_expected_goes_back_when_a_release_is_deleted(known, house):
    wheel = make_wheel(house, "growing", "2.0")
    ensure(FRESH, known).release()
    wheel.unlink()
    ensure(FRESH, known).release()
    assert expected_lock(FRESH, this_python(), known).versions == {"growing": "1.0"}


def test_if_the_resolution_fails_its_error_is_raised_and_nothing_stays(known, index):
    index.broken = True
    with pytest.raises(PackageIndexError):
        ensure(FRESH, known)
    assert known.store.begun == 1
    assert left(known) == []


def test_who_cancels_the_resolution_cancels_the_build(known, index):
    cancelled, over = threading.Event(), threading.Event()

    def meanwhile():
        until(lambda: folders(known, "ephemeral"))
        cancelled.set()
        over.wait(60)

    index.meanwhile = meanwhile
    with pytest.raises(BuildCancelled):
        ensure(FRESH, known._replace(cancelled=cancelled.is_set))
    over.set()
    assert left(known) == []


def test_what_cannot_be_built_ahead_is_built_as_ever(known, index):
    index.meanwhile = lambda: None
    [wheel] = recall_lock(KEPT, this_python(), known).packages[0].wheels
    part = known.store.parts.find(part_name(wheel.sha256, python_tag(this_python())))
    [module] = part.tree.rglob("growing.py")
    module.chmod(0o600)
    module.write_text("")
    told = []
    ready = ensure(FRESH, known._replace(report=told.append))
    assert (known.store.begun, version(ready)) == (2, "1.0")
    assert [event.message.endswith("It is made again.") for event in told].count(True) == 1
    ready.release()
    assert left(known) == []


def test_nothing_is_fetched_ahead(known, index):
    index.meanwhile = lambda: None
    for name in list(known.store.parts.names()):
        known.store.parts.discard(name)
    uv = Counted(known.uv)
    ready = ensure(FRESH, known._replace(uv=uv))
    assert (known.store.begun, uv.verbs[0], uv.verbs.count("sync")) == (1, "compile", 1)
    ready.release()


def test_the_first_start_of_all_is_as_ever(context):
    ready = ensure(FRESH, context)
    assert version(ready) == "1.0"
    ready.release()
    assert left(context) == []
