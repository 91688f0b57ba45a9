"""Handles that are kept in structs: which fields hold a sender beside the thread that waits for it, and what a body
does to the fields it is given from outside: joins of a handle there, senders there that it moves out or replaces.

A caller's fields are symbols here; `fields.py` brings together the body that makes the struct and the one that joins.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts.model import Node
from rustconc_lint.program.interpret.events import Acquire, Bundle, OuterJoin
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE, LEAKED, MAYBE
from rustconc_lint.program.interpret.values import Bag, Own, Parts, Place, Symbol, Value, inside
from rustconc_lint.source import Span

Spot = tuple[tuple[str, ...], str, int]  # the fields that lead to a handle, `Type.field` of the last named one, handle


def release(m: Machine, place: Place) -> None:
    """What the caller has at `place` may be moved out, replaced or dropped here. A parameter by value is no place of
    the caller's: its fate is told by its handle."""
    if place.root[0] != "param" or place in m.state.released:
        return
    if place.fields or all(handle.place != place for handle in m.handles):
        m.state.released |= {place}
        m.released.add(place)


def release_moved(m: Machine, value: Value) -> Value:
    """The value of a place that is used by value: a field of the caller's leaves its place."""
    if isinstance(value, Symbol):
        release(m, value.place)
    return value


def release_lent(m: Machine, value: Value) -> None:
    """Code that is not read is lent a place for changing it: anything may be taken from there. A guard stays: mostly it
    is what it guards that is lent."""
    inner = m.behind(value)
    if inner is None:
        return
    place = m.through(inner)
    release(m, place)
    doubt(m, place, but="guard")


def doubt(m: Machine, place: Place, but: str = "") -> None:
    """What is alive at the place may be gone; handles of the kind `but` are not."""
    for item in inside(m.at(place)):
        if isinstance(item, Own) and m.state.status.get(item.handle) == ALIVE and m.handles[item.handle].kind != but:
            m.state.status[item.handle] = MAYBE


def release_all(m: Machine, arguments: tuple[Value, ...]) -> None:
    """From here on nothing is said of what the caller keeps beside a thread that is asked whether it has ended."""
    for value in arguments:
        inner = m.behind(value)
        if inner is not None:
            m.state.released |= {Place(m.through(inner).root)}


def join_outer(m: Machine, value: Value, span: Span) -> None:
    """A join of what the caller has put into a parameter or its fields."""
    inner = m.behind(value)
    if inner is not None and inner.root[0] == "param":
        m.outer_joins.append(OuterJoin(inner, span, m.state.released))


def note_bundle(m: Machine, value: Value, node: Node) -> None:
    """Remember which sender and which thread's handle have come together in a struct."""
    if not isinstance(value, Parts) or not value.type:
        return
    spots = list(handles_in(value, (), ""))
    threads = [spot for spot in spots if m.handles[spot[2]].kind == "thread"]
    senders = [
        spot for spot in spots if m.handles[spot[2]].kind == "sender" and m.state.status.get(spot[2]) in (ALIVE, LEAKED)
    ]
    for handle, _, number in threads if senders else ():
        thread = m.handles[number].place.root[1]
        for sender, owner, kept in senders:
            drains = [d for d in m.drains if d.thread == thread and d.channel == m.handles[kept].place]
            if drains and not drains[0].feeds_itself:
                m.bundles.append(Bundle(value.type, sender, handle, owner, m.span(node), drains[0]))


def handles_in(value: Value, fields: tuple[str, ...], owner: str) -> Iterator[Spot]:
    """Every handle the value owns, and the fields that lead there."""
    match value:
        case Own(handle=number):
            yield fields, owner, number
        case Parts(items=items, type=path):
            for name, item in items:
                yield from handles_in(item, (*fields, name), f"{path}.{name}" if path else owner)
        case Bag(items=items):
            for item in items:
                yield from handles_in(item, fields, owner)
        case _:
            pass


def record(m: Machine, acquire: Acquire) -> None:
    """Remember an acquisition, and that this path has been through it."""
    m.state.taken |= {len(m.acquires)}
    m.acquires.append(acquire)
