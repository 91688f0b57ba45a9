"""Which bodies may block a thread from async code: a gate over raw bytes, for speed only.

The text has the word `async`, and a call of a function that blocks which is not awaited on the spot. Methods without
arguments are told from their namesakes by `()`, free functions by standing behind no dot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rustconc_lint.apis import ApiFile, FnModel
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mention, Mentions, text_of
from rustconc_lint.program.gates.written_calls import takes_nothing_else
from rustconc_lint.program.names.names import Names
from rustconc_lint.source import ENDS, STARTS

_AWAITED = re.compile(rb"\s*\.\s*await\b")
_CALL = rb"\s*(?:::\s*<[^;{}()]*>)?\s*\("


class AsyncGate:
    """Answers for one function at a time. matters: which models are those of functions that block."""

    def __init__(
        self, names: Names, mentions: Mentions, apis: Iterable[ApiFile], matters: Callable[[FnModel], bool]
    ) -> None:
        self.names = names
        self.mentions = mentions
        self.matters = matters
        plain: set[bytes] = set()  # free and associated functions: no dot before
        empty: set[bytes] = set()  # methods that take nothing: `()` behind
        full: set[bytes] = set()
        paths = [path for api in apis for path, model in api.functions.items() if matters(model)]
        for path in paths:
            word = path.rpartition("::")[2].encode()
            definition = names.definition(path)
            if definition is None or not definition.item.receiver:
                plain.add(word)
            else:
                (empty if takes_nothing_else(definition) else full).add(word)
        self.types = {path.split("::")[-2].encode() for path in paths}
        self.words = frozenset(mentions.meanings(plain | empty | full))
        methods = [rb"\.\s*" + any_of(empty) + rb"\s*\(\s*\)"] if empty else []
        methods += [rb"\.\s*" + any_of(full) + _CALL] if full else []
        self.methods = re.compile(rb"|".join(methods))
        self.functions = re.compile(rb"(?<![.\s])\s*" + STARTS + b"(" + any_of(self.words) + rb")" + _CALL)

    def lets_through(self, function: Definition) -> bool:
        words = self.mentions.words(function)
        if b"async" not in words or words.isdisjoint(self.words):
            return False
        text = text_of(function)
        body = max(text.find(b"{"), 0)
        if any(not is_awaited(text, found.end()) for found in self.methods.finditer(text, body)):
            return True
        plain = {found[1] for found in self.functions.finditer(text, body) if not is_awaited(text, found.end())}
        return any(self.may_be(function, mention) for word in plain for mention in self.mentions.of(function, word))

    def may_be(self, function: Definition, mention: Mention) -> bool:
        """Whether a name that stands behind no dot may be that of a function that blocks."""
        if mention.method:
            return False
        named = self.mentions.named(function, mention)
        if isinstance(named, Definition):
            model = self.names.function_model(named)
            return model is not None and self.matters(model)
        if named is None or not mention.path:
            return named is not None
        return self.mentions.may_declare(function, mention.path[0]) or (
            len(mention.path) > 1 and not self.mentions.is_of_another_type(function, mention, self.types)
        )


def any_of(words: set[bytes] | frozenset[bytes]) -> bytes:
    return rb"(?:" + rb"|".join(sorted(map(re.escape, words))) + rb")" + ENDS


def is_awaited(text: bytes, at: int) -> bool:
    """Whether `.await` follows the call whose parenthesis has been opened before `at`, or is closed there."""
    depth = 0 if text[at - 1 : at] == b")" else 1
    while depth and at < len(text):
        depth += (text[at] == 0x28) - (text[at] == 0x29)
        at += 1
    return _AWAITED.match(text, at) is not None
