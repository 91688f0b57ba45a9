"""Which bodies may handle channels and threads oddly: a gate for speed only; it holds back nothing.

By its bytes, a body may when it makes a channel; when it calls a function with a channel and lets go of a part of what
that returns, or of all where types join threads when they are dropped; when it names a barrier. One that starts threads
(or calls a function that returns a thread's handle) is read: it may when the closure of a lazy iterator starts them, or
when the whole turn of a loop is one statement that starts and joins; tests may want one thread after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rustconc_lint.apis import ApiFile
from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import finds
from rustconc_lint.program.gates.relevance import THREADS, Relevance, last_segments
from rustconc_lint.program.gates.written_calls import WrittenCalls
from rustconc_lint.program.hangs.channel_gate import returns
from rustconc_lint.program.legality.handover_gate import called

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
        self.starting = relevance.spawning | self.starters.words

    def lets_through(self, function: Definition) -> bool:
        if not self.relevance.enabled or self.relevance.channel.count(function):
            return True
        words = self.relevance.mentions.words(function)
        if not words.isdisjoint(self.barriers):
            return True
        if self.makers.within(function) and (self.joins_on_drop or finds(function, WILDCARD)):
            return True
        waits = not words.isdisjoint(WAITS)
        lazy = not words.isdisjoint(self.lazy)
        in_turn = waits and not (words.isdisjoint(LOOPS) or function.item.attributes.test)
        if not lazy and not (in_turn and finds(function, CHAINED)):
            return False
        if not self.relevance.may_spawn(function) and not (waits and self.starters.within(function)):
            return False
        body = getattr(self.relevance.names.detail(function), "body", None)
        return body is None or any(
            (in_turn and type(node) is f.Loop and is_one_statement(node.body)) or (lazy and self.may_start_lazily(node))
            for node in body.expressions
        )

    def may_start_lazily(self, node: f.Node) -> bool:
        """Whether this may give a lazy iterator code that starts threads."""
        if not isinstance(node, f.Call | f.Method) or called(node).encode() not in self.lazy:
            return False
        return any(map(self.may_start, node.args))

    def may_start(self, code: f.Expr) -> bool:
        match code:
            case f.Closure(body=body):
                return any(self.may_be_start(call) for call in f.calls(body))
            case f.PathX(path=path):
                return bool(path.segments) and path.segments[-1].name.encode() in self.starting
            case _:
                return not isinstance(code, f.Lit)

    def may_be_start(self, call: f.Call | f.Method) -> bool:
        """By its name; a closure in a variable has none."""
        return called(call).encode() in self.starting or (isinstance(call, f.Call) and isinstance(call.callee, f.Local))


def is_one_statement(turn: f.Block) -> bool:
    return len(turn.statements) + (turn.tail is not None) == 1
