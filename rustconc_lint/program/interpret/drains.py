"""Receiving until the channel is closed, and waiting for threads: what lives at that moment."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import drive
from rustconc_lint.program.interpret.events import Drain, Hop, Join, Owner
from rustconc_lint.program.interpret.kept import join_outer
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, MAYBE, State, Status
from rustconc_lint.program.interpret.values import NOTHING, Own, Place, Stream, Symbol, Value, bag, flat, inside
from rustconc_lint.source import Span


def channel_of(m: Machine, value: Value) -> Place | None:
    """The channel of the end that a value is or leads to, seen through Arc, Mutex, Option and references."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind in ("sender", "receiver"):
            return m.handles[item.handle].place
    inner = m.behind(value)
    if inner is None:
        return None
    place = m.through(inner)
    found = m.at(place)
    for item in inside(found):
        if isinstance(item, Own) and m.handles[item.handle].kind in ("sender", "receiver"):
            return m.handles[item.handle].place
    return place if place.root[0] in ("param", "static") else None


def iterated(m: Machine, head: f.Expr) -> Value:
    """The head of a `for`: iterating a receiver is receiving until the channel is closed."""
    value = m.value(head)
    if m.world.role(m.world.peeled(m.typed.type_of(head))) == "receiver":
        channel = channel_of(m, value)
        if channel is not None:
            return bag([value, Stream(channel)])
    return drive(m, bag([value, *streams(m, value)]))


def streams(m: Machine, value: Value) -> list[Stream]:
    """The channels that iterating the value receives from: those of adaptors, and of a receiver turned iterator."""
    found = [item for item in inside(value) if isinstance(item, Stream)]
    for item in flat(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "receiver":
            found.append(Stream(m.handles[item.handle].place))
    return list(dict.fromkeys(found))


def owners(m: Machine, channel: Place, entry: State) -> tuple[Owner, ...]:
    """Every sender of the channel that has not ended, neither at `entry` nor now."""
    found = []
    holders: dict[int, int] | None = None
    for number, handle in enumerate(m.handles):
        if handle.kind != "sender" or handle.place != channel:
            continue
        before = entry.status.get(number, ENDED)
        now = m.state.status.get(number, before) if m.state.reachable else before
        if before == ENDED or now == ENDED:
            continue
        holders = slots_of(m) if holders is None else holders
        status = shared_status(m, number, before if before == now else MAYBE)
        found.append(Owner(number, status, m.span(handle.site), *variable(m, number, holders)))
    return tuple(found)


def shared_status(m: Machine, number: int, status: Status) -> Status:
    """A sender in an Arc is as alive as the Arc's shares are; one that a thread returns is, as the thread's handle."""
    if isinstance(status, int):
        result = m.results.get(status, NOTHING)
        waits = Place(("thread", status))
        if any(isinstance(item, Own) and item.handle == number for item in inside(result)) and any(
            handle.kind == "thread" and handle.place == waits and m.state.status.get(thread) == ALIVE
            for thread, handle in enumerate(m.handles)
        ):
            return ALIVE
    for root, value in m.state.memory.items():
        if root[0] == "alloc" and any(isinstance(item, Own) and item.handle == number for item in inside(value)):
            shares = [
                m.state.status.get(share, ENDED)
                for share, handle in enumerate(m.handles)
                if handle.kind == "share" and handle.place.root == root
            ]
            alive = [share for share in shares if share != ENDED]
            if alive and ALIVE not in alive:
                return ESCAPED if ESCAPED in alive else alive[0]
    return status


def slots_of(m: Machine) -> dict[int, int]:
    """The variable that holds each handle, directly or in what it is part of."""
    found: dict[int, int] = {}
    for root, value in m.state.memory.items():
        if root[0] == "slot":
            for item in inside(value):
                if isinstance(item, Own):
                    found.setdefault(item.handle, int(root[1]))
    return found


def variable(m: Machine, handle: int, holders: dict[int, int]) -> tuple[str, Span | None]:
    """The variable that holds the handle now, or held it last."""
    slot = holders.get(handle, m.slots.get(handle))
    return slot_name(m, slot) if slot is not None else ("", None)


def slot_name(m: Machine, slot: int) -> tuple[str, Span]:
    declared = m.typed.body.slots[slot]
    return declared.name, Span(m.path, declared.start, declared.start + len(declared.name.encode()))


def record_drain(
    m: Machine,
    channel: Place,
    node: f.Node,
    entry: State,
    feeds_itself: bool,
    chain: tuple[Hop, ...] = (),
    moved: frozenset[int] = frozenset(),
) -> None:
    """The running thread waits here until every sender of the channel is gone. moved: senders that are gone already."""
    if m.cancellable:
        return
    m.drained_by.setdefault(m.thread, []).append(channel)
    beside = tuple(
        (thread, owners(m, other, entry))
        for thread in sorted(m.state.live)
        for other in dict.fromkeys(m.drained_by.get(thread, ()))
    )
    given = tuple(
        (place, owners(m, place, entry))
        for place in dict.fromkeys(handle.place for handle in m.handles if handle.kind == "sender")
        if place.root[0] == "param" and place != channel
    )
    found = tuple(owner for owner in owners(m, channel, entry) if owner.handle not in moved)
    m.drains.append(Drain(channel, m.span(node), m.thread, found, feeds_itself, chain, beside, given, entry.released))


def record_joins(
    m: Machine, value: Value, node: f.Node, implied: bool = False, given: frozenset[int] = frozenset()
) -> None:
    """Wait for every thread whose handle is in `value`. given: senders that went into the call that joins."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "thread":
            number = m.handles[item.handle].place.root[1]
            if isinstance(number, int):
                join_thread(m, number, node, implied, given)
        elif isinstance(item, Symbol | Own):
            join_outer(m, item, node)


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


def join_thread(m: Machine, number: int, node: f.Node, implied: bool, given: frozenset[int] = frozenset()) -> None:
    if number in m.state.finished:
        return
    waiting = dict.fromkeys(m.drained_by.get(number, ()))
    alive = tuple(
        (channel, tuple(owner for owner in owners(m, channel, m.state) if owner.handle not in given))
        for channel in waiting
    )
    m.joins.append(Join(number, m.span(node), m.thread, alive, implied))
    m.state.live -= {number}


def is_alive(status: Status) -> bool:
    return status == ALIVE
