"""Who has the ends of a channel: seen through Arc, Mutex, Option and references, and in which variable."""

from __future__ import annotations

from rustconc_lint.program.interpret.events import Owner
from rustconc_lint.program.interpret.machine import OTHERS, Machine
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, MAYBE, State, Status
from rustconc_lint.program.interpret.values import NOTHING, SHORTENED, Own, Parts, Place, Value, inside, part
from rustconc_lint.source import Span


def channel_of(m: Machine, value: Value) -> Place | None:
    """The channel of the end that a value is or leads to, seen through Arc, Mutex, Option and references."""
    end = end_in(m, value)
    inner = m.behind(value) if end is None else None
    if inner is None:
        return end
    place = m.through(inner)
    end = end_in(m, m.at(place))
    if end is not None:
        return end
    return place if place.root[0] in OTHERS else None


def end_in(m: Machine, value: Value) -> Place | None:
    """The channel of an end that the value owns; not of one that an iterator may end before."""
    found = inside(value)
    if any(isinstance(item, Parts) and part(item, SHORTENED) != NOTHING for item in found):
        return None
    handles = [m.handles[item.handle] for item in found if isinstance(item, Own)]
    return next((handle.place for handle in handles if handle.kind in ("sender", "receiver")), None)


def barrier_of(m: Machine, value: Value) -> Place | None:
    """The barrier that a value is or leads to."""
    inner = m.behind(value)
    place = m.through(inner) if inner is not None else None
    for item in inside(m.at(place) if place is not None else value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "barrier":
            return m.handles[item.handle].place
    return place if place is not None and place.root[0] in ("param", "static") else None


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
