"""Which bodies may wait for a channel that another function has made: a gate over raw bytes, for speed only.

A function that makes a channel and returns something is a maker. A body is read when it makes a channel and calls the
project, or calls a maker and waits somewhere.
"""

from __future__ import annotations

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.relevance import WAITING, Relevance, written_calls


class ChannelGate:
    """Answers for one function at a time."""

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        making = [function for function in relevance.functions if relevance.mentions(function, relevance.channel)]
        self.making = {id(function) for function in making}
        self.makers = written_calls([function for function in making if returns(function)])

    def lets_through(self, function: Definition) -> bool:
        if not self.relevance.enabled:
            return True
        if id(function) in self.making:
            return bool(self.relevance.calls(function))
        if not any(self.relevance.mentions(function, gate) for gate in self.makers):
            return False
        item = function.item
        return WAITING.search(function.module.file.source.data, item.start, item.end) is not None


def returns(function: Definition) -> bool:
    """Whether the function is written to return something."""
    item, data = function.item, function.module.file.source.data
    return data.find(b"->", item.name_start, data.find(b"{", item.name_start, item.end)) >= 0
