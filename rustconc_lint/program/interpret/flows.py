"""Calls of known crates without a stated effect: values flow as the types allow; iterators are driven."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import complete, drive, is_future, run_later, run_now, without_ended
from rustconc_lint.program.interpret.contents import put_away, senders_alike, take_contents, thin
from rustconc_lint.program.interpret.drains import note_drained, received_by, record_drain, shortened
from rustconc_lint.program.interpret.feeds import same_feed
from rustconc_lint.program.interpret.kept import release_lent
from rustconc_lint.program.interpret.letters import letters, may_fail
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.oddities import note_lazy
from rustconc_lint.program.interpret.owners import channel_of
from rustconc_lint.program.interpret.state import MAYBE
from rustconc_lint.program.interpret.supply import CallExpr, after_loop, note_receive, number, turns_of_iterator
from rustconc_lint.program.interpret.tally import ANY, forget_counts
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
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
    codes,
    flat,
    inside,
    owns,
    part,
    with_part,
)
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import UNIT, UNKNOWN, Adt, Opaque, Param, Prim, RefTy

GUARD_MODES = {"guard": "exclusive", "read-guard": "shared"}


def declared(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """A function of a known crate without a stated effect: values flow as its types allow."""
    effect = callee.model
    if m.world.is_clone(callee.definition):
        return clone(m, arguments[0], expr) if arguments else NOTHING
    if arguments and m.world.role(m.typed.type_of(expr)) == "messages":
        channel = channel_of(m, arguments[0])
        if channel is not None and m.world.role(m.world.peeled(callee.adjusted)) == "receiver":
            m.used.add(channel)  # `(&rx).into_iter()`
            return bag([arguments[0], Stream(channel)]) if isinstance(arguments[0], Own) else Stream(channel)
    if m.world.role(m.typed.type_of(expr)) == "barrier" and callee.definition.name == "new":
        return make_barrier(m, expr)
    if effect is not None and effect.flattens and arguments:
        arguments = (bag([arguments[0], *letters(m, received_by(m, arguments[0]))]), *arguments[1:])
    elif arguments and m.world.role(callee.adjusted) in ("sender", "receiver") and not asks(m, expr, callee, arguments):
        forget_counts(m, arguments[0])
    if effect is not None and effect.generates:
        m.generators |= {code.closure.start for value in arguments for code in codes(value)}
    if effect is not None and (effect.shortens == "receiver" or effect.parallel):
        m.limited |= {code.closure.start for value in arguments for code in codes(value)}
    arguments, ran = run_closures(m, callee, arguments)
    arguments = shortened(m, arguments, effect)
    if effect is not None and effect.drives is not None:
        return consume(m, expr, callee, effect.drives, arguments)
    if effect is not None and effect.empties:
        taken = take_contents(m, arguments)
        if taken is not None:
            return result_of(m, expr, [taken])
    if effect is not None and effect.thins and arguments:
        thin(m, m.behind(arguments[0]))
    if m.world.role(m.typed.type_of(expr)) == "shared":
        return share(m, expr, bag([*arguments]))
    given: list[Value] = [value for value in arguments if not isinstance(value, Pointer)]
    receiver = arguments[0] if arguments else NOTHING
    if not isinstance(receiver, Pointer):
        return result_of(m, expr, given + ran)
    if m.world.is_reference(m.typed.type_of(expr)):
        put_away(m, receiver.place, bag(given + ran))
        return looked_into(m, callee, receiver, expr)
    if owns(bag(given)) and callee.receiver != "value" and put_away(m, receiver.place, bag(given)):
        result = m.typed.type_of(expr)
        if m.world.is_result(result) or not m.world.can_hold(result):
            return bag(ran)
        return bag([*ran, looked_into(m, callee, receiver, expr)])  # `map.entry(key)` leads into the map
    if not carries(m, expr, [*arguments, *ran]):
        return result_of(m, expr, given + ran)
    inside_it = (borrowed if callee.receiver == "mut" else looked_into)(m, callee, receiver, expr)
    return bag([*given, *ran, inside_it])


def lend(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """`cell.borrow()`, `map.get(&key)`, `span.enter()`: what is lent is taken until the result dies."""
    given = arguments[0] if arguments else NOTHING
    lent = looked_into(m, callee, given, expr) if isinstance(given, Pointer) else NOTHING
    place = lent.place if isinstance(lent, Pointer) else m.unknown_place(expr)
    return m.make("borrow", place, expr, "try" if m.world.is_result(m.typed.type_of(expr)) else "")


def asks(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> bool:
    """Whether a method of a channel's end is given no message and returns none: `rx.len()`, `tx.is_full()`."""
    return callee.receiver != "value" and len(arguments) == 1 and isinstance(m.typed.type_of(expr), Prim)


def make_barrier(m: Machine, expr: CallExpr) -> Value:
    """`Barrier::new(n)`."""
    place = Place(("alloc", expr.start))
    needed = number(m, expr.args[0]) if isinstance(expr, f.Call) and expr.args else None
    if needed is not None:
        m.barriers[place] = needed
    return m.make("barrier", place, expr)


def carries(m: Machine, expr: CallExpr, values: list[Value]) -> bool:
    """Whether the result may own or lead to what the values do. An iterator of numbers may own a receiver of them."""
    result = m.typed.type_of(expr)
    if m.world.can_hold(result):
        return True
    if isinstance(result, Prim) or result == UNIT:
        return False
    return any(is_lazy(m, item) for value in values for item in inside(value))


def is_lazy(m: Machine, value: Value) -> bool:
    """Whether the value may be part of an iterator or future that runs or receives later."""
    return isinstance(value, Stream | Received | Code) or (
        isinstance(value, Own) and m.handles[value.handle].kind == "receiver"
    )


def result_of(m: Machine, expr: CallExpr, values: list[Value]) -> Value:
    """The values flow into the result, or die with the call when its type cannot hold them."""
    if not carries(m, expr, values):
        for value in values:
            m.drop(value)
        return NOTHING
    values = [changed(m, expr, value) for value in values]
    if m.world.is_result(m.typed.type_of(expr)):
        return bag(values)
    return bag([strip(value) for value in values])


def changed(m: Machine, expr: CallExpr, value: Value) -> Value:
    """A guard that is made of another: `downgrade` leaves a read lock, `upgrade` an exclusive one."""
    if not isinstance(value, Own) or m.handles[value.handle].kind != "guard":
        return value
    handle = m.handles[value.handle]
    mode = GUARD_MODES.get(m.world.role(m.typed.type_of(expr)), handle.mode)
    if mode == handle.mode or handle.mode.startswith("try"):
        return value
    m.drop(value)
    return m.make("guard", handle.place, expr, mode)


def strip(value: Value) -> Value:
    """Without the mark of a receive: what is inside its Ok is a message."""
    return NOTHING if isinstance(value, Received) else value


def borrowed(m: Machine, callee: Callee, receiver: Pointer, expr: CallExpr) -> Value:
    """What `&mut self` gives: contents that may have moved out (`pop`, `remove`)."""
    contents = m.at(receiver.place)
    alike = senders_alike(m, part(contents, "[]"))
    if len(alike) > 1 and happens_once(m) and m.world.role(m.world.peeled(m.typed.type_of(expr))) == "sender":
        m.write(receiver.place, with_part(contents, "[]", bag(alike[:-1])))
        return alike[-1]
    thin(m, receiver.place)
    if isinstance(contents, Symbol) and not m.world.same_inside(callee.adjusted, m.typed.type_of(expr)):
        return Symbol(contents.place.field("[]", ""))
    return part(contents, "[]") if isinstance(contents, Parts) else contents


def happens_once(m: Machine) -> bool:
    """Whether no loop and no closure runs this point of the body again."""
    return not m.running and all(target.kind != "loop" for target in m.targets)


def looked_into(m: Machine, callee: Callee, receiver: Pointer, expr: CallExpr) -> Value:
    """A reference to the receiver itself (`as_ref`, `deref`, `borrow`) or to an element of it (`get`, `iter`)."""
    place = m.through(receiver.place)
    if m.world.same_inside(callee.adjusted, m.typed.type_of(expr)):
        return Pointer(place)
    return Pointer(place.field("[]", ""))


def given_to(m: Machine, callee: Callee, code: Code, receiver: Value) -> Value:
    """What the closure of `map`, `and_then` is given: the receiver's content, but not for one that takes the error."""
    if isinstance(receiver, Code | Received | Pointer):
        return NOTHING
    parameters = code.closure.params
    takes = (
        m.typed.slots[parameters[0].pattern.slot] if parameters and isinstance(parameters[0].pattern, f.PBind) else None
    )
    if isinstance(takes, RefTy) and isinstance(receiver, Own) and m.handles[receiver.handle].kind == "guard":
        content = m.behind(receiver)  # `MutexGuard::map(guard, |pair| &mut pair.0)`
        return Pointer(content) if content is not None else NOTHING
    ty = callee.adjusted
    takes_error = isinstance(ty, Adt) and len(ty.args) == 2 and takes == ty.args[1] != ty.args[0]
    return NOTHING if takes_error or not parameters else receiver


def run_closures(m: Machine, callee: Callee, arguments: tuple[Value, ...]) -> tuple[tuple[Value, ...], list[Value]]:
    """Closures in the arguments run now, or later in unknown hands, or stay lazily in the result."""
    effect = callee.model
    if effect is not None and (effect.runs == "lazy" or effect.drives is not None):
        for argument in arguments[1:]:
            if isinstance(argument, Code) and effect.acts == "call" and not (effect.drives or effect.parallel):
                note_lazy(m, argument)
        return arguments, []
    kept: list[Value] = []
    ran: list[Value] = []
    for index, argument in enumerate(arguments):
        iterator = index == 0 and bool(callee.definition.item.receiver)
        if effect is not None and effect.runs == "now" and is_future(argument):
            ran.append(complete(m, argument))
        elif (
            iterator or not isinstance(argument, Code) or (effect is None and m.world.stores(callee.definition, index))
        ):
            kept.append(argument)
        elif effect is not None and effect.runs == "now":
            if effect.otherwise:
                ran.append(run_otherwise(m, argument, arguments[0]))
            else:
                given = given_to(m, callee, argument, arguments[0])
                ran.append(run_now(m, argument, (given,)))
                kept = [without_ended(m, value) for value in kept]
        else:
            run_later(m, argument)
    return tuple(kept), ran


def run_otherwise(m: Machine, code: Code, receiver: Value) -> Value:
    """`unwrap_or_else(|_| ..)`: a lock that was tried is not held while the closure runs."""
    tried = [
        item.handle
        for item in inside(receiver)
        if isinstance(item, Own) and m.handles[item.handle].mode.startswith("try")
    ]
    before = {handle: m.state.status[handle] for handle in tried if handle in m.state.status}
    m.state.status.update(dict.fromkeys(before, MAYBE))
    result = run_now(m, code, (NOTHING,))
    m.state.status.update(before)
    return result


def consume(m: Machine, expr: CallExpr, callee: Callee, drives: str, arguments: tuple[Value, ...]) -> Value:
    """The iterator is run to its end, or part of the way."""
    entry, used = m.state.copy(), len(m.touched)
    driven = arguments[1:] if callee.receiver == "mut" and drives == "all" else arguments[:1]
    received = dict.fromkeys(stream for argument in driven for stream in received_by(m, argument))
    stage = m.stage
    first = len(m.counted)
    whole = drives == "all" and not ends_early(m, expr, callee, list(received))
    result = drive(m, bag(list(arguments)), turns_of_iterator(m, expr) if whole else ANY)
    after_loop(m, first)
    m.stage = stage
    received.update(dict.fromkeys(item for item in inside(result) if isinstance(item, Stream)))
    if drives == "all" and not ends_early(m, expr, callee, list(received)):
        for stream in received:
            record_drain(m, stream.channel, expr, entry, stream.channel in m.touched[used:])
        for stream in received:
            note_drained(m, stream.channel, expr)
    outer = [stream.channel for stream in received if stream.through is None]
    if callee.model is not None and callee.model.draws and len(outer) == 1:
        if m.world.role(callee.adjusted) == "messages":
            note_receive(m, outer[0], expr, "one", NOTHING)
        return bag([Received(stream.channel) for stream in received])
    iterator = arguments[0] if arguments else NOTHING
    given = channel_of(m, iterator) if isinstance(m.world.peeled(callee.adjusted), Param | Opaque) else None
    if callee.model is not None and callee.model.draws and given is not None and given.root[0] == "param":
        return Received(given)
    if drives == "some" and isinstance(iterator, Pointer) and gives_elements(m, expr, m.at(iterator.place)):
        return borrowed(m, callee, iterator, expr)
    for item in flat(result):
        if isinstance(item, Code) and callee.receiver == "value":
            m.drop(item)
    kept = bag([item for item in flat(result) if not isinstance(item, Stream | Code)])
    if m.world.can_hold(m.typed.type_of(expr)):
        return kept
    m.drop(kept)
    return NOTHING


def gives_elements(m: Machine, expr: CallExpr, iterator: Value) -> bool:
    """Whether the call takes elements out of what the iterator owns: `next()` of `senders.into_iter()`."""
    lazy = any(isinstance(item, Code) for item in inside(iterator))
    return owns(iterator) and not lazy and not m.world.is_reference(m.typed.type_of(expr))


def ends_early(m: Machine, expr: CallExpr, callee: Callee, received: list[Stream]) -> bool:
    """Whether the first Err or None ends it: `collect::<Result<_, _>>()`, but not `max()`, always an Option; and not
    `try_collect()` where no message can be an Err."""
    if callee.model is not None and callee.model.fails:
        return any(may_fail(m, stream.channel) for stream in received)
    signature = m.world.signature(callee.definition)
    always = signature is not None and m.world.is_result(signature.output)
    return m.world.is_result(m.typed.type_of(expr)) and not always


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
                made = m.make(handle.kind, handle.place, expr)
                if handle.kind == "receiver" and happens_once(m):
                    same_feed(m, number, made.handle)
                return made
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
    if m.thread == 0:
        m.unwaited.clear()
    for argument in arguments:
        for code in codes(argument):
            run_later(m, code)
        m.escape(argument)
    if isinstance(expr, f.Call | f.Method):
        for argument, written in zip(reversed(arguments), reversed(expr.args), strict=False):
            ty = m.typed.type_of(written)
            if ty == UNKNOWN or (isinstance(ty, RefTy) and ty.mutable):
                release_lent(m, argument)
    return Symbol(m.unknown_place(expr))
