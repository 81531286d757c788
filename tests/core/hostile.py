"""Untrusted text in every part and file of a notebook, and the checks that each must pass."""

from __future__ import annotations

import gc
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.header.edit import set_refresh
from headstart.core.header.spec import EnvironmentSpec
from headstart.core.lock.pylock import parse_lock
from headstart.core.lock.selection import applicable
from headstart.core.notebook.find import Cell, Notebook, find_header
from headstart.core.policy import Policy
from headstart.core.refresh import RefreshMode
from headstart.errors import HeadstartError, NotebookError
from headstart.request.directory import MAX_BYTES
from headstart.request.read import request_of
from headstart.settings import Settings
from tests.core.factory import LINUX

PLAIN_LINE = re.compile(r"[a-z0-9][ -~]*")
SETTINGS = Settings(default_index="https://example.org/simple")
POLICY = Policy(SETTINGS)


@dataclass(frozen=True)
class Case:
    """A notebook, and the files in its folder."""

    notebook: Notebook
    files: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes | None:
        content = self.files.get(name)
        if content is not None and len(content) > MAX_BYTES:
            raise NotebookError("It is too long.")
        return content

    def path(self, _name: str) -> Path | None:
        return None

    def where(self, name: str) -> str:
        return name


# -- wrappers: each makes a case of a text --------------------------------------------------------


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def block(text: str) -> str:
    lines = [f"# {line}" if line else "#" for line in text.split("\n")]
    return "\n".join(["# /// script", *lines, "# ///"])


def in_cell(text: str) -> Case:
    return Case(Notebook((Cell(0, "markdown", "# Title"), Cell(1, "code", block(text)))))


def in_raw_cell(text: str) -> Case:
    return Case(Notebook((Cell(0, "raw", block(text)),)))


def in_script(text: str) -> Case:
    return Case(Notebook(path="a.py", text=f"{block(text)}\n\n# %%\nprint(1)\n"))


def in_markdown(text: str) -> Case:
    return Case(Notebook(path="a.md", text=f"# Title\n\n```{{code-cell}}\n{block(text)}\n```\n"))


def in_text_cell(text: str) -> Case:
    """A cell of text that jupytext has made of a script's comment."""
    cell = Cell(0, "markdown", block(text).replace("\n# ", "\n").removeprefix("# "))
    return Case(Notebook((cell,), {"jupytext": {"formats": "ipynb,py:light"}}))


def in_front_cell(text: str) -> Case:
    return Case(Notebook((Cell(0, "raw", f"---\n{text}\n---"),)))


def in_front_markdown(text: str) -> Case:
    return Case(Notebook(path="a.qmd", text=f"---\n{text}\n---\n\n# Title\n"))


def in_front_script(text: str) -> Case:
    lines = "".join(f"# {line}\n" for line in text.split("\n"))
    return Case(Notebook(path="a.py", text=f"# ---\n{lines}# ---\n\n# %%\nprint(1)\n"))


def in_metadata(text: str) -> Case:
    """The text is JSON, or a string of requirements if it is not."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    return Case(Notebook(metadata={"headstart": value}))


def as_cell(text: str) -> Case:
    return Case(Notebook((Cell(0, "markdown", text), Cell(1, "code", text))))


def as_script(text: str) -> Case:
    return Case(Notebook(path="a.py", text=text))


def as_markdown(text: str) -> Case:
    return Case(Notebook(path="a.md", text=text))


def as_requirements(text: str) -> Case:
    files = {"r.txt": _bytes(text), "more.txt": _bytes(text)}
    return Case(in_cell('[tool.headstart]\nrequirements = "r.txt"').notebook, files)


def as_project(text: str) -> Case:
    header = '[tool.headstart]\nrequirements = "pyproject.toml"\ngroups = ["a"]\nextras = ["b"]'
    return Case(in_cell(header).notebook, {"pyproject.toml": _bytes(text)})


def as_pylock(text: str) -> Case:
    return Case(in_cell('[tool.headstart]\npylock = "p.toml"').notebook, {"p.toml": _bytes(text)})


def as_notebook_lock(text: str) -> Case:
    """The text is the value of the metadata's lock, next to a header that it may fit."""
    try:
        lock = json.loads(text)
    except (ValueError, RecursionError):
        lock = {"version": 1, "requirements": ["a"], "pylock": text.split("\n")}
    return Case(Notebook(metadata={"headstart": {"dependencies": ["a"], "lock": lock}}))


Wrapper = Callable[[str], Case]

# -- what must hold -------------------------------------------------------------------------------


def outcome(case: Case) -> EnvironmentSpec | HeadstartError:
    """The spec that a notebook gives, or our own error that refuses it.

    Any other exception goes on to the test. A lock is read too, and selected from.
    """
    try:
        spec = request_of(case.notebook, case, lambda: SETTINGS).spec
        if spec.lock is not None:
            lock = parse_lock(spec.lock.text)
            POLICY.of_lock(lock)
            applicable(lock, LINUX, spec.lock.extras, spec.lock.groups)
    except HeadstartError as error:
        return error
    return spec


def check(case: Case, result: EnvironmentSpec | HeadstartError) -> None:
    """What must hold of a result, and of the edits of what can be read."""
    if isinstance(result, HeadstartError):
        _check_error(result)
        return
    _check_spec(result)
    found = find_header(case.notebook)
    for mode in RefreshMode:
        try:
            set_refresh(case.notebook, found, mode)
        except HeadstartError as error:
            _check_error(error)


def _check_spec(spec: EnvironmentSpec) -> None:
    """What would be written for uv is one plain line a requirement, and begins with a name."""
    assert len(spec.digest) == 64
    for line in (*spec.requirements, *spec.constraints, *spec.overrides):
        assert PLAIN_LINE.fullmatch(line), line
        assert not set("${}\\`") & set(line), line
        assert " @ " in line or " #" not in line, line
    for name, value in spec.kernel.env:
        assert re.fullmatch(r"\w+", name, re.ASCII), name
        assert "\0" not in value
        value.encode()
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for _, some in spec.hashes for digest in some)
    POLICY.of_spec(spec)
    if spec.lock is not None:
        lock = parse_lock(spec.lock.text)
        if not any(package.source for package in lock.packages):
            assert parse_lock(lock.render()) == lock


def _check_error(error: HeadstartError) -> None:
    """Every edge can show it: short, one line, text that can be encoded."""
    text = str(error)
    text.encode("utf-8")
    assert text.isprintable(), text
    assert len(text) < 2_000, text
    assert error.message.endswith((".", "…", '"', "'")), error.message
    json.dumps(error.to_json())


# -- what it costs --------------------------------------------------------------------------------


@contextmanager
def without_collection() -> Iterator[None]:
    """No pause of the garbage collector, which would look through all of the test session."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds_of(case: Case) -> float:
    """The processor time that it takes to read a notebook, or to refuse it."""
    started = time.thread_time()
    outcome(case)
    return time.thread_time() - started


def least_seconds_of(case: Case, enough: float, tries: int = 3) -> float:
    """The least of some tries; the first that is not longer than ``enough`` ends them."""
    least = float("inf")
    for _ in range(tries):
        least = min(least, seconds_of(case))
        if least <= enough:
            break
    return least
