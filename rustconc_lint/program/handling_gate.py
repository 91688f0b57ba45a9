"""Which bodies may handle channels and threads oddly: a gate over raw bytes, for speed only; it holds back nothing.

A body is read when it makes a channel; when it calls a function with a channel and lets go of a part of what that
returns, or of all where types join threads when they are dropped; when it names a barrier; when it starts threads (or
calls a function that returns a thread's handle) and joins them in a lazy iterator, or as the whole turn of a loop; when
a lazy iterator may start them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rustconc_lint.apis import ApiFile
from rustconc_lint.program.channel_gate import returns
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.mentions import text_of
from rustconc_lint.program.relevance import THREADS, Relevance, last_segments
from rustconc_lint.program.written_calls import WrittenCalls

LOOPS = frozenset((b"for", b"while", b"loop"))
WAITS = frozenset((b"join", b"await"))
WILDCARD = re.compile(rb"[(,]\s*(?:_|\.\.)\s*[,)]")  # `(tx, _)`
CHAINED = re.compile(rb"\)\s*\.\s*(?:join|await)\b")  # `spawn(..).join()`


class HandlingGate:
    """Answers for one function at a time."""

    def __init__(self, relevance: Relevance, apis: Iterable[ApiFile], joins_on_drop: bool) -> None:
        self.relevance = relevance
        self.joins_on_drop = joins_on_drop
        mentions = relevance.mentions
        apis = tuple(apis)
        self.barriers = relevance.of_role["barrier"]
        self.lazy = frozenset(
            mentions.meanings(last_segments(apis, lambda model: model.runs == "lazy" and model.acts == "call"))
        )
        self.makers = WrittenCalls(
            mentions, [f for f in relevance.functions if relevance.channel.count(f) and returns(f)]
        )
        self.starters = WrittenCalls(mentions, relevance.heads_with(THREADS))

    def lets_through(self, function: Definition) -> bool:
        if not self.relevance.enabled or self.relevance.channel.count(function):
            return True
        words = self.relevance.mentions.words(function)
        if not words.isdisjoint(self.barriers):
            return True
        if self.makers.within(function) and (self.joins_on_drop or WILDCARD.search(text_of(function))):
            return True
        lazy = not words.isdisjoint(self.lazy)
        if lazy and self.relevance.may_spawn(function):
            return True
        if words.isdisjoint(WAITS) or not (lazy or not words.isdisjoint(LOOPS)):
            return False
        in_turn = not words.isdisjoint(LOOPS) and CHAINED.search(text_of(function)) is not None
        return (lazy or in_turn) and (self.relevance.may_spawn(function) or self.starters.within(function))
