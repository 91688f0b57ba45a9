"""What a value holds, behind a reference to it: elements and contents that are put in, taken out, or perhaps gone."""

from __future__ import annotations

from rustconc_lint.program.interpret.kept import doubt, release_moved
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Bag,
    Moved,
    Own,
    Place,
    Pointer,
    Shared,
    Symbol,
    Value,
    bag,
    flat,
    inside,
    joined,
    owns,
    part,
    with_part,
)


def senders_alike(m: Machine, elements: Value) -> list[Value]:
    """The elements of a collection that has nothing but live senders of one channel: which is which does not matter."""
    handles = [item.handle for item in flat(elements) if isinstance(item, Own)]
    places = {m.handles[handle].place for handle in handles if m.handles[handle].kind == "sender"}
    alive = all(m.state.status.get(handle) == ALIVE for handle in handles)
    return flat(elements) if len(places) == 1 and alive and len(handles) == len(flat(elements)) else []


def thin(m: Machine, place: Place | None) -> None:
    """Some of what the place holds may be gone."""
    if place is None:
        return
    for item in inside(m.at(place)):
        release_moved(m, item)
    doubt(m, place)


def take_contents(m: Machine, arguments: tuple[Value, ...]) -> Value | None:
    """`take()`, `mem::replace(&mut x, y)`, `drain(..)`: the contents leave their place; None when it is not known."""
    if not arguments or not isinstance(arguments[0], Pointer):
        return None
    place = arguments[0].place
    taken = m.at(place)
    if isinstance(taken, Symbol):
        m.escape(bag(list(arguments[1:])))
        m.state.assigned |= {(m.through(place), True)}
        return release_moved(m, taken)
    m.write(place, bag(list(arguments[1:])))
    return NOTHING if isinstance(taken, Moved) else taken


def put_away(m: Machine, place: Place, stored: Value) -> bool:
    """`insert`, `push`, `set`: what a method is given by value stays in its receiver; False for an end of a channel."""
    holder = m.at(place)
    if isinstance(holder, Own) or not owns(stored):
        return False
    if isinstance(holder, Symbol) or is_one_of_several(m, place):
        m.escape(stored)
    else:
        m.write(place, with_part(holder, "[]", joined(part(holder, "[]"), stored)))
    return True


def is_one_of_several(m: Machine, place: Place) -> bool:
    """Whether it is not known which place this is: the way to it goes through one of several references."""
    way = (m.at(Place(place.root, place.fields[:length], place.owner)) for length in range(len(place.fields) + 1))
    items = (item for value in way if isinstance(value, Bag) for item in flat(value))
    return any(isinstance(item, Symbol | Pointer | Shared) for item in items)
