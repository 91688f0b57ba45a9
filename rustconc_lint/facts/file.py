"""One file as facts: the lazy view `RustFile`, whose complete frozen value is `FileFacts`."""

from __future__ import annotations

import re

from rustconc_lint.facts.model import Attributes, Body, Detail, FileFacts, Item
from rustconc_lint.source import SourceFile


class RustFile:
    """What one file says. Item heads are read at once, details and bodies when they are asked for."""

    items: tuple[Item, ...]
    attributes: Attributes  # of the file itself: `#![allow(..)]`
    has_errors: bool

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.items = ()
        self.attributes = Attributes()
        self.has_errors = False

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def fragment(self) -> Body | None:
        """The statements at top level as a body; None for a file of items."""
        return None

    def detail(self, item: Item) -> Detail | None:
        """What an item of this file says beyond its head; None for kinds that have no detail. Memoised by `item.start`.

        Items declared in blocks (`Scope.items`) are known once the body around them has been read."""
        return None

    def mentions(self, pattern: re.Pattern[bytes], start: int, end: int) -> bool:
        """Whether the raw bytes `start..end` match: a gate of speed, which knows nothing of comments or strings."""
        return pattern.search(self.source.data, start, end) is not None

    def facts(self) -> FileFacts:
        """Everything this file says, forced."""
        return FileFacts(self.items, {}, self.fragment, self.has_errors)
