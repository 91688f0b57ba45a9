"""Impls that macros may write: which words stand in calls of macros whose text implements a trait.

Nothing is expanded. The words are all that such an impl can be for, so a type that is not among them has no unseen one.
"""

from __future__ import annotations

import re

from rustconc_lint.program.definitions import Crate
from rustconc_lint.program.names.modules import Tree
from rustconc_lint.source import NAME, STARTS

_WORD = re.compile(NAME)
_BRACKET = re.compile(rb"[()\[\]{}]")


class MacroImpls:
    """Answers about the macros of a run, memoised; those of blocks count once the block is registered."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read = 0
        self._texts: dict[bytes, bytes] = {}
        self._known: dict[tuple[Crate, bytes], frozenset[bytes]] = {}

    def words(self, crate: Crate, trait: bytes) -> frozenset[bytes]:
        """All words in the crate's calls of macros that write impls of the trait (its last name)."""
        self._refresh()
        key = (crate, trait)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._words_of_calls(crate, self._writing(trait))
        return found

    def _refresh(self) -> None:
        modules = self._tree.modules
        before = len(self._texts)
        for module in modules[self._read :]:
            for item in module.items:
                if item.kind == "macro":
                    text = module.file.source.data[item.start : item.end]
                    self._texts[item.name.encode()] = self._texts.get(item.name.encode(), b"") + text
        self._read = len(modules)
        if len(self._texts) != before:
            self._known.clear()

    def _writing(self, trait: bytes) -> set[bytes]:
        """Names of the macros whose text has an `impl` and the trait, and of those that call such a macro."""
        found = {name for name, text in self._texts.items() if b"impl" in text and trait in _WORD.findall(text)}
        pending = list(found)
        while pending:
            called = pending.pop() + b"!"
            more = {name for name, text in self._texts.items() if name not in found and called in text}
            found |= more
            pending.extend(more)
        return found

    def _words_of_calls(self, crate: Crate, macros: set[bytes]) -> frozenset[bytes]:
        words: set[bytes] = set()
        if not macros:
            return frozenset()
        call = re.compile(STARTS + rb"(?:%b)!\s*(?=[({[])" % b"|".join(sorted(macros)))
        files = {module.file.path: module.file for module in self._tree.modules if module.crate is crate}
        for file in files.values():
            data = file.source.data
            for match in call.finditer(data):
                words.update(_WORD.findall(data, match.end(), _closing(data, match.end())))
        return frozenset(words)


def _closing(data: bytes, opening: int) -> int:
    """Where the bracket that opens at `opening` is closed, comments and strings not looked at; the end without one."""
    depth = 0
    for match in _BRACKET.finditer(data, opening):
        depth += 1 if match[0] in b"([{" else -1
        if depth == 0:
            return match.end()
    return len(data)
