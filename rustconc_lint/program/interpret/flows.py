"""Calls of known crates without a stated effect: values flow as the types allow; iterators are driven."""

from __future__ import annotations

from rustconc_lint.apis import FnModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import drive, run_later, run_now
from rustconc_lint.program.interpret.drains import (
    record_drain,
    streams,
)
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE, MAYBE
from rustconc_lint.program.interpret.tasks import CallExpr
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Moved,
    Own,
    Parts,
    Place,
    Pointer,
    Received,
    Shared,
    Stream,
    Symbol,
    Value,
    bag,
    flat,
    inside,
    joined,
    part,
    with_part,
)
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import Adt, Prim


def declared(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """A function of a known crate without a stated effect: values flow as its types allow."""
    effect = callee.model
    result_type = m.typed.type_of(expr)
    if m.world.is_clone(callee.definition):
        return clone(m, arguments[0], expr) if arguments else NOTHING
    arguments, ran = run_closures(m, callee, arguments)
    arguments = shortened(arguments, effect)
    if effect is not None and effect.drives is not None:
        return consume(m, expr, callee, effect.drives, arguments)
    empties = effect is not None and effect.empties
    taken = take_contents(m, arguments, empties)
    if m.world.role(result_type) == "shared":
        return share(m, expr, bag([*arguments]))
    lazy = any(isinstance(item, Stream | Received | Code) for value in arguments for item in inside(value))
    if not (m.world.can_hold(result_type) or (lazy and not isinstance(result_type, Prim))):
        put_away(m, callee, arguments)
        m.drop(taken)
        return NOTHING
    pointers = [value for value in arguments[:1] if isinstance(value, Pointer)]
    owned = bag([value for value in (*arguments, *ran) if not isinstance(value, Pointer)])
    owned = bag([taken, owned if m.world.is_result(result_type) else strip(owned)])
    if pointers and taken == NOTHING:
        if callee.receiver == "mut":
            put_away(m, callee, arguments)
        return (
            bag([owned, looked_into(m, callee, pointers[0], expr)])
            if callee.receiver != "mut"
            else borrowed(m, callee, pointers[0], expr)
        )
    return owned


def strip(value: Value) -> Value:
    """Without the mark of a receive: what is inside its Ok is a message."""
    return NOTHING if isinstance(value, Received) else value


def borrowed(m: Machine, callee: Callee, receiver: Pointer, expr: CallExpr) -> Value:
    """What `&mut self` gives: a reference into it, or contents that may have moved out (`pop`, `remove`)."""
    if m.world.is_reference(m.typed.type_of(expr)):
        return looked_into(m, callee, receiver, expr)
    contents = m.at(receiver.place)
    for item in inside(contents):
        if isinstance(item, Own) and m.state.status.get(item.handle) == ALIVE:
            m.state.status[item.handle] = MAYBE
    return part(contents, "[]") if isinstance(contents, Parts) else contents


def looked_into(m: Machine, callee: Callee, receiver: Pointer, expr: CallExpr) -> Value:
    """A reference to the receiver itself (`as_ref`, `deref`, `borrow`) or to an element of it (`get`, `iter`)."""
    place = m.through(receiver.place)
    if m.world.same_inside(callee.adjusted, m.typed.type_of(expr)):
        return Pointer(place)
    return Pointer(place.field("[]", ""))


def take_contents(m: Machine, arguments: tuple[Value, ...], empties: bool) -> Value:
    """`take()`, `mem::take(&mut x)`, `drain(..)`: the contents leave their place."""
    if not empties or not arguments or not isinstance(arguments[0], Pointer):
        return NOTHING
    place = arguments[0].place
    taken = m.at(place)
    if isinstance(taken, Symbol):
        return taken
    m.write(place, bag(list(arguments[1:])))
    return NOTHING if isinstance(taken, Moved) else taken


def put_away(m: Machine, callee: Callee, arguments: tuple[Value, ...]) -> None:
    """By-value arguments of a `&mut self` method stay in its receiver; others die with the call."""
    if callee.receiver == "mut" and isinstance(arguments[0], Pointer):
        place = arguments[0].place
        stored = bag([value for value in arguments[1:] if not isinstance(value, Pointer | Code)])
        if stored == NOTHING:
            return
        holder = m.at(place)
        if isinstance(holder, Symbol):
            m.escape(stored)
        else:
            m.write(place, with_part(holder, "[]", joined(part(holder, "[]"), stored)))
        return
    for value in arguments:
        m.drop(value)


def shortened(arguments: tuple[Value, ...], effect: FnModel | None) -> tuple[Value, ...]:
    """`take(3)` of a stream ends by itself; `zip` ends when its receiver does."""
    if effect is None or effect.shortens is None or not arguments:
        return arguments
    ends = [bag([item for item in flat(value) if not isinstance(item, Stream)]) for value in arguments]
    return (ends[0], *arguments[1:]) if effect.shortens == "receiver" else (arguments[0], *ends[1:])


def given_to(m: Machine, callee: Callee, code: Code, receiver: Value) -> Value:
    """What the closure of `map`, `and_then`, .. is given: the receiver's content, but not for one that takes the error."""
    if isinstance(receiver, Code | Received | Pointer):
        return NOTHING
    parameters = code.closure.params
    takes = (
        m.typed.slots[parameters[0].pattern.slot] if parameters and isinstance(parameters[0].pattern, f.PBind) else None
    )
    ty = callee.adjusted
    takes_error = isinstance(ty, Adt) and len(ty.args) == 2 and takes == ty.args[1] != ty.args[0]
    return NOTHING if takes_error or not parameters else receiver


def run_closures(m: Machine, callee: Callee, arguments: tuple[Value, ...]) -> tuple[tuple[Value, ...], list[Value]]:
    """Closures in the arguments run now, or later in unknown hands, or stay lazily in the result."""
    effect = callee.model
    if effect is not None and (effect.runs == "lazy" or effect.drives is not None):
        return arguments, []
    kept: list[Value] = []
    ran: list[Value] = []
    for argument in arguments:
        if not isinstance(argument, Code):
            kept.append(argument)
        elif effect is not None and effect.runs == "now":
            ran.append(run_now(m, argument, (given_to(m, callee, argument, arguments[0]),)))
        else:
            run_later(m, argument)
    return tuple(kept), ran


def consume(m: Machine, expr: CallExpr, callee: Callee, drives: str, arguments: tuple[Value, ...]) -> Value:
    """The iterator is run to its end, or part of the way."""
    entry, used = m.state.copy(), len(m.touched)
    received = dict.fromkeys(stream for argument in arguments[:1] for stream in received_by(m, argument))
    result = drive(m, bag(list(arguments)))
    if drives == "all" and not m.world.is_result(m.typed.type_of(expr)):
        for stream in received:
            record_drain(m, stream.channel, expr, entry, stream.channel in m.touched[used:])
    if drives == "some" and callee.definition.name == "next" and len(received) == 1:
        return Received(next(iter(received)).channel)
    for item in flat(result):
        if isinstance(item, Code) and callee.receiver == "value":
            m.drop(item)
    kept = bag([item for item in flat(result) if not isinstance(item, Stream | Code)])
    if m.world.can_hold(m.typed.type_of(expr)):
        return kept
    m.drop(kept)
    return NOTHING


def received_by(m: Machine, value: Value) -> list[Stream]:
    """The channels that an iterator, or a reference to one, receives from."""
    return streams(m, m.at(value.place) if isinstance(value, Pointer) else value)


def clone(m: Machine, receiver: Value, expr: CallExpr) -> Value:
    """A new handle for each one inside; an Arc gets one more share of the same allocation."""
    inner = receiver.place if isinstance(receiver, Pointer) else None
    value = m.at(inner) if inner is not None else receiver
    while isinstance(value, Pointer):
        value = m.at(value.place)
    return cloned(m, value, expr)


def cloned(m: Machine, value: Value, expr: f.Node) -> Value:
    match value:
        case Own(handle=number):
            handle = m.handles[number]
            if handle.kind in ("sender", "receiver", "content"):
                return m.make(handle.kind, handle.place, expr)
            return Symbol(handle.place)
        case Shared(place=place):
            return Shared(place, m.make("share", place, expr).handle)
        case Parts(items=items):
            return Parts(tuple((name, cloned(m, item, expr)) for name, item in items), value.type)
        case Code():
            return Code(value.closure, tuple((key, cloned(m, item, expr)) for key, item in value.captured))
        case Pointer() | Symbol() | Stream():
            return value
        case _:
            return bag([cloned(m, item, expr) for item in flat(value) if item is not value])


def share(m: Machine, expr: CallExpr, content: Value) -> Value:
    """`Arc::new(value)`: a new allocation."""
    m.fresh += 1
    place = Place(("alloc", f"{expr.start}.{m.fresh}"))
    m.state.memory[place.root] = content
    return Shared(place, m.make("share", place, expr).handle)


def unknown(m: Machine, expr: f.Node, arguments: tuple[Value, ...]) -> Value:
    """Unknown code: what it was given is gone; its closures run at an unknown time with nothing held."""
    for argument in arguments:
        for item in inside(argument):
            if isinstance(item, Code):
                run_later(m, item)
        m.escape(argument)
    return Symbol(m.unknown_place(expr))
