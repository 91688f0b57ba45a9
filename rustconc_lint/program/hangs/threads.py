"""Which threads can run at once: within one body by what it spawns and joins, across bodies by who calls them."""

from __future__ import annotations

from typing import Literal, Protocol

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.interpret.events import Acquire, Trace

Meeting = Literal["yes", "maybe", "no"]
Context = tuple[str, str, int]  # ("main" | "test" | "any" | "thread", function, thread number)


class Contexts(Protocol):
    """Who may run a function: see `callers.py`."""

    def of(self, function: Definition) -> frozenset[Context]:
        """Every context the function's own thread (0) may be."""

    def trace(self, function: Definition) -> Trace | None:
        """The trace that thread numbers of the function refer to."""

    def many(self, context: Context) -> bool:
        """Whether several threads may be in that context at once."""


class Event(Protocol):
    """An acquisition and the function it is in. own: its locks are made anew by each call of that function."""

    @property
    def where(self) -> Definition: ...

    @property
    def acquire(self) -> Acquire: ...

    @property
    def own(self) -> bool: ...


def may_run_at_once(left: Event, right: Event, contexts: Contexts) -> Meeting:
    """Whether both acquisitions can be under way at the same time: known, possible, or known not to be."""
    if left.where is right.where:
        return within(left, right, contexts)
    lefts = contexts_of(left, contexts)
    rights = contexts_of(right, contexts)
    best: Meeting = "no"
    for a in lefts:
        for b in rights:
            meeting = meet(a, b, contexts)
            if meeting == "yes":
                return "yes"
            if meeting == "maybe":
                best = "maybe"
    return best


def within(left_event: Event, right_event: Event, contexts: Contexts) -> Meeting:
    """Two acquisitions of one body."""
    left, right = left_event.acquire, right_event.acquire
    trace = contexts.trace(left_event.where)
    if trace is None:
        return "no"
    if left.thread and right.thread:
        if left.thread == right.thread:
            return "yes" if trace.threads[left.thread - 1].many else "no"
        return "yes" if beside(trace, left.thread, right.thread) else "no"
    if left.thread or right.thread:
        spawned, other = (left, right) if left.thread else (right, left)
        return "yes" if spawned.thread in other.live else "no"
    if left_event.own or right_event.own:
        return "no"
    runners = contexts.of(left_event.where)
    if any(contexts.many(runner) for runner in runners):
        return "maybe"
    return "maybe" if len([runner for runner in runners if runner[0] != "test"]) > 1 else "no"


def beside(trace: Trace, left: int, right: int) -> bool:
    return left in trace.threads[right - 1].beside or right in trace.threads[left - 1].beside


def contexts_of(event: Event, contexts: Contexts) -> frozenset[Context]:
    if event.acquire.thread:
        return frozenset({("thread", event.where.path, event.acquire.thread)})
    return contexts.of(event.where)


def meet(left: Context, right: Context, contexts: Contexts) -> Meeting:
    """Two contexts: two threads of one spawner are compared there, `any` may be anybody."""
    if "any" in (left[0], right[0]):
        return "maybe"
    if left == right:
        return "maybe" if contexts.many(left) else "no"
    if "test" in (left[0], right[0]):
        return "no"
    return "maybe"
