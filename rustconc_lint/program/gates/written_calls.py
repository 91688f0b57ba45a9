"""Calls of given functions as they may be written: `a.f()`, `a.f(b)`, `Type::f(..)`, `m::f(..)`. A gate of speed.

Free functions are found by what their path names, associated ones by their type's name, methods by their name and by
whether they take arguments. Nothing is left out that could be such a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rustconc_lint.inquiry import told_by_text
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mention, Mentions

_SELF = re.compile(rb"\(\s*(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\s*(\)|,\s*\)|,)")


class WrittenCalls:
    """Questions about the text of one body at a time."""

    def __init__(self, mentions: Mentions, functions: Iterable[Definition]) -> None:
        self.mentions = mentions
        self.functions: set[int] = set()
        self.free: set[bytes] = set()
        self.types: dict[bytes, set[bytes]] = {}
        self.empty: dict[bytes, list[str]] = {}  # methods without further parameters -> where they are visible
        self.full: dict[bytes, list[str]] = {}
        for function in functions:
            self.take_in(function)
        self.meanings = mentions.meanings(self.free | self.types.keys())
        self.words = frozenset(self.meanings)

    def take_in(self, function: Definition) -> None:
        name = function.name.encode()
        self.functions.add(id(function))
        if function.container is None:
            self.free.add(name)
            return
        self.types.setdefault(name, set()).add(type_name(function))
        if function.item.receiver:
            alone = takes_nothing_else(function)
            visible = seen_from(function)
            if alone is not False:
                self.empty.setdefault(name, []).append(visible)
            if alone is not True:
                self.full.setdefault(name, []).append(visible)

    def within(self, definition: Definition) -> bool:
        """Whether the body of `definition` may call one of the functions."""
        words = self.mentions.words(definition) & self.words
        return bool(words) and any(self.by_name(definition, word) for word in words)

    def by_name(self, definition: Definition, word: bytes) -> bool:
        """Whether it may call one that is known there by this word."""
        return any(
            self.may_be(definition, mention, name)
            for mention in self.mentions.of(definition, word)
            for name in self.meanings[word]
        )

    def may_be(self, definition: Definition, mention: Mention, name: bytes) -> bool:
        """Whether a mention may be of a function that was called `name` where it was declared."""
        if mention.method:
            visible = (self.empty if mention.empty else self.full).get(name)
            return mention.called and visible is not None and is_within(definition.module.path, visible)
        if not mention.path:
            return True
        of_type = name in self.types and not self.mentions.is_of_another_type(definition, mention, self.types[name])
        if not of_type and name not in self.free:
            return False
        named = self.mentions.named(definition, mention)
        if isinstance(named, Definition):
            return id(named) in self.functions
        # What is not declared within is then a member of a type.
        return named is not None and (of_type or self.mentions.may_declare(definition, mention.path[0]))


def type_name(function: Definition) -> bytes:
    """The name of the type whose inherent function or method this is; nothing for a trait's."""
    return b"" if function.path.startswith("<") or is_of_trait(function) else function.path.split("::")[-2].encode()


def seen_from(function: Definition) -> str:
    """The module outside of which a method cannot be called, or one around it; "" for a public one."""
    item, module = function.item, function.module
    if type_name(function) == b"":
        return ""
    if not item.public:
        return module.path
    return module.crate.id if b"(" in module.file.source.data[item.start : item.name_start] else ""


def is_within(module: str, others: list[str]) -> bool:
    """Whether the module is one of the others, or within one."""
    return any(module == other or module.startswith(f"{other}::") or not other for other in others)


def is_of_trait(function: Definition) -> bool:
    return function.container is not None and function.container.item.kind == "trait"


@told_by_text
def takes_nothing_else(function: Definition) -> bool | None:
    """Whether the function is a method without further parameters, so that its calls end in `()`; None: perhaps."""
    item, data = function.item, function.module.file.source.data
    taken = _SELF.search(data, item.name_start, item.end)
    return None if taken is None else taken[1].endswith(b")")
