"""A package index that answers when a test lets it: builds take as long as the test wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.testing.package_index import LocalIndex
from headstart.testing.wheels import make_wheel


class HeldIndex(LocalIndex):
    """As `LocalIndex`, until it is held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._may_answer = threading.Event()
        self._may_answer.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Answer nothing in the block; what was asked meanwhile is answered at its end."""
        self._may_answer.clear()
        try:
            yield
        finally:
            self._may_answer.set()

    @contextmanager
    def slow(self, delay: float) -> Iterator[None]:
        """Wait ``delay`` seconds before each answer in the block."""
        self.delay = delay
        try:
            yield
        finally:
            self.delay = 0.0

    def add_chain(self, name: str, length: int) -> str:
        """Add distributions each of which needs the next, and return the name of the first."""
        names = [f"{name}-{number}" for number in range(length)]
        for this, following in zip(names, [*names[1:], ""], strict=True):
            make_wheel(self.folder, this, "1.0", requires=[following] if following else [])
        return names[0]

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """As `LocalIndex.answer`, as soon as it may."""
        self._may_answer.wait()
        return super().answer(path, authorization)
