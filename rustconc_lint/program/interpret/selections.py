"""Selectors: values to which operations on channels are given, and which wait until one of them can be done.

What a selector has been given is kept in it as references to the ends. It waits for ever where none of the operations
can ever be done: nothing comes for a receiver, and for a sender there is no room.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.closures import run_now
from rustconc_lint.program.interpret.incidents import Full, Shortage
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.supply import overflow, shortage
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Own,
    Parts,
    Place,
    Pointer,
    Value,
    flat,
    joined,
    part,
    with_part,
)

GIVEN = "[]"


def offer(m: Machine, arguments: tuple[Value, ...]) -> Value:
    """`select.recv(&rx)`, `selector.recv(&rx, |m| ..)`: what it is given it keeps; by value, it is returned."""
    selector, end = arguments[0], arguments[1]
    for further in arguments[2:]:
        if isinstance(further, Code):
            run_now(m, further)
        else:
            m.escape(further)
    if not isinstance(selector, Pointer):
        return with_part(selector, GIVEN, joined(part(selector, GIVEN), end))
    place = m.through(selector.place)
    held = m.at(place)
    m.write(place, with_part(held, GIVEN, joined(part(held, GIVEN), end)))
    return NOTHING


def choose(m: Machine, expr: f.Node, selector: Value) -> None:
    """Wait until one of the given operations can be done."""
    held = m.at(m.through(selector.place)) if isinstance(selector, Pointer) else selector
    if m.thread != 0 or m.cancellable or not isinstance(held, Parts):
        return
    if isinstance(selector, Pointer) and is_lent(m, m.through(selector.place)):
        return
    wait_for_one(m, expr, flat(part(held, GIVEN)))


def wait_for_one(m: Machine, expr: f.Node, ends: list[Value]) -> None:
    """Wait for a message or for room at one of the ends, each a reference."""
    if m.thread != 0 or m.cancellable:
        return
    stuck = [waits(m, expr, end) for end in ends]
    missing = [one for one in stuck if isinstance(one, Shortage)]
    full = [one for one in stuck if isinstance(one, Full)]
    if len(missing) + len(full) < len(stuck):
        return
    if missing:
        m.incidents.shortages.append(msgspec.structs.replace(missing[0], beside=tuple(missing[1:])))
    elif full:
        m.incidents.full.append(full[0])


def is_lent(m: Machine, place: Place) -> bool:
    """Whether anything but methods of known crates may have given an operation to the selector at the place."""
    body = m.typed.body.value
    called = 0
    for node in f.nodes(body):
        if isinstance(node, f.Method) and isinstance(node.receiver, f.Local) and node.receiver.slot == place.root[1]:
            callee = m.typed.calls.get(id(node))
            called += callee is not None and callee.definition.module.crate.api
    uses = sum(isinstance(node, f.Local) and node.slot == place.root[1] for node in f.nodes(body))
    return place.root[0] != "slot" or bool(place.fields) or called < uses


def waits(m: Machine, expr: f.Node, end: Value) -> Shortage | Full | None:
    """Why the operation on that end cannot be done, as far as it is known."""
    owned = m.at(m.through(end.place)) if isinstance(end, Pointer) else NOTHING
    if not isinstance(owned, Own):
        return None
    handle = m.handles[owned.handle]
    if handle.kind == "receiver":
        return shortage(m, handle.place, m.state.tally, m.span(expr), None, 1)
    return overflow(m, handle.place, m.state.tally, m.span(expr), None, 1) if handle.kind == "sender" else None
