"""Who may run a function: `main`, a test, a thread that some body spawns, or anybody (a public, uncalled function).

Asked only for the few functions that take part in a contradiction of lock orders. Callers are found by name in the
text, so there may be too many of them: that can only make an order look possible from more threads, and never certain.
"""

from __future__ import annotations

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.threads import Context
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.summaries import Summaries

FARTHEST = 8  # calls between a function and what runs it; farther away it may be anybody
MOST_CALLERS = 12  # by name: a name that so many use says little


def is_offered(function: Definition) -> bool:
    """Whether other crates can call the function: a public one of a library, a method of a trait."""
    return function.module.crate.kind == "lib" and (function.item.public or function.path.startswith("<"))


class Callers:
    """The `Contexts` of threads.py, from summaries and the text of bodies."""

    def __init__(self, summaries: Summaries, functions: tuple[Definition, ...]) -> None:
        self.summaries = summaries
        self.functions = functions
        self.by_path = {function.path: function for function in functions}
        self.known: dict[str, frozenset[Context]] = {}
        self.open = 0  # functions being asked about, each on behalf of the one before
        self.reverse: dict[bytes, list[Definition]] | None = None

    def trace(self, function: Definition) -> Trace | None:
        return self.summaries.trace(function, False)

    def many(self, context: Context) -> bool:
        kind, path, number = context
        if kind == "any" or number < 0:
            return True
        if kind != "thread":
            return False
        trace = self.trace(self.by_path[path]) if path in self.by_path else None
        return trace is None or number > len(trace.threads) or trace.threads[number - 1].many

    def of(self, function: Definition) -> frozenset[Context]:
        known = self.known.get(function.path)
        if known is None:
            self.known[function.path] = frozenset()  # of a recursive function: its other callers decide
            self.open += 1
            known = self.known[function.path] = frozenset(self.contexts(function))
            self.open -= 1
        return known

    def contexts(self, function: Definition) -> set[Context]:
        if function.item.attributes.test:
            return {("test", function.path, 0)}
        if self.open > FARTHEST or is_offered(function):
            return {("any", "", 0)}
        callers = self.callers(function)
        if len(callers) > MOST_CALLERS:
            return {("any", "", 0)}
        if not callers:
            is_main = function.name == "main" and function.container is None
            return {("main", function.module.crate.id, 0) if is_main else ("any", "", 0)}
        found: set[Context] = set()
        for caller in callers:
            found |= self.through(caller, function)
        return found

    def through(self, caller: Definition, function: Definition) -> frozenset[Context] | set[Context]:
        """The contexts in which `caller` calls `function`: its own, or those of the threads it spawns."""
        trace = self.trace(caller)
        threads = {number for path, number in trace.calls if path == function.path} if trace is not None else set()
        if threads:
            found: set[Context] = {("thread", caller.path, number) for number in threads if number}
            return found | self.of(caller) if 0 in threads else found
        if self.summaries.relevance.may_spawn(caller):
            return self.of(caller) | {("thread", caller.path, -1)}
        return self.of(caller)

    def callers(self, function: Definition) -> list[Definition]:
        if self.reverse is None:
            self.reverse = {}
            for caller in self.functions:
                for name in self.summaries.relevance.calls(caller):
                    self.reverse.setdefault(name, []).append(caller)
        named = self.reverse.get(function.name.encode(), ())
        return [caller for caller in named if caller is not function and may_meet(caller, function)]


def may_meet(caller: Definition, function: Definition) -> bool:
    """Whether the two can be parts of one program: a file outside of any package is a program of its own."""
    one, other = caller.module.crate, function.module.crate
    return one is other or "loose" not in (one.kind, other.kind)
