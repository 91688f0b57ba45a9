"""Starting threads and tasks: a spawned closure or future runs in a copy of the state, with nothing held."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import leave, run, run_in_thread
from rustconc_lint.program.interpret.drains import (
    join_thread,
)
from rustconc_lint.program.interpret.events import Thread, Trace
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.oddities import note_started
from rustconc_lint.program.interpret.substitute import apply
from rustconc_lint.program.interpret.supply import CallExpr
from rustconc_lint.program.interpret.tally import count
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Pending,
    Place,
    Symbol,
    Value,
    children,
    codes,
)
from rustconc_lint.program.typeck.model import Callee


def spawn(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """Run the closure or future in the arguments as a new thread, with a copy of the state and nothing held."""
    number = new_thread(m, expr, callee)
    for argument in arguments:
        for item in to_run(argument):
            run_in_thread(m, number, item if isinstance(item, Code) else pending_code(m, item))
    return finish_spawn(m, expr, number)


def run_beside(m: Machine, node: f.Node, futures: list[Value]) -> Value:
    """`join!(a, b)`: each future runs as if in a thread of its own, and all of them end before the macro does."""
    numbers = []
    for future in futures:
        number = len(m.threads) + 1
        m.threads.append(Thread(number, m.span(node), "branch", False, m.state.live, m.thread))
        for item in to_run(future):
            run_in_thread(m, number, item if isinstance(item, Code) else pending_code(m, item))
        numbers.append(number)
        m.state.live |= {number}
    for number in numbers:
        join_thread(m, number, m.span(node), "scope")
    return NOTHING


def to_run(value: Value) -> list[Code | Pending]:
    """The closures and futures in a value; not those within them, which they run themselves, if anybody does."""
    if isinstance(value, Code | Pending):
        return [value]
    return [item for child in children(value) for item in to_run(child)]


def pending_code(m: Machine, future: Pending) -> Code:
    """A future made by an async call, as code that awaits it."""
    node, _ = m.pending[future.key]
    m.fresh += 1
    slot = -m.fresh
    body = f.Await(node.start, node.end, f.Local(node.start, node.end, slot))
    closure = f.Closure(node.start, node.end, "async", True, (node.start, node.end), node.start, (), None, body, ())
    return Code(closure, (((slot, ()), future),))


def new_thread(m: Machine, expr: CallExpr, callee: Callee) -> int:
    number = len(m.threads) + 1
    kind = callee.model.spawns if callee.model is not None and callee.model.spawns else "thread"
    m.threads.append(Thread(number, m.span(expr), kind, False, m.state.live, m.thread))
    note_started(m, number)
    if m.thread == 0 and kind == "thread":
        m.unwaited.add(number)
    return number


def finish_spawn(m: Machine, expr: CallExpr, number: int) -> Value:
    m.state.live |= {number}
    if m.open_scopes and m.threads[number - 1].kind == "scoped":
        m.open_scopes[-1].append(number)
    return m.make("thread", Place(("thread", number)), expr)


def spawn_trace(m: Machine, expr: CallExpr, callee: Callee, trace: Trace | None, name: str) -> Value:
    """`thread::spawn(worker)`."""
    number = new_thread(m, expr, callee)
    if trace is not None:
        parent, thread = m.state, m.thread
        m.state, m.thread = parent.copy(), number
        m.state.tally = {}
        apply(m, expr, name, trace, ())
        m.tallies[number] = m.state.tally
        m.state, m.thread = parent, thread
        count(m, "started", Place(("thread", number)))
    return finish_spawn(m, expr, number)


def spawn_unknown(m: Machine, expr: CallExpr, callee: Callee) -> Value:
    number = new_thread(m, expr, callee)
    m.endless.add(number)
    return finish_spawn(m, expr, number)


def run_scope(m: Machine, expr: CallExpr, arguments: tuple[Value, ...]) -> Value:
    """`thread::scope(|s| ..)`: its end joins what was spawned in it and not joined yet."""
    m.open_scopes.append([])
    result: Value = NOTHING
    for argument in arguments:
        for code in codes(argument):
            result = run(m, code, (Symbol(m.unknown_place(expr)),))
            if m.state.reachable:
                leave(m, code)
    for number in m.open_scopes.pop():
        if number in m.state.live:
            join_thread(m, number, m.span(expr), "scope")
    return result
