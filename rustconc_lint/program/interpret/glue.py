"""Drop glue: what dies runs its own `Drop::drop`, then its fields die from top to bottom (Reference, "Destructors").

Only of types that may join a thread or take a lock that way. For all others it does not matter in which order handles
end.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.implied import listens, replay_locks
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE
from rustconc_lint.program.interpret.substitute import Call, replay_joins
from rustconc_lint.program.interpret.values import (
    MOVED,
    NOTHING,
    Moved,
    Nothing,
    Own,
    Parts,
    Place,
    Pointer,
    Root,
    inside,
)
from rustconc_lint.program.types import Adt, ArrayTy, SliceTy, TupleTy, Ty

DEEPEST = 6  # structs in structs
NEVER_DROPS = "std::mem::ManuallyDrop"


def drop_root(m: Machine, root: Root) -> None:
    """A variable dies."""
    if root[0] == "slot" and 0 <= int(root[1]) < len(m.typed.slots) and (m.world.joins_on_drop() or listens(m)):
        number = int(root[1])
        slot = m.typed.body.slots[number]
        binding = f.Local(slot.start, slot.start + len(slot.name.encode()), number)
        drop_place(m, Place(root), m.typed.slots[number], binding, 0)


def drop_place(m: Machine, place: Place, ty: Ty, node: f.Node, depth: int) -> None:
    """What is at `place` dies as a value of its type does. node: its variable, or what ends it."""
    value = m.at(place)
    if depth > DEEPEST or isinstance(value, Moved | Nothing | Pointer) or not m.world.acts_when_dropped(ty):
        return
    match ty:
        case TupleTy(items=items):
            drop_fields(m, place, [(str(index), item) for index, item in enumerate(items)], node, depth)
        case ArrayTy(inner=inner) | SliceTy(inner=inner):
            drop_place(m, place.field("[]", ""), inner, node, depth + 1)
        case Adt(path=path, args=args) if path != NEVER_DROPS:
            function = m.world.drop_of(path)
            if function is not None:
                run_drop(m, place, ty, function, node)
            drop_fields(m, place, m.world.fields(ty), node, depth)
            for arg in m.world.owned(path, args) if not m.world.fields(ty) else ():
                elements = not isinstance(arg, SliceTy) and m.at(place.field("[]", "")) != NOTHING
                holder = place.field("[]", "") if elements else place
                drop_place(m, holder, arg, node, depth + 1)
        case _:
            pass


def drop_fields(m: Machine, place: Place, fields: Iterable[tuple[str, Ty]], node: f.Node, depth: int) -> None:
    """Each field dies before the next one does."""
    whole = m.at(place)
    for name, ty in fields:
        inner = place if isinstance(whole, Own) else place.field(name, "")
        drop_place(m, inner, ty, node, depth + 1)
        m.drop(m.at(inner))
        m.write(inner, MOVED)


def run_drop(m: Machine, place: Place, ty: Adt, function: Definition, node: f.Node) -> None:
    """What the type's own `Drop::drop` joins and moves out, and the locks that it takes."""
    locks = listens(m) and lives(m, place, ty)
    if not (locks or m.world.joins_on_drop()) or not m.state.reachable:
        return
    trace = m.world.summary(function, locks, True)
    if trace is not None and locks:
        replay_locks(Call(m, node, "Drop::drop", always(trace), (Pointer(place),)))
    if trace is not None and trace.outer_joins:
        replay_joins(Call(m, m.typed.body.value, function.name, trace, (Pointer(place),)), dropped=True)


def always(trace: Trace) -> Trace:
    """The trace with those locks only that are taken on every path: a `Drop` may be disarmed by a flag, or emptied."""
    taken = tuple(one for index, one in enumerate(trace.acquires) if one.sure and index in trace.surely)
    return msgspec.structs.replace(trace, acquires=taken, surely=frozenset(range(len(taken))))


def lives(m: Machine, place: Place, ty: Adt) -> bool:
    """Whether the place holds a value of the type on every path, and not a share, an end or a collection of some."""
    value = m.at(place)
    owned = [item.handle for item in inside(value) if isinstance(item, Own)]
    if isinstance(value, Own):
        known = m.handles[value.handle].kind == "content" and not place.fields
        known = known and place.root[0] == "slot" and m.typed.slots[int(place.root[1])] == ty
    else:
        known = isinstance(value, Parts) and value.type == ty.path
    return known and all(m.state.status.get(handle) == ALIVE for handle in owned)
