"""Which bodies may wait for a channel that another function has made: a gate over raw bytes, for speed only.

A function that makes a channel and returns something is a maker. A body is read when it makes a channel and calls the
project, or calls a maker and waits: itself, or in a method of a type that has a maker.
"""

from __future__ import annotations

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.relevance import Relevance, waits
from rustconc_lint.program.gates.written_calls import WrittenCalls


class ChannelGate:
    """Answers for one function at a time."""

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        making = [function for function in relevance.near if relevance.channel.count(function)]
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
            return returns(function) or waits(function) or self.calls_what_waits(function)
        return self.makers.within(function) and (waits(function) or self.methods.within(function))

    def calls_what_waits(self, function: Definition) -> bool:
        """Whether a function of a name that is called waits: for a receiver that was stored where it finds it, say."""
        by_name = self.relevance.by_name
        return any(waits(called) for name in self.relevance.calls(function) for called in by_name[name])


def type_of(function: Definition) -> str:
    """The path before the function's own name."""
    return function.path.rpartition("::")[0]


def returns(function: Definition) -> bool:
    """Whether the function is written to return something."""
    item, data = function.item, function.module.file.source.data
    return data.find(b"->", item.name_start, data.find(b"{", item.name_start, item.end)) >= 0
