"""Calls: which arguments go where, and the effect of what is called: a known crate's model, or a summary."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret import effects, flows, tasks
from rustconc_lint.program.interpret.closures import create, run, run_later
from rustconc_lint.program.interpret.drains import record_joins
from rustconc_lint.program.interpret.events import Invoke, Trace
from rustconc_lint.program.interpret.implied import to_string
from rustconc_lint.program.interpret.kept import note_bundle, release, release_lent
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.places import forget_what_is_known, is_place, parts, place_of
from rustconc_lint.program.interpret.state import MAYBE
from rustconc_lint.program.interpret.substitute import Call, apply, run_holding
from rustconc_lint.program.interpret.suspended import note_await
from rustconc_lint.program.interpret.tally import NEVER, count
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Own,
    Parts,
    Pending,
    Place,
    Pointer,
    Shared,
    Symbol,
    Value,
    bag,
    codes,
    flat,
    inside,
)
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import FnItem

TRANSPARENT = frozenset({"std::boxed::Box", "std::pin::Pin"})  # a Box is the value itself
CONSTRUCTORS = frozenset({"struct", "variant"})


def call(m: Machine, expr: f.Call) -> Value:
    """`f(a, b)`: a constructor, a closure of this body, or a function."""
    callee = m.typed.calls.get(id(expr))
    definition = m.typed.paths.get(id(expr.callee))
    if not isinstance(expr.callee, f.PathX) or (callee is None and definition is None):
        return call_value(m, expr)
    arguments = tuple(m.value(argument) for argument in expr.args)
    if not m.state.reachable:
        return NOTHING
    constructor = callee.definition if callee is not None else definition
    if constructor is not None and constructor.kind in CONSTRUCTORS:
        if len(arguments) == 1:
            return arguments[0]
        path = constructor.path if constructor.kind == "struct" else ""
        value = parts([(str(index), value) for index, value in enumerate(arguments)], path)
        note_bundle(m, value, expr)
        return value
    if callee is None:
        return flows.unknown(m, expr, arguments)
    return dispatch(m, expr, callee, arguments, expr.args)


def call_value(m: Machine, expr: f.Call) -> Value:
    """`f()` of a value: a closure made in this body runs here; others are not known."""
    if isinstance(expr.callee, f.PathX):
        return flows.unknown(m, expr, tuple(m.value(argument) for argument in expr.args))
    place = m.through(place_of(m, expr.callee))
    code = m.at(place)
    arguments = tuple(m.value(argument) for argument in expr.args)
    found = [item for item in flat(code) if isinstance(item, Code)]
    if found and m.state.reachable:
        return bag([run(m, item, arguments) for item in found])
    if place.root[0] == "param" and not place.fields and m.state.reachable:
        m.invokes.append(Invoke(int(place.root[1]), m.thread, m.held()))
        count(m, "called", place)
    return flows.unknown(m, expr, arguments)


def method(m: Machine, expr: f.Method) -> Value:
    """`a.f(b)`: the receiver first, by value or by reference as the method takes it."""
    callee = m.typed.calls.get(id(expr))
    if callee is None:
        return unknown_method(m, expr)
    receiver = receive(m, expr, callee)
    arguments = (receiver, *(m.value(argument) for argument in expr.args))
    if not m.state.reachable:
        return NOTHING
    return dispatch(m, expr, callee, arguments, (expr.receiver, *expr.args))


def receive(m: Machine, expr: f.Method, callee: Callee) -> Value:
    steps = [step for step in callee.steps if step not in TRANSPARENT]
    if callee.receiver == "value" and not steps:
        return m.value(expr.receiver)
    place = place_of(m, expr.receiver)
    for _ in steps:
        inner = m.target(m.at(place))
        if inner is None or inner == place:
            break
        place = inner
    return m.take(place) if callee.receiver == "value" else Pointer(place)


def unknown_method(m: Machine, expr: f.Method) -> Value:
    """It may take its receiver, keep its arguments, run their closures later."""
    place = place_of(m, expr.receiver)
    release(m, m.through(place))
    if is_place(expr.receiver):
        for item in inside(m.at(place)):
            if isinstance(item, Own) and m.handles[item.handle].kind != "guard":
                m.state.status[item.handle] = "escaped"
    else:
        forget_what_is_known(m, expr.receiver) if is_place(expr.receiver) else m.escape(m.at(place))
    return flows.unknown(m, expr, tuple(m.value(argument) for argument in expr.args))


def dispatch(
    m: Machine, expr: f.Call | f.Method, callee: Callee, arguments: tuple[Value, ...], written: tuple[f.Expr, ...]
) -> Value:
    """The effect of a resolved call."""
    for argument in arguments:
        effects.touch_value(m, argument)
    if callee.model is not None and callee.model.acts == "await":
        for argument in arguments:  # `join_all(iter.map(..))` goes through the iterator at once
            m.will_run(argument)
        m.pending.append((expr, lambda machine, values: effects.model(machine, expr, callee, values)))
        return Pending(len(m.pending) - 1, arguments)
    if callee.model is not None:
        if callee.model.spawns is not None and not any(isinstance(v, Code | Pending) for v in arguments):
            return spawn_function(m, expr, callee, arguments, written)
        return effects.model(m, expr, callee, arguments)
    if callee.definition.module.crate.api:
        if callee.definition.name == "to_string":
            to_string(m, expr, callee, arguments)
        return flows.declared(m, expr, callee, arguments)
    return project(m, expr, callee, arguments)


def project(m: Machine, expr: f.Call | f.Method, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """A function of the project: its summary, at the call or (async) at the await."""
    if m.world.is_async(callee.definition):
        m.pending.append((expr, lambda machine, values: summarised(machine, expr, callee, values)))
        return Pending(len(m.pending) - 1, arguments)
    return summarised(m, expr, callee, arguments)


def summarised(m: Machine, expr: f.Call | f.Method, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    trace = followed(m, expr, callee, arguments)
    if trace is None:
        if callee.receiver == "mut" and arguments and isinstance(arguments[0], Pointer):
            m.state.assigned |= {(m.through(arguments[0].place), True)}
            release_lent(m, arguments[0])
        return flows.unknown(m, expr, arguments)
    arguments = tuple(
        hand_in(m, expr, callee.definition.name, trace, index, arguments) for index in range(len(arguments))
    )
    return apply(m, expr, callee.definition.name, trace, arguments)


def hand_in(m: Machine, expr: f.Expr, name: str, trace: Trace, index: int, arguments: tuple[Value, ...]) -> Value:
    """A closure given to a function of the project runs where the function calls it, with what it holds there."""
    argument = arguments[index]
    for code in codes(argument):
        calls = [invoke for invoke in trace.invokes if invoke.index == index and not invoke.thread]
        surely = trace.tally.get(("called", Place(("param", index))), NEVER)[0] > 0
        if calls:
            run_holding(Call(m, expr, name, trace, arguments), code, calls[0], surely)
        else:
            run_later(m, code)
    return NOTHING if isinstance(argument, Code) else argument


def followed(m: Machine, expr: f.Call | f.Method, callee: Callee, arguments: tuple[Value, ...]) -> Trace | None:
    """The callee's summary, where it can matter: a lock is held, or handles go in or come out."""
    m.calls.add((callee.definition.path, m.thread))
    if m.thread == 0:
        m.unwaited.clear()
    if not callee.exact:
        return None
    function = callee.definition
    deep = (m.deep or bool(m.held()) or is_waited_for(m)) and m.world.may_lock(function)
    flows = any(matters(m, value) for value in arguments)
    flows = (
        flows or m.world.returns_handle(function) or m.world.takes_lock(function) or m.world.borrows_handle(function)
    )
    flows = flows or (m.glue is not None and m.world.returns_acting(function))
    return m.world.summary(function, deep, flows) if deep or flows else None


def is_waited_for(m: Machine) -> bool:
    """Whether the running thread was started under a lock, so that what it takes may matter to whoever joins it."""
    return m.thread != 0 and any(
        status == MAYBE and m.handles[number].kind == "guard" and m.handles[number].thread != m.thread
        for number, status in m.state.status.items()
    )


def matters(m: Machine, value: Value) -> bool:
    """Whether the value owns handles, or leads to a place that holds some."""
    for item in inside(value):
        if isinstance(item, Code | Pending) or is_followed(m, item):
            return True
        if isinstance(item, Parts) and m.glue is not None and m.world.drop_of(item.type) is not None:
            return True
        if isinstance(item, Pointer | Shared) and any(is_followed(m, held) for held in inside(m.at(item.place))):
            return True
    return False


def is_followed(m: Machine, value: Value) -> bool:
    """A barrier alone is no reason to look into what is called."""
    return m.is_handle(value) and isinstance(value, Own) and m.handles[value.handle].kind not in ("barrier", "borrow")


def spawn_function(
    m: Machine, expr: f.Call | f.Method, callee: Callee, arguments: tuple[Value, ...], written: tuple[f.Expr, ...]
) -> Value:
    """`thread::spawn(worker)`: the thread runs a function of the project, or code that is known to the caller only."""
    for argument in written:
        ty = m.typed.type_of(argument)
        if isinstance(ty, FnItem):
            function = m.world.function(ty.path)
            trace = m.world.summary(function, m.deep, False) if function is not None else None
            return tasks.spawn_trace(m, expr, callee, trace, ty.path.rpartition("::")[2])
    for given in arguments:
        m.escape(given)
    return tasks.spawn_unknown(m, expr, callee)


def await_(m: Machine, expr: f.Await) -> Value:
    """`.await`: what an async call or block does, it does here; a task's handle is joined."""
    value = m.value(expr.operand)
    note_await(m, expr)
    return bag([awaited(m, expr, item) for item in flat(value)])


def awaited(m: Machine, expr: f.Await, value: Value) -> Value:
    if isinstance(value, Pending):
        _, act = m.pending[value.key]
        return act(m, value.arguments)
    if isinstance(value, Code):
        return run(m, value)
    if isinstance(value, Parts) and value.type:  # a struct that is or becomes a future does what we do not read
        m.escape(value)
        return Symbol(m.unknown_place(expr))
    if m.world.role(m.typed.type_of(expr.operand)) == "receiver":  # of a channel for one message
        return effects.receive(m, expr, "one", (value,))
    if m.behind(value) is not None:  # the caller knows what future it is
        m.escape(value)
    record_joins(m, value, m.span(expr))
    return value


def closure(m: Machine, expr: f.Closure) -> Value:
    return create(m, expr)
