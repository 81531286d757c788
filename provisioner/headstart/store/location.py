"""Where the store is: its layout, as the file system there needs it."""

from __future__ import annotations

from pathlib import Path

from .disk.filesystem import adapted, look_at_file_system
from .layout import Layout


class Place:
    """The folder of a store. Nothing on disk is looked at before a method is called.

    :param public: what is made there can be read by others.
    """

    def __init__(self, root: Path, *, public: bool = False) -> None:
        self._plain = Layout(root, public=public)
        self._adapted: Layout | None = None

    @property
    def layout(self) -> Layout:
        """Where everything stands."""
        if self._adapted is None:
            self._adapted = adapted(self._plain)
        return self._adapted or self._plain

    def make(self) -> None:
        """Make the store's folders, as far as they are missing.

        :raises StoreError: if others can write the store.
        """
        self.layout.make()
        if self._adapted is None:
            self._adapted = look_at_file_system(self._plain)
            self._adapted.make()
