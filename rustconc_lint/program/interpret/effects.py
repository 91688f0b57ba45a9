"""What a call of a known crate does: spawn, acquire, send, receive, join, drop; else values flow by the types."""

from __future__ import annotations

from rustconc_lint.apis import FnModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import drive, leave, run, run_in_thread, run_later, run_now
from rustconc_lint.program.interpret.drains import (
    channel_of,
    join_thread,
    record_drain,
    record_joins,
    returned_by,
    streams,
)
from rustconc_lint.program.interpret.events import Acquire, Thread, Trace
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE, ENDED, LEAKED, MAYBE
from rustconc_lint.program.interpret.substitute import apply
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Moved,
    Own,
    Parts,
    Pending,
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
from rustconc_lint.program.types import Adt, Prim, RefTy

CallExpr = f.Call | f.Method | f.Await


def model(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """The effect an API model states."""
    effect = callee.model
    if effect is None:
        return declared(m, expr, callee, arguments)
    if effect.channel is not None:
        channel = Place(("alloc", expr.start))
        return Parts((("0", m.make("sender", channel, expr)), ("1", m.make("receiver", channel, expr))))
    if effect.spawns is not None:
        return spawn(m, expr, callee, arguments)
    if effect.scope:
        return run_scope(m, expr, arguments)
    if effect.acquires is not None or effect.tries is not None:
        return acquire(m, expr, callee, arguments)
    if effect.receives is not None:
        return receive(m, expr, effect.receives, arguments)
    if effect.joins:
        for argument in arguments:
            record_joins(m, argument, expr)
        return bag([returned_by(m, argument) for argument in arguments])
    if effect.drops or effect.forgets:
        for argument in arguments:
            if isinstance(argument, Pointer) and takes_reference(m, callee):
                argument = m.at(argument.place)
            m.set_status(argument, ENDED if effect.drops else LEAKED)
        return NOTHING
    if effect.exits:
        m.stops.append(m.state.closed)
        m.exits_process |= m.thread != 0
        m.state.reachable = False
        return NOTHING
    if effect.closes:
        channel = channel_of(m, arguments[0]) if arguments else None
        if channel is not None:
            m.state.closed |= {channel}
        return NOTHING
    if effect.finished:
        m.asked |= thread_numbers(m, arguments)
        return NOTHING
    if effect.unlocks:
        return run_unlocked(m, arguments)
    if effect.sends:
        for argument in arguments[1:]:
            m.escape(argument)
        return NOTHING
    if effect.waits:
        return bag([value for value in arguments[1:] if not isinstance(value, Code)])
    return declared(m, expr, callee, arguments)


def touch_value(m: Machine, value: Value) -> None:
    """Remember a use of a channel's sender."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "sender":
            m.touched.append(m.handles[item.handle].place)
        elif isinstance(item, Pointer):
            target = m.at(m.through(item.place))
            if isinstance(target, Own) and m.handles[target.handle].kind == "sender":
                m.touched.append(m.handles[target.handle].place)


# ---------------------------------------------------------------- threads


def spawn(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """Run the closure or future in the arguments as a new thread, with a copy of the state and nothing held."""
    number = new_thread(m, expr, callee)
    for argument in arguments:
        for item in inside(argument):
            if isinstance(item, Code):
                run_in_thread(m, number, item)
            elif isinstance(item, Pending):
                future = item
                run_in_thread(m, number, pending_code(m, future))
    return finish_spawn(m, expr, number)


def run_beside(m: Machine, node: f.Macro, futures: list[Value]) -> Value:
    """`join!(a, b)`: each future runs as if in a thread of its own, and all of them end before the macro does."""
    numbers = []
    for future in futures:
        number = len(m.threads) + 1
        m.threads.append(Thread(number, m.span(node), "branch", False, m.state.live, m.thread))
        for item in inside(future):
            if isinstance(item, Code | Pending):
                run_in_thread(m, number, item if isinstance(item, Code) else pending_code(m, item))
        numbers.append(number)
        m.state.live |= {number}
    for number in numbers:
        join_thread(m, number, node, True)
    return NOTHING


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
        apply(m, expr, name, trace, ())
        m.state, m.thread = parent, thread
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
        for item in inside(argument):
            if isinstance(item, Code):
                result = run(m, item, (Symbol(m.unknown_place(expr)),))
                if m.state.reachable:
                    leave(m, item)
    for number in m.open_scopes.pop():
        if number in m.state.live:
            join_thread(m, number, expr, True)
    return result


# ---------------------------------------------------------------- locks and channels


def acquire(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """Take the lock the receiver leads to; a try never waits."""
    effect = callee.model
    lock = lock_place(m, arguments[0], expr) if arguments else m.unknown_place(expr)
    if effect is None or effect.acquires is None:
        mode = effect.tries if effect is not None and effect.tries is not None else "exclusive"
        return m.make("guard", lock, expr, f"try {mode}")
    span = m.span(acquired_at(expr))
    m.acquires.append(Acquire(m.identity(lock), effect.acquires, span, m.held(), m.thread, m.state.live, (), m.cfg))
    return m.make("guard", lock, acquired_at(expr), effect.acquires)


def acquired_at(expr: CallExpr) -> f.Node:
    """The part an editor underlines: `a.b.lock()` from its receiver to the call's parentheses."""
    return expr


def lock_place(m: Machine, receiver: Value, expr: f.Node) -> Place:
    inner = m.behind(receiver)
    return m.through(inner) if inner is not None else m.unknown_place(expr)


def receive(m: Machine, expr: CallExpr, kind: str, arguments: tuple[Value, ...]) -> Value:
    """`recv()` is marked with its channel, `iter()` is a stream of it; the others end by themselves."""
    channel = channel_of(m, arguments[0]) if arguments else None
    if channel is None:
        return NOTHING
    if kind in ("one", "try", "timeout"):
        return Received(channel, kind != "one")
    if kind == "iter":
        return bag([arguments[0], Stream(channel)]) if isinstance(arguments[0], Own) else Stream(channel)
    return NOTHING


def takes_reference(m: Machine, callee: Callee) -> bool:
    """Whether the function is declared to take a reference, so that it ends what that leads to."""
    signature = m.world.signature(callee.definition)
    return signature is not None and any(isinstance(ty, RefTy) for ty in signature.params[:1])


def thread_numbers(m: Machine, arguments: tuple[Value, ...]) -> frozenset[int]:
    """The threads whose handles the arguments are or lead to."""
    found = set()
    for argument in arguments:
        inner = m.behind(argument)
        for item in inside(m.at(m.through(inner)) if inner is not None else argument):
            if isinstance(item, Own) and m.handles[item.handle].kind == "thread":
                found.add(m.handles[item.handle].place.root[1])
    return frozenset(number for number in found if isinstance(number, int))


def run_unlocked(m: Machine, arguments: tuple[Value, ...]) -> Value:
    """`MutexGuard::unlocked(&mut g, || ..)`: the lock is free while the closure runs."""
    guards = [
        item.handle
        for argument in arguments
        if isinstance(argument, Pointer)
        for item in inside(m.at(argument.place))
        if isinstance(item, Own) and m.handles[item.handle].kind == "guard"
    ]
    before = {guard: m.state.status.get(guard, ENDED) for guard in guards}
    m.state.status.update(dict.fromkeys(guards, MAYBE))
    results = [run_now(m, item) for argument in arguments for item in inside(argument) if isinstance(item, Code)]
    m.state.status.update(before)
    return bag(results)


# ---------------------------------------------------------------- everything else


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
