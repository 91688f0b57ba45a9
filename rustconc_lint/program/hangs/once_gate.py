"""Which initialisers may ask for what they initialise: a gate over raw bytes, for speed only.

A function is read when it has an initialiser (`get_or_init`, `call_once`) and names such a function or a lazy static
once more, or a function of the project that names one. A lazy static is read likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rustconc_lint.apis import ApiFile
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import text_of
from rustconc_lint.program.gates.relevance import Relevance, last_segments
from rustconc_lint.source import ENDS, STARTS


class OnceGate:
    """Answers for one function or static at a time."""

    def __init__(self, relevance: Relevance, apis: Iterable[ApiFile]) -> None:
        apis = tuple(apis)
        self.relevance = relevance
        self.mentions = mentions = relevance.mentions
        asking = last_segments(apis, lambda model: model.initialises and model.acts == "call")
        running = last_segments(apis, lambda m: m.initialises and m.runs == "now" and m.acts == "call")
        self.running = frozenset(mentions.meanings(running))
        types = relevance.type_words(apis, "once")
        self.statics = [s for s in relevance.names.values() if self.is_lazy(s, types)]
        self.asking = frozenset(mentions.meanings(asking)) | {s.name.encode() for s in self.statics}
        self.askers: frozenset[bytes] | None = None

    def is_lazy(self, static: Definition, types: frozenset[bytes]) -> bool:
        words = self.mentions.words(static)
        return static.kind == "static" and not words.isdisjoint(types) and b"|" in text_of(static)

    def roots(self) -> Iterator[Definition]:
        relevance = self.relevance
        having = [f for f in relevance.functions if not self.mentions.words(f).isdisjoint(self.running)]
        for definition in (*having, *self.statics) if relevance.enabled else (*relevance.functions, *self.statics):
            if not relevance.enabled or self.asks_twice(definition):
                yield definition

    def near(self, function: Definition) -> bool:
        """Whether the function itself may ask for anything."""
        return not self.mentions.words(function).isdisjoint(self.asking)

    def asks_twice(self, definition: Definition) -> bool:
        """Whether the text has two of the words, its own name counted, or the name of a function that has one."""
        words = self.mentions.words(definition)
        own = {definition.name.encode()}
        if self.askers is None:
            self.askers = frozenset(f.name.encode() for f in self.relevance.functions if self.near(f))
        if not (words & self.askers - own) <= self.asking:
            return True
        text = text_of(definition)
        return sum(len(re.findall(STARTS + re.escape(word) + ENDS, text)) for word in words & self.asking) > 1
