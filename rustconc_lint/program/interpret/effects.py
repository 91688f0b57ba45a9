"""What a call of a known crate does: spawn, acquire, send, receive, join, drop; else values flow by the types."""

from __future__ import annotations

from functools import partial

from rustconc_lint.apis import FnModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.gates.written_calls import is_of_trait
from rustconc_lint.program.interpret.closures import complete, is_future, leave, run, run_now, run_perhaps
from rustconc_lint.program.interpret.drains import record_joins, returned_by
from rustconc_lint.program.interpret.events import Acquire
from rustconc_lint.program.interpret.feeds import new_feed
from rustconc_lint.program.interpret.flows import declared, happens_once, lend
from rustconc_lint.program.interpret.glue import drop_place
from rustconc_lint.program.interpret.kept import record, release, release_all, release_moved
from rustconc_lint.program.interpret.letters import is_letter, note_letter
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.oddities import note_under
from rustconc_lint.program.interpret.owners import channel_of
from rustconc_lint.program.interpret.selections import choose, offer
from rustconc_lint.program.interpret.state import ENDED, ESCAPED, LEAKED, MAYBE
from rustconc_lint.program.interpret.supply import (
    CallExpr,
    further,
    look_for_room,
    most_received,
    note_closed,
    note_receive,
    note_send,
    note_wait,
    number,
)
from rustconc_lint.program.interpret.tally import NEVER, count, forget, forget_counts
from rustconc_lint.program.interpret.tasks import run_beside, run_scope, spawn
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Own,
    Parts,
    Place,
    Pointer,
    Received,
    Stream,
    Value,
    bag,
    codes,
    flat,
    inside,
)
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import RefTy


def model(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """The effect an API model states."""
    effect = callee.model
    if effect is None:
        return declared(m, expr, callee, arguments)
    if effect.blocks or effect.waits or effect.joins:
        waits(m)
    done = on_channel(m, expr, callee, effect, arguments)
    if done is not None:
        return done
    if effect.spawns is not None:
        return spawn(m, expr, callee, arguments)
    if effect.scope:
        return run_scope(m, expr, arguments)
    if effect.acquires is not None or effect.tries is not None:
        return acquire(m, expr, callee, arguments)
    if effect.lends:
        return lend(m, expr, callee, arguments)
    if effect.joins:
        for argument in arguments:
            record_joins(m, argument, m.span(expr))
        return bag([returned_by(m, argument) for argument in arguments])
    if effect.drops or effect.forgets:
        return end_now(m, expr, callee, arguments)
    if effect.exits:
        m.stops.append(m.state.closed)
        m.exits_process |= m.thread != 0
        m.state.reachable = False
        return NOTHING
    if effect.aborts:
        m.state.finished |= thread_numbers(m, arguments)
        return NOTHING
    if effect.finished:
        release_all(m, arguments)
        m.asked |= thread_numbers(m, arguments)
        return NOTHING
    if effect.swaps:
        swap(m, arguments)
        return NOTHING
    if effect.releases:
        free(m, lock_place(m, arguments[0], expr) if arguments else m.unknown_place(expr))
        return NOTHING
    if effect.unlocks:
        return run_unlocked(m, arguments)
    if effect.meets and arguments:
        note_wait(m, arguments[0], expr)
        return NOTHING
    if effect.beside:
        return run_beside(m, expr, list(arguments))
    if effect.waits:
        return bag([value for value in arguments[1:] if not isinstance(value, Code)])
    for argument in arguments[isinstance(expr, f.Method) :] if effect.runs is not None else ():
        if not isinstance(argument, Pointer) and m.behind(argument) is not None:
            forget(m, argument)  # code or a future that only the caller knows
    if effect.runs == "lazy" and effect.acts == "await" and not effect.drives:
        arguments = tuple(run_futures(m, argument, effect) for argument in arguments)
        if not (effect.parallel or effect.gives_up or effect.initialises):
            arguments = continued(m, arguments)
    return declared(m, expr, callee, arguments)


def on_channel(
    m: Machine, expr: CallExpr, callee: Callee, effect: FnModel, arguments: tuple[Value, ...]
) -> Value | None:
    """What a call does to a channel; None where it does nothing, or something else as well."""
    if effect.channel is not None:
        return make_channel(m, expr, effect.channel)
    if effect.completes:
        arguments = arguments[1:]
    if effect.offers and len(arguments) > 1:
        return offer(m, arguments)
    if effect.reserves:
        return reserve(m, expr, effect, arguments)
    if effect.subscribes:
        return subscribe(m, expr, arguments)
    if effect.receives is not None and (not is_of_trait(callee.definition) or m.world.role(callee.adjusted)):
        return receive(m, expr, effect.receives, arguments)
    if effect.closes:
        return close(m, arguments)
    if effect.sends:
        return send(m, expr, effect, arguments)
    if effect.chooses and arguments:
        choose(m, expr, arguments[0])
    return None


def make_channel(m: Machine, expr: CallExpr, kind: str) -> Value:
    """Both ends of a new channel, and how many messages it holds."""
    channel = Place(("alloc", expr.start))
    ty = m.typed.type_of(expr)
    if m.world.closable(ty):
        m.closable.add(channel)
    sender, receiver = m.make("sender", channel, expr), m.make("receiver", channel, expr)
    if not m.world.closes(ty):
        new_feed(m, channel, receiver.handle, 0)
    else:
        bounded = isinstance(expr, f.Call) and kind == "bounded" and bool(expr.args)
        m.queues[channel] = number(m, expr.args[0]) if bounded and isinstance(expr, f.Call) else None
    return Parts((("0", sender), ("1", receiver)))


def waits(m: Machine) -> None:
    """The running thread waits for something or somebody."""
    if m.thread == 0:
        m.unwaited.clear()


def touch_value(m: Machine, value: Value) -> None:
    """Remember a use of a channel's sender."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "sender":
            m.touched.append(m.handles[item.handle].place)
        elif isinstance(item, Pointer):
            target = m.at(m.through(item.place))
            if isinstance(target, Own) and m.handles[target.handle].kind == "sender":
                m.touched.append(m.handles[target.handle].place)


def acquire(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """Take the lock the receiver leads to; a try never waits."""
    effect = callee.model
    lock = lock_place(m, arguments[0], expr) if arguments else m.unknown_place(expr)
    if effect is None or effect.acquires is None:
        mode = effect.tries if effect is not None and effect.tries is not None else "exclusive"
        return m.make("guard", lock, expr, f"try {mode}")
    # A future that `select!` may drop waits for nothing for ever.
    held = () if m.cancellable and effect.acts == "await" else m.held()
    span, identity = m.span(expr), m.identity(lock)
    record(
        m,
        Acquire(
            identity, effect.acquires, span, held, m.thread, m.state.live, (), m.cfg, effect.recursive, True,
            m.state.assumed, effect.acts == "await",
        )
    )  # fmt: skip
    return m.make("guard", lock, expr, effect.acquires)


def lock_place(m: Machine, receiver: Value, expr: f.Node) -> Place:
    """The lock's place; another object of the same owner where a part of the way to it was assigned."""
    inner = m.behind(receiver)
    if inner is None:
        return m.unknown_place(expr)
    place = m.through(inner)
    if any(leads_through(place, old) and (is_lock or place.fields != old.fields) for old, is_lock in m.state.assigned):
        return Place(m.unknown_place(expr).root, place.fields, place.owner)
    return place


def leads_through(place: Place, part: Place) -> bool:
    return place.root == part.root and place.fields[: len(part.fields)] == part.fields


def close(m: Machine, arguments: tuple[Value, ...]) -> Value:
    """A call that closes the channel, whoever has senders of it. For a caller it is as good as gone from its place."""
    channel = channel_of(m, arguments[0]) if arguments else None
    if arguments and (inner := m.behind(arguments[0])) is not None:
        release(m, m.through(inner))
    if channel is not None:
        m.state.closed |= {channel}
        note_closed(m, channel)
    return NOTHING


def send(m: Machine, expr: CallExpr, effect: FnModel, arguments: tuple[Value, ...]) -> Value:
    """The message is gone, unless all receivers are."""
    channel = channel_of(m, arguments[0]) if arguments else None
    message = further(expr)[0] if further(expr) else None
    for argument in arguments[1:]:
        if channel is not None:
            note_letter(m, channel, message, argument, not (effect.gives_up or m.cancellable))
        if channel in m.queues and is_letter(m, argument):
            forget_counts(m, argument)
            m.set_status(argument, ESCAPED)
        else:
            m.escape(argument)
    if channel is None:
        return NOTHING
    note_send(m, channel, expr, effect.blocks, effect.gives_up)
    if m.world.role(m.typed.type_of(expr)) == "sender":  # a permit that was one
        return arguments[0]
    return Received(channel, effect.gives_up, True)


def reserve(m: Machine, expr: CallExpr, effect: FnModel, arguments: tuple[Value, ...]) -> Value:
    """The permit leads to the sender, or owns it. What goes through an iterator of permits is counted beforehand."""
    channel = channel_of(m, arguments[0]) if arguments else None
    if channel is not None:
        m.used.add(channel)
        if effect.blocks and not m.cancellable:
            look_for_room(m, channel, expr, 1)
        if further(expr):
            count(m, "sent", channel, (0, number(m, further(expr)[0])))
    return arguments[0] if arguments else NOTHING


def subscribe(m: Machine, expr: CallExpr, arguments: tuple[Value, ...]) -> Value:
    """One more receiver of a channel, of what is sent from here on."""
    channel = channel_of(m, arguments[0]) if arguments else None
    if channel is None:
        return NOTHING
    receiver = m.make("receiver", channel, expr)
    if happens_once(m):
        new_feed(m, channel, receiver.handle, m.state.tally.get(("sent", channel), NEVER)[0])
    return receiver


def receive(m: Machine, expr: CallExpr, kind: str, arguments: tuple[Value, ...]) -> Value:
    """`recv()` is marked with its channel, `iter()` is a stream of it; the others end by themselves."""
    channel = channel_of(m, arguments[0]) if arguments else None
    if channel is None:
        return NOTHING
    note_receive(m, channel, expr, kind, arguments[0])
    note_under(m, channel)
    if kind in ("one", "many", "some", "timeout", "iter"):
        waits(m)
    if kind in ("one", "some", "try", "timeout"):
        return Received(channel, kind in ("try", "timeout"))
    if kind == "many":
        return Received(channel, counts=True) if most_received(m, expr) else NOTHING
    if kind == "iter":
        return bag([arguments[0], Stream(channel)]) if isinstance(arguments[0], Own) else Stream(channel)
    return NOTHING


def end_now(m: Machine, expr: CallExpr, callee: Callee, arguments: tuple[Value, ...]) -> Value:
    """`drop(value)`, also through a reference; `forget(value)`; `ManuallyDrop::new(value)` gives it back."""
    values = [
        m.at(value.place) if isinstance(value, Pointer) and takes_reference(m, callee) else value for value in arguments
    ]
    ends = callee.model is not None and callee.model.drops
    if ends and m.glue is not None and isinstance(expr, f.Call):
        for value, written in zip(values, expr.args, strict=False):
            drop_place(m, m.hold(value), m.typed.type_of(written), expr, 0)
    for value in values:
        release_moved(m, value)
        m.set_status(value, ENDED if ends else LEAKED)
    return NOTHING if ends or not m.world.can_hold(m.typed.type_of(expr)) else bag(values)


def swap(m: Machine, arguments: tuple[Value, ...]) -> None:
    """`mem::swap(&mut a, &mut b)`: each place gets what the other held; a guard stays, what it guards is swapped."""
    places = [
        m.through(inner) if isinstance(m.at(inner), Pointer) else inner
        for inner in map(m.behind, arguments)
        if inner is not None
    ]
    if len(places) == 2:
        left, right = m.at(places[0]), m.at(places[1])
        if is_guard(m, left) != is_guard(m, right):
            return
        m.write(places[0], right)
        m.write(places[1], left)
        for place in places:
            release(m, place)


def is_guard(m: Machine, value: Value) -> bool:
    return isinstance(value, Own) and m.handles[value.handle].kind == "guard"


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


def run_futures(m: Machine, argument: Value, effect: FnModel) -> Value:
    """The argument of a call that is awaited, with the results of futures in their place: not to their end where the
    call gives up, and with others where they run in parallel."""
    surely = not (effect.gives_up or effect.parallel)
    results: list[Value] = []
    for item in flat(argument):
        if not is_future(item):
            results.append(item)
        elif surely:
            results.append(complete(m, item))
        else:
            run_perhaps(m, item, partial(complete, m, item))
    return bag(results)


def continued(m: Machine, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """`future.map(f)`, `future.then(f)`: what the future gives goes into the closure, whose result is awaited too."""
    if not any(isinstance(argument, Code) for argument in arguments[1:]):
        return arguments
    result = arguments[0]
    for argument in arguments[1:]:
        if isinstance(argument, Code):
            given = run(m, argument, (result,))
            if m.state.reachable:
                leave(m, argument)
            result = bag([complete(m, item) if is_future(item) else item for item in flat(given)])
    return (result,)


def free(m: Machine, lock: Place) -> None:
    """`force_unlock()`: a guard of the lock keeps it no longer."""
    for guard, handle in enumerate(m.handles):
        if handle.kind == "guard" and handle.place == lock and m.state.status.get(guard, ENDED) != ENDED:
            m.state.status[guard] = MAYBE


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
    results = [run_now(m, code) for argument in arguments for code in codes(argument)]
    m.state.status.update(before)
    return bag(results)
