"""Receiving until the channel is closed, and waiting for threads: what lives at that moment."""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.apis import FnModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import drive
from rustconc_lint.program.interpret.events import Drain, Hop, Implied, Join
from rustconc_lint.program.interpret.halts import drained_by, halt, is_stuck, progress
from rustconc_lint.program.interpret.kept import join_outer
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.oddities import note_joined
from rustconc_lint.program.interpret.owners import channel_of, owners
from rustconc_lint.program.interpret.state import ALIVE, State
from rustconc_lint.program.interpret.supply import at_join
from rustconc_lint.program.interpret.tally import count
from rustconc_lint.program.interpret.values import (
    NOTHING,
    SHORTENED,
    Own,
    Parts,
    Place,
    Pointer,
    Stream,
    Symbol,
    Value,
    bag,
    flat,
    inside,
    received_from,
)
from rustconc_lint.source import Span


def iterated(m: Machine, head: f.Expr) -> Value:
    """The head of a `for`: iterating a receiver is receiving until the channel is closed."""
    value = m.value(head)
    if m.world.role(m.world.peeled(m.typed.type_of(head))) == "receiver":
        channel = channel_of(m, value)
        if channel is not None:
            m.used.add(channel)
            return bag([value, Stream(channel)])
    return drive(m, bag([value, *streams(m, value)]))


def streams(m: Machine, value: Value) -> list[Stream]:
    """The channels that iterating the value receives from: those of adaptors, and of a receiver turned iterator."""
    found = [item for item in inside(value) if isinstance(item, Stream)]
    for item in flat(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "receiver":
            found.append(Stream(m.handles[item.handle].place))
    return list(dict.fromkeys(found))


def received_by(m: Machine, value: Value) -> list[Stream]:
    """The channels that an iterator, or a reference to one, receives from."""
    return streams(m, m.at(value.place) if isinstance(value, Pointer) else value)


def shortened(m: Machine, arguments: tuple[Value, ...], effect: FnModel | None) -> tuple[Value, ...]:
    """`take(3)` of a stream ends by itself; `zip` ends when its receiver does."""
    if effect is None or effect.shortens is None or not arguments:
        return arguments
    ends = [bag([cut(m, item) for item in flat(value)]) for value in arguments]
    return (ends[0], *arguments[1:]) if effect.shortens == "receiver" else (arguments[0], *ends[1:])


def cut(m: Machine, value: Value) -> Value:
    """A receiver, or what leads to an iterator of one, that is not received from to its end: it is only kept."""
    if isinstance(value, Stream):
        return NOTHING
    return Parts(((SHORTENED, value),)) if received_by(m, value) else value


def record_drain(
    m: Machine,
    channel: Place,
    node: f.Node,
    entry: State,
    feeds_itself: bool,
    chain: tuple[Hop, ...] = (),
    moved: frozenset[int] = frozenset(),
    unless: frozenset[Place] = frozenset(),
    once: bool = False,
) -> None:
    """The running thread waits here until every sender of the channel is gone. moved: senders that are gone already.
    unless, once: see Drain."""
    if m.cancellable or (m.thread == 0 and not is_stuck(m, channel, unless)):
        return
    m.drained_by.setdefault(m.thread, []).append((channel, unless))
    if m.thread == 0:
        m.unwaited.clear()
    beside = tuple(
        (thread, owners(m, other, entry)) for thread in sorted(m.state.live) for other in drained_by(m, thread)
    )
    given = tuple(
        (place, owners(m, place, entry))
        for place in dict.fromkeys(handle.place for handle in m.handles if handle.kind == "sender")
        if place.root[0] == "param" and place != channel
    )
    found = tuple(owner for owner in owners(m, channel, entry) if owner.handle not in moved)
    rest = (entry.released, "", unless, progress(m).waiting if m.thread == 0 else (), once)
    m.drains.append(Drain(channel, m.span(node), m.thread, found, feeds_itself, chain, beside, given, *rest))


def note_drained(m: Machine, channel: Place, node: f.Node) -> None:
    """The code at hand goes on only where the channel is closed."""
    halt(m, "drained", channel, 1, node)
    count(m, "drained", channel)


def waited_for(left: list[frozenset[Place]], before: frozenset[Place]) -> Iterator[tuple[Place, frozenset[Place]]]:
    """The channels that a loop waits for, by what is closed at each of its exits, and the channels whose receivers must
    all be gone for it to be left otherwise."""
    ends = frozenset().union(*left) - before
    for channel in sorted((end for end in ends if received_from(end) is None), key=repr):
        others = [
            {of for end in closed - before if (of := received_from(end))} for closed in left if channel not in closed
        ]
        if all(others):
            yield channel, frozenset().union(*others)


def record_joins(
    m: Machine, value: Value, span: Span, dropped: bool = False, given: frozenset[int] = frozenset()
) -> None:
    """Wait for every thread whose handle is in `value`. given: senders that went into the call that joins."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "thread":
            number = m.handles[item.handle].place.root[1]
            if isinstance(number, int):
                join_thread(m, number, span, "drop" if dropped else "", given)
        elif isinstance(item, Symbol | Own):
            join_outer(m, item, span)


def returned_by(m: Machine, value: Value) -> Value:
    """What the joined threads return; handles among it are the caller's from now on."""
    results = []
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "thread":
            number = m.handles[item.handle].place.root[1]
            result = m.results.get(number, NOTHING) if isinstance(number, int) else NOTHING
            m.set_status(result, ALIVE)
            results.append(result)
    return bag(results)


def join_thread(
    m: Machine, number: int, span: Span, implied: Implied = "", given: frozenset[int] = frozenset()
) -> None:
    """Wait for the thread to end. given: see `record_joins`."""
    if number in m.state.finished:
        return
    waiting = dict.fromkeys(drained_by(m, number))
    waiting.update(dict.fromkeys(spin.channel for spin in m.incidents.spins if spin.thread == number))
    alive = tuple(
        (channel, tuple(owner for owner in owners(m, channel, m.state) if owner.handle not in given))
        for channel in waiting
        if channel not in m.state.closed
    )
    m.joins.append(Join(number, span, m.thread, alive, implied, m.held()))
    at_join(m, number, span)
    note_joined(m, number, span)
    if m.thread == 0:
        m.unwaited.clear()
    m.state.live -= {number}


def streams_of(m: Machine, head: Place | None) -> frozenset[Place]:
    """The channels whose end ends the iteration."""
    if head is None:
        return frozenset()
    return frozenset(item.channel for item in inside(m.at(head)) if isinstance(item, Stream))
