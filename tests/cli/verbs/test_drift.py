"""Kinds of drift: one thing of a good notebook changes, and ``headstart verify`` finds it.

What it does not find is named on its page, `docs/locks.md`, and nothing else is named there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from headstart import envvars
from headstart.core.lock.own_digest import with_digest
from headstart.core.store.receipt import leave_receipt
from headstart.environments.context import open_context
from headstart.environments.ready import ensure
from headstart.kernels.receipts import receipt_of
from headstart.request.read import read_request
from headstart.settings import read_settings
from headstart.testing.notebooks import save_notebook
from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel
from tests.isolation import remove_tree
from tests.local_uv import bare_environ
from tests.waiting import LIMIT

from ..conftest import SCRIPT

PAGE = Path(__file__).parents[3] / "docs" / "locks.md"
HEADER = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["beta"]
# [tool.headstart]
# requirements = "more.txt"
# constraints = ["alpha>=1"]
# exclude-newer = "2026-01-01"
# local-extras = ["mine-1.0-py3-none-any.whl"]
# ///"""
TEXT = '# /// script\n# dependencies = ["beta"]\n# ///\n\n# %%\n1 + 1\n'
PLAIN = '# /// script\n# dependencies = ["gamma"]\n# ///'
EXTRA = "mine-1.0-py3-none-any.whl"


@dataclass
class Case:
    """A folder with notebooks in order, and the store that has what they ran with."""

    folder: Path
    environ: Mapping[str, str]
    notebook: str = "report.ipynb"

    @property
    def store(self) -> Path:
        return self.folder / "store" / "v1"

    @property
    def path(self) -> Path:
        return self.folder / "work" / self.notebook

    def beside(self, name: str) -> Path:
        return self.path.with_name(name)

    def verify(self) -> tuple[int, dict[str, Any]]:
        done = self._run("verify", self.path, "--json")
        return done.returncode, json.loads(done.stdout)

    def _run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        environ = {**self.environ, envvars.STORE: str(self.store.parent)}
        return subprocess.run(
            [SCRIPT, *map(str, arguments)],
            env=environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def ours(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change ``headstart`` in the notebook's metadata."""
        document = json.loads(self.path.read_text())
        change(document["metadata"]["headstart"])
        self.path.write_text(json.dumps(document))

    def header(self, change: Callable[[str], str]) -> None:
        """Change the source of the first cell."""
        document = json.loads(self.path.read_text())
        source = document["cells"][0]["source"]
        document["cells"][0]["source"] = change(source)
        assert document["cells"][0]["source"] != source
        self.path.write_text(json.dumps(document))

    def prefix(self, kind: str = "environments") -> Path:
        """What the notebook's receipt names, or a layer; it can be written."""
        if kind == "layers":
            [entry] = (self.store / kind).iterdir()
        else:
            document = json.loads(self.path.read_text())
            entry = self.store / kind / document["metadata"]["headstart"]["receipt"]["key"]
        for path in [entry, *entry.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o200)
        return entry

    def site_packages(self) -> Path:
        return next(self.prefix().glob("lib/*/site-packages"))


Change = Callable[[Case], object]


# -- the ways to change something -----------------------------------------------------------------


def in_header(old: str, new: str) -> Change:
    def change(case: Case) -> None:
        case.header(lambda source: source.replace(old, new))

    return change


def in_ours(what: str, *, fitting: bool = False, **fields: Any) -> Change:
    """Change fields of the lock or the receipt; a value may be made of the one before.

    :param fitting: with a digest that fits, and for a lock without a receipt that tells.
    """

    def change(case: Case) -> None:
        case.ours(lambda ours: _put(ours[what], fields, fitting))
        if fitting and what == "lock":
            case.ours(lambda ours: ours.pop("receipt"))

    return change


def _put(record: dict[str, Any], fields: Mapping[str, Any], fitting: bool) -> None:
    for name, value in fields.items():
        before = record.pop(name)
        after = value(before) if callable(value) else value
        assert after != before, name
        record.update({} if after is None else {name: after})
    if fitting:
        lines = record.get("pylock", [])
        rest = {n: v for n, v in record.items() if n not in ("version", "pylock", "digest")}
        record["digest"] = with_digest(rest, "\n".join(lines).rstrip())["digest"]


in_lock, in_receipt = partial(in_ours, "lock"), partial(in_ours, "receipt")


def in_pylock(pattern: str, new: str) -> Change:
    """Replace in the lock's text, and write a digest that fits."""

    def replaced(lines: list[str]) -> list[str]:
        return re.sub(pattern, new, "\n".join(lines), flags=re.DOTALL).splitlines()

    return in_lock(fitting=True, pylock=replaced)


def of(name: str, change: Change) -> Change:
    """A change to another notebook of the folder."""

    def changed(case: Case) -> None:
        case.notebook = name
        change(case)

    return changed


def beside(name: str, text: str | None) -> Change:
    """Write a file next to the notebook; None deletes it."""

    def change(case: Case) -> None:
        path = case.beside(name)
        path.write_text(text) if text is not None else path.unlink()

    return change


def in_file(name: str, old: str, new: str) -> Change:
    def change(case: Case) -> None:
        text = case.beside(name).read_text()
        assert old in text
        case.beside(name).write_text(text.replace(old, new))

    return change


def other_extra(case: Case) -> None:
    make_wheel(case.path.parent, "mine", "1.0", {"mine.py": "changed = True\n"})


def in_site_packages(act: Callable[[Path], object]) -> Change:
    return lambda case: act(case.site_packages())


def in_prefix(act: Callable[[Path], object], kind: str = "environments") -> Change:
    return lambda case: act(case.prefix(kind))


def same_size(path: Path) -> None:
    before = path.stat()
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def as_link(path: Path) -> None:
    copy = path.with_name("elsewhere")
    path.rename(copy)
    path.symlink_to(copy)


def new_link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def no_base_python(prefix: Path) -> None:
    for name in ("python", "python3"):
        new_link(prefix / "bin" / name, "/nowhere/python")


def move_header(case: Case) -> None:
    """From the cell into the metadata."""
    case.header(lambda _source: "1 + 1")
    fields = {
        "dependencies": ["beta"],
        "requires-python": ">=3.11",
        "requirements": "more.txt",
        "constraints": ["alpha>=1"],
        "exclude-newer": "2026-01-01",
        "local-extras": [EXTRA],
    }
    case.ours(lambda ours: ours.update(fields))


def forget_all(case: Case) -> None:
    remove_tree(case.prefix())
    remove_tree(case.prefix("layers"))


def forget_locks(case: Case) -> None:
    shutil.rmtree(case.store / "locks")


NEW_PACKAGE = r"""name = "delta"
version = "1.0"
[[packages.wheels]]
name = "delta-1.0-py3-none-any.whl"
url = "URL"
upload-time = TIME
hashes = { sha256 = "SHA" }
"""


def add_package(marker: str = "") -> Change:
    """Add a package to the lock that an index has, and that nothing requires."""

    def change(case: Case) -> None:
        wheel = case.folder / "wheels" / "delta-1.0-py3-none-any.whl"
        entry = _entry(case, wheel, marker)
        appended = ["", "[[packages]]", *entry]
        in_lock(fitting=True, pylock=lambda lines: [*lines, *appended])(case)

    return change


def _entry(case: Case, wheel: Path, marker: str = "") -> list[str]:
    base = case.environ[envvars.DEFAULT_INDEX].removesuffix("/simple")
    text = NEW_PACKAGE.replace("URL", f"{base}/files/{wheel.name}")
    text = text.replace("TIME", "2020-02-02T00:00:00Z").replace(
        "SHA", hashlib.sha256(wheel.read_bytes()).hexdigest()
    )
    lines = text.splitlines()
    return [*lines[:2], *([f'marker = "{marker}"'] if marker else []), *lines[2:]]


def take_other_alpha(case: Case) -> None:
    """Have the lock name the newer alpha, of the same index."""
    old, new = (case.folder / "wheels" / f"alpha-{v}-py3-none-any.whl" for v in ("1.0", "2.0"))
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (old, new)]

    def change(lines: list[str]) -> list[str]:
        text = "\n".join(lines).replace(*hashes).replace(old.name, new.name)
        return text.replace('"alpha"\nversion = "1.0"', '"alpha"\nversion = "2.0"').splitlines()

    in_lock(fitting=True, pylock=change)(case)


ALPHA = r'\[\[packages\]\]\nname = "alpha".*?\n\]\n'
SHA = r'(alpha-1.0-py3.*?sha256 = ")[0-9a-f]{64}'
FILE = r'url = "[^"]*/files/alpha-'

FOUND: dict[str, tuple[Change, str, int]] = {
    # the header, and what it names
    "a requirement is added": (in_header('"beta"', '"beta", "alpha"'), "lock", 1),
    "a requirement is removed": (in_header('"beta"', ""), "lock", 1),
    "a requirement is changed": (in_header('"beta"', '"beta>=1"'), "lock", 1),
    "requires-python is changed": (in_header(">=3.11", ">=3.10"), "lock", 1),
    "exclude-newer is changed": (in_header("2026-01-01", "2025-01-01"), "lock", 1),
    "a constraint is changed": (in_header("alpha>=1", "alpha<2"), "lock", 1),
    "the header is deleted": (lambda case: case.header(lambda _source: "1"), "lock", 1),
    "the header is damaged": (in_header('["beta"]', "3"), "header", 1),
    "a requirements file is changed": (beside("more.txt", "gamma\nalpha\n"), "lock", 1),
    "a requirements file is deleted": (beside("more.txt", None), "header", 1),
    "a local extra is changed": (other_extra, "receipt", 1),
    "a local extra is deleted": (beside(EXTRA, None), "header", 1),
    # the lock; where the digest fits, by what the lock says
    "a package is added to the lock": (add_package(), "packages", 1),
    "a package is removed from the lock": (in_pylock(ALPHA, ""), "packages", 1),
    "a version in the lock is changed": (take_other_alpha, "packages", 1),
    "a hash in the lock is changed": (in_pylock(SHA, r"\g<1>" + "ab" * 32), "lock", 1),
    "a place in the lock is changed": (
        in_lock(pylock=lambda lines: [line.replace("127.0.0.1", "127.0.0.2") for line in lines]),
        "lock",
        1,
    ),
    "a marker is added to the lock": (
        in_pylock(r'(name = "alpha")', r"""\1\nmarker = "sys_platform == 'plan9'" """),
        "packages",
        1,
    ),
    "the lock's requires-python is changed": (
        in_pylock(r'requires-python = "[^"]*"', 'requires-python = ">=3.99"'),
        "lock",
        1,
    ),
    "the lock is for other machines": (
        in_pylock(r"(created-by[^\n]*\n)", r"""\1environments = ["sys_platform == 'plan9'"]\n"""),
        "lock",
        1,
    ),
    "the lock's limit is before uploads": (
        in_lock(fitting=True, until="2019-01-01"),
        "lock",
        1,
    ),
    "an upload time in the lock is after its limit": (
        in_pylock("upload-time = 2020", "upload-time = 2027"),
        "lock",
        1,
    ),
    "the lock's limit is no time": (in_lock(fitting=True, until="soon"), "lock", 1),
    "the lock's limit is deleted": (in_lock(fitting=True, until=None), "lock", 3),
    "upload times in the lock are deleted": (
        in_pylock(r", upload-time = [^,]*,", ","),
        "lock",
        3,
    ),
    "the lock's time is changed": (in_lock(created="2026-11-01T00:00:00Z"), "lock", 1),
    "the lock is no longer universal": (in_lock(universal=False), "lock", 1),
    "the lock's platform is changed": (in_lock(platform="plan9"), "lock", 1),
    "the lock's record of the header is changed": (in_lock(requirements=["beta<9"]), "lock", 1),
    "the lock's digest is changed": (in_ours("lock", digest="ab" * 32), "lock", 1),
    "the lock's digest is deleted": (in_ours("lock", digest=None), "lock", 3),
    "the lock is cut": (in_lock(pylock=lambda lines: lines[:-3]), "lock", 1),
    "the lock is of another form": (in_lock(version=2), "lock", 1),
    "the lock is no lock": (lambda case: case.ours(lambda ours: ours.update(lock=3)), "lock", 1),
    "the lock is deleted": (lambda case: case.ours(lambda ours: ours.pop("lock")), "receipt", 1),
    # the lock of a text notebook
    "a lock file is changed": (
        of("text.py", in_file("pylock.text.toml", 'version = "1.0"', 'version = "1"')),
        "lock",
        1,
    ),
    "a lock file is deleted": (of("text.py", beside("pylock.text.toml", None)), "lock", 1),
    "a lock file is not named": (
        of("text.py", in_file("text.py", '# pylock = "pylock.text.toml"\n', "")),
        "lock",
        1,
    ),
    "a lock file is left without a header": (
        of("text.py", beside("text.py", "# %%\n1 + 1\n")),
        "lock",
        1,
    ),
    # the receipt
    "the receipt's lock is changed": (in_receipt(lock="ab" * 32), "receipt", 1),
    "the receipt's key is changed": (in_receipt(key="ab" * 32), "receipt", 1),
    "the receipt's key is no key": (in_receipt(fitting=True, key="no"), "receipt", 1),
    "the receipt's Python is changed": (in_receipt(python="3.99.1"), "receipt", 1),
    "the receipt's platform is changed": (in_receipt(platform="plan9"), "receipt", 1),
    "the receipt's time is changed": (
        in_receipt(time=lambda time: time.replace("Z", ".5Z")),
        "receipt",
        1,
    ),
    "the receipt's time is no time": (in_receipt(fitting=True, time="today"), "receipt", 1),
    "the receipt is of the future": (
        in_receipt(fitting=True, time="2999-01-01T00:00:00Z"),
        "receipt",
        1,
    ),
    "the receipt is older than its lock": (
        in_receipt(fitting=True, time="2020-01-01T00:00:00Z"),
        "receipt",
        1,
    ),
    "the receipt's digest is deleted": (in_ours("receipt", digest=None), "receipt", 3),
    "the receipt is no receipt": (
        lambda case: case.ours(lambda ours: ours.update(receipt=3)),
        "receipt",
        1,
    ),
    "what was resolved for the receipt is forgotten": (
        of("plain.ipynb", forget_locks),
        "receipt",
        3,
    ),
    # the environment, and the layer
    "a file is changed": (in_site_packages(lambda p: same_size(p / "alpha.py")), "store", 1),
    "a file is deleted": (in_site_packages(lambda p: (p / "alpha.py").unlink()), "store", 1),
    "a file is emptied": (in_site_packages(lambda p: os.truncate(p / "beta.py", 0)), "store", 1),
    "a file is added": (in_prefix(lambda p: (p / "bin/more").write_text("")), "store", 1),
    "a package is added": (in_site_packages(lambda p: (p / "new").mkdir()), "store", 1),
    "a package's metadata is removed": (
        in_site_packages(lambda p: shutil.rmtree(p / "alpha-1.0.dist-info")),
        "store",
        1,
    ),
    "a file becomes a link": (in_site_packages(lambda p: as_link(p / "alpha.py")), "store", 1),
    "a link leads elsewhere": (
        in_prefix(lambda p: new_link(p / "bin" / "python3", "/bin/sh")),
        "store",
        1,
    ),
    "the base Python has gone": (in_prefix(no_base_python), "store", 1),
    "the manifest is changed": (in_prefix(lambda p: same_size(p / "headstart.json")), "store", 1),
    "the manifest is deleted": (in_prefix(lambda p: (p / "headstart.json").unlink()), "store", 1),
    "a record is deleted": (in_prefix(lambda p: (p / ".headstart/own.json").unlink()), "store", 1),
    "the kernel layer is changed": (
        in_prefix(lambda p: same_size(next(p.rglob("kernelapp.py"))), "layers"),
        "layer",
        1,
    ),
}


def without_lock_and_receipt(case: Case) -> None:
    case.ours(lambda ours: (ours.pop("lock"), ours.pop("receipt")))


def add_cell(case: Case) -> None:
    document = json.loads(case.path.read_text())
    document["cells"].append({**document["cells"][0], "id": "more", "source": "import delta"})
    case.path.write_text(json.dumps(document))


OVERLOOKED: dict[str, Change] = {
    "where the header is in the notebook, and how it is written": move_header,
    "what the header says of the kernel's process": in_header(
        "# local-extras", "# preload = ['json']\n# local-extras"
    ),
    "the cells": add_cell,
    "files next to the notebook that hide a package": beside("alpha.py", "1 / 0\n"),
    "a lock and a receipt that are both deleted": without_lock_and_receipt,
    "a receipt that is deleted": lambda case: case.ours(lambda ours: ours.pop("receipt")),
    "a change that comes with a digest that fits, where it contradicts nothing else": in_lock(
        fitting=True, platform="plan9"
    ),
    "packages that the lock has for other Pythons and platforms": add_package(
        "sys_platform == 'plan9'"
    ),
    "from where the lock takes a file that an index of yours has": in_pylock(
        FILE, 'url = "https://mirror.invalid/alpha-'
    ),
    "permissions and times of files": in_site_packages(
        lambda p: ((p / "beta.py").chmod(0o777), os.utime(p / "beta.py", (1, 1)))
    ),
    "empty folders in an environment": in_prefix(lambda p: (p / "share" / "empty").mkdir()),
    "an environment or a layer that was removed": forget_all,
}


# -- the tests ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, house: Path) -> Iterator[Case]:
    """Three notebooks that were locked, but for one, and have run."""
    folder = tmp_path_factory.mktemp("drift")
    wheels = folder / "wheels"
    shutil.copytree(house, wheels)
    for name in ("gamma", "delta"):
        make_wheel(wheels, name, "1.0")
    work = folder / "work"
    make_wheel(work, "mine", "1.0")
    (work / "more.txt").write_text("gamma\n")
    save_notebook(work / "report.ipynb", HEADER, kernel="")
    save_notebook(work / "plain.ipynb", PLAIN, kernel="")
    (work / "text.py").write_text(TEXT)
    (folder / "home").mkdir()
    with LocalIndex(wheels) as index:
        environ = bare_environ(folder / "home", **{envvars.DEFAULT_INDEX: index.url})
        case = Case(folder, environ)
        for name in ("report.ipynb", "text.py"):
            done = case._run("lock", work / name)
            assert done.returncode == 0, done.stderr
        settings = read_settings({**environ, envvars.STORE: str(folder / "store")})
        for name in ("report.ipynb", "text.py", "plain.ipynb"):
            with ensure(read_request(work / name).spec, open_context(settings)) as ready:
                receipt = receipt_of(ready)
            if name.endswith(".ipynb"):
                document = json.loads((work / name).read_text())
                leave_receipt(document["metadata"], receipt)
                (work / name).write_text(json.dumps(document))
        yield case


@pytest.fixture
def case(good: Case, tmp_path: Path) -> Case:
    """A copy that a test may change."""
    shutil.copytree(good.folder, tmp_path / "copy", symlinks=True)
    return Case(tmp_path / "copy", good.environ)


def stamps(folder: Path) -> dict[str, tuple[int, ...]]:
    """Everything below a folder: what it is, and when it was changed last."""
    return {
        str(path): (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino)
        for path in [folder, *folder.rglob("*")]
        for status in [path.lstat()]
    }


@pytest.mark.parametrize("name", ["report.ipynb", "text.py", "plain.ipynb"])
def test_what_did_not_drift_is_in_order(case: Case, name: str) -> None:
    case.notebook = name
    status, result = case.verify()
    assert (status, result["wrong"], result["unchecked"]) == (0, [], [])
    assert result["packages"]["state"] == result["store"]["state"] == "ok"


@pytest.mark.parametrize("kind", FOUND)
def test_drift_is_found_and_nothing_is_changed(case: Case, kind: str) -> None:
    change, where, expected = FOUND[kind]
    change(case)
    before = stamps(case.folder)
    status, result = case.verify()
    assert where in result["wrong" if expected == 1 else "unchecked"], result
    assert (status, result["ok"]) == (expected, expected != 1)
    assert stamps(case.folder) == before


@pytest.mark.parametrize("kind", OVERLOOKED)
def test_what_is_not_looked_at_is_no_error(case: Case, kind: str) -> None:
    OVERLOOKED[kind](case)
    status, result = case.verify()
    assert (status, result["wrong"]) == (0, []), result


def test_the_page_names_what_is_not_looked_at() -> None:
    section = PAGE.read_text().partition("### What it does not look at\n")[2].partition("\n#")[0]
    named = re.findall(r"^- (.*?)(?::.*|\.)?$", section, re.MULTILINE)
    assert named == list(OVERLOOKED)
