"""Which bodies may wait for a channel that another function has made: a gate over raw bytes, for speed only.

A function that makes a channel and returns something is a maker. A body is read when it makes a channel and calls the
project, or calls a maker and waits: itself, or in a method of a type that has a maker.
"""

from __future__ import annotations

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.relevance import Relevance, waits
from rustconc_lint.program.written_calls import WrittenCalls


class ChannelGate:
    """Answers for one function at a time."""

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        making = [function for function in relevance.functions if relevance.channel.count(function)]
        makers = [function for function in making if returns(function)]
        types = {type_of(function) for function in makers if function.container is not None}
        methods = [f for f in relevance.functions if f.item.receiver and type_of(f) in types and waits(f)]
        self.making = {id(function) for function in making}
        self.makers = WrittenCalls(relevance.mentions, makers)
        self.methods = WrittenCalls(relevance.mentions, methods)

    def lets_through(self, function: Definition) -> bool:
        if not self.relevance.enabled:
            return True
        if id(function) in self.making:
            return bool(self.relevance.calls(function))
        return self.makers.within(function) and (waits(function) or self.methods.within(function))


def type_of(function: Definition) -> str:
    """The path before the function's own name."""
    return function.path.rpartition("::")[0]


def returns(function: Definition) -> bool:
    """Whether the function is written to return something."""
    item, data = function.item, function.module.file.source.data
    return data.find(b"->", item.name_start, data.find(b"{", item.name_start, item.end)) >= 0
