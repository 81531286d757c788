"""The packages of a lock as a tree: which package requires which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Tree"]

AGAIN = " (*)"
"""Behind a package whose requirements are shown further up."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Packages by normalised name: their versions, what each requires, and the roots."""

    versions: Mapping[str, str] = field(hash=False)
    requires: Mapping[str, Sequence[str]] = field(hash=False)
    roots: tuple[str, ...] = ()

    @staticmethod
    def of(
        versions: Mapping[str, str],
        required_by: Mapping[str, Sequence[str] | frozenset[str]],
        direct: frozenset[str],
    ) -> Tree:
        """The tree of the packages that the header names, and of those that no package requires.

        :param required_by: names to the names of what requires them.
        """
        requires: dict[str, list[str]] = {name: [] for name in versions}
        for name in sorted(versions):
            for parent in required_by.get(name, ()):
                if parent in requires and parent != name:
                    requires[parent].append(name)
        tree = Tree(versions, requires)
        roots = sorted(direct & versions.keys())
        below = tree._below(roots)
        # Then what the header names no more or a cycle hides: every package is shown once. Those
        # without a parent come first, for others are mostly below them.
        for name in sorted(versions, key=lambda name: (bool(required_by.get(name)), name)):
            if name not in below:
                roots.append(name)
                below |= tree._below([name])
        return Tree(versions, requires, tuple(roots))

    def _below(self, names: Sequence[str]) -> set[str]:
        """The packages, and all that they require."""
        seen, waiting = set(names), list(names)
        while waiting:
            new = [name for name in self.requires[waiting.pop()] if name not in seen]
            seen.update(new)
            waiting += new
        return seen

    def lines(self) -> Iterator[str]:
        """The tree for people, a line a package."""
        seen: set[str] = set()
        for root in self.roots:
            yield from self._lines(root, "", "", seen)

    def _lines(self, name: str, first: str, rest: str, seen: set[str]) -> Iterator[str]:
        """The lines of a package. Iterative: a chain may be as long as the lock."""
        stack = [(name, first, rest)]
        while stack:
            name, first, rest = stack.pop()
            inner = self.requires.get(name, ())
            again = name in seen and inner
            yield f"{first}{name} {self.versions[name]}{AGAIN if again else ''}"
            if not again:
                seen.add(name)
                for number, child in enumerate(reversed(inner)):
                    last = number == 0
                    bend, line = ("└── ", "    ") if last else ("├── ", "│   ")
                    stack.append((child, f"{rest}{bend}", f"{rest}{line}"))
