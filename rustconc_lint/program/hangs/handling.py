"""How channels and threads are handled: ends that nobody keeps, messages worked on under the receiver's lock, threads
that are joined one by one or not at all. From traces; joins whose results are thrown away from typed bodies.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.supplies import Traces
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.incidents import HeldReceive, LazyJoin, Lost
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span


def lost_ends(traces: Traces) -> Iterator[Lost]:
    """Outside of tests, which close channels on purpose."""
    for function, trace in traces:
        if not function.item.attributes.test:
            yield from trace.incidents.lost


def held_receives(traces: Traces) -> Iterator[tuple[Definition, HeldReceive]]:
    """Where several threads may take turns: the body is run by many, or is a function that any thread may run."""
    for function, trace in traces:
        for held in trace.incidents.held:
            if is_shared(held, trace):
                yield function, held


def is_shared(held: HeldReceive, trace: Trace) -> bool:
    if held.thread == 0:
        return held.temporary and held.lock.root[0] in ("param", "static")
    others = {acquire.thread for acquire in trace.acquires if acquire.lock == held.lock}
    return trace.threads[held.thread - 1].many or len(others - {0}) > 1


def lazy_joins(traces: Traces) -> Iterator[tuple[Definition, LazyJoin]]:
    """Tests may want one thread after the other."""
    for function, trace in traces:
        yield from ((function, lazy) for lazy in trace.incidents.lazy if lazy.lazy or not function.item.attributes.test)


def unstarted_threads(traces: Traces) -> Iterator[Span]:
    for _, trace in traces:
        yield from trace.incidents.unstarted


def unjoined_threads(traces: Traces) -> Iterator[tuple[Definition, Span]]:
    """Of `main`: whoever it leaves running is ended with the process."""
    for function, trace in traces:
        if function.name == "main" and function.container is None and not trace.diverges:
            yield from ((function, span) for span in trace.incidents.unjoined)


def ignored_joins(typed: TypedBody) -> Iterator[Span]:
    """`let _ = handle.join();`, `_ = handle.join();`, `handle.join().ok();`"""
    for node in typed.body.expressions:
        match node:
            case f.LetStatement(pattern=f.PWild(), value=value) if value is not None:
                thrown: f.Expr | None = value
            case f.Assign(op="", target=f.Unknown(parts=()), value=value):
                thrown = value
            case f.ExprStatement(expr=f.Method(name="ok", receiver=receiver), semi=True):
                thrown = receiver
            case _:
                continue
        if isinstance(thrown, f.Method) and joins(typed, thrown):
            yield Span(typed.module.file.path, thrown.start, thrown.end)


def joins(typed: TypedBody, call: f.Method) -> bool:
    callee = typed.calls.get(id(call))
    return callee is not None and callee.model is not None and callee.model.joins
