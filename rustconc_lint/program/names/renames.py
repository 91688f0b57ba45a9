"""Other names for items: what `use .. as` and type aliases may stand for, by words alone.

Who looks for the places where an item is named asks here for every word that may name it. Scopes are not looked at:
a word that renames something anywhere may do so everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from rustconc_lint.facts.model import Item
from rustconc_lint.source import NAME

_WORD = re.compile(NAME)


class Renames:
    """Grows with the items that it takes in."""

    def __init__(self) -> None:
        self._imports: dict[bytes, set[bytes]] = {}  # name -> new names that `use` gives it
        self._aliases: dict[bytes, set[bytes]] = {}  # word -> aliases of types in whose text it stands
        self._opaque: set[bytes] = set()  # aliases of what an impl or a macro chooses
        self._new: set[bytes] = set()
        self._known: dict[tuple[bytes, bool], frozenset[bytes]] = {}

    def take_in(self, item: Item, data: bytes) -> AbstractSet[bytes]:
        """Notes the new names that a `use` or a type alias gives; they are returned. `data`: the item's file."""
        new: set[bytes] = set()
        for use in item.uses:
            if use.segments and use.name not in ("*", "_", use.segments[-1]):
                new.add(use.name.encode())
                self._imports.setdefault(use.segments[-1].encode(), set()).add(use.name.encode())
        if item.kind == "type":
            name = item.name.encode()
            new.add(name)
            self._alias(name, data[item.name_start + len(item.name) : item.end])
        if new:
            self._new |= new
            self._known.clear()
        return new

    def _alias(self, name: bytes, text: bytes) -> None:
        declared, _, aliased = text.partition(b"=")
        words = _WORD.findall(aliased)
        start = aliased.lstrip(b" \t\r\n(&")
        of_parameter = bool(words) and words[0] in _WORD.findall(declared) and start[len(words[0]) :].startswith(b"::")
        if of_parameter or start.startswith(b"<") or b"!" in aliased:
            self._opaque.add(name)
        for word in words:
            self._aliases.setdefault(word, set()).add(name)

    def __contains__(self, name: bytes) -> bool:
        """Whether the name is a new one for something else."""
        return name in self._new

    def spellings(self, name: bytes, aliases: bool = True) -> frozenset[bytes]:
        """The words that may name what `name` names: itself and its new names, type aliases too unless told not."""
        key = (name, aliases)
        found = self._known.get(key)
        if found is None:
            seen = {name} | self._opaque if aliases else {name}
            pending = list(seen)
            while pending:
                word = pending.pop()
                more = self._imports.get(word, set()) | (self._aliases.get(word, set()) if aliases else set())
                pending.extend(more - seen)
                seen |= more
            found = self._known[key] = frozenset(seen)
        return found
